"""Queries say what they will be credited with, and uses in which clauses a column stood.

What is added has defaults in the database, so that the version before this one keeps writing records; those have no
credits and are counted by it. The index is built without blocking writers, which a transaction could not.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

CLAUSES = ("selected", "filtered", "joined", "grouped", "ordered")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("access", "0004_grants_within_decisions")]

    operations = [
        *(
            migrations.AddField(
                "grantuse", f"n_{clause}", models.PositiveIntegerField(db_default=0, default=0)
            )
            for clause in CLAUSES
        ),
        migrations.AddField(
            "queryrecord",
            "credits",
            models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="{grant: {base column: [clauses it stood in]}}",
            ),
        ),
        migrations.AddField(
            "queryrecord", "seen_as", models.CharField(blank=True, db_default="", max_length=200)
        ),
        migrations.AddField(
            "queryrecord",
            "schema_name",
            models.CharField(blank=True, db_default="", max_length=255),
        ),
        migrations.AddField("queryrecord", "due_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "queryrecord", "counted_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AlterField(
            "queryrecord",
            "surface",
            models.CharField(
                choices=[
                    ("api", "API"),
                    ("workbench", "Workbench"),
                    ("dashboard", "Dashboard"),
                    ("preview", "Preview"),
                    ("check", "Quality check"),
                    ("view_as", "View as"),
                ],
                max_length=12,
            ),
        ),
        AddIndexConcurrently(
            "queryrecord",
            models.Index(
                condition=models.Q(("counted_at__isnull", True), ~models.Q(("credits", {}))),
                fields=["finished_at"],
                name="query_uncounted",
            ),
        ),
    ]
