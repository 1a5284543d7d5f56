"""Finds a table by the beginning of its name, however many tables mention the same word."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_followed_query")]

    operations = [
        migrations.AddIndex(
            model_name="dataset",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Lower("table_name"), "text_pattern_ops"
                ),
                name="dataset_by_table",
            ),
        ),
    ]
