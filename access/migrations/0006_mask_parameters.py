"""Masks take parameters, and remember which type the engine said comes out of an expression.

Both have defaults in the database, so that the version before this one keeps writing masks.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0005_use_per_clause")]

    operations = [
        migrations.AddField(
            "columnmask", "options", models.JSONField(blank=True, db_default={}, default=dict)
        ),
        migrations.AddField(
            "columnmask", "type", models.TextField(blank=True, db_default="", default="")
        ),
    ]
