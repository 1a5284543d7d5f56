"""The tables of the room."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

from catalog.migrations._together import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="Domain",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.SlugField(max_length=63, unique=True)),
                        ("title", models.CharField(blank=True, max_length=120)),
                        ("description", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="SearchMiss",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("query", models.CharField(max_length=200, unique=True)),
                        ("n_times", models.PositiveIntegerField(default=1)),
                        ("last_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["-n_times"],
                    },
                ),
                migrations.CreateModel(
                    name="Warehouse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                max_length=63,
                                unique=True,
                                validators=[
                                    django.core.validators.RegexValidator(
                                        "^[a-z][a-z0-9_-]*$",
                                        "Use lower-case letters, digits, - and _.",
                                    )
                                ],
                            ),
                        ),
                        ("url", models.CharField(max_length=500)),
                        ("manage", models.CharField(blank=True, default="", max_length=500)),
                        (
                            "engine",
                            models.CharField(
                                choices=[
                                    ("duckdb", "DuckDB"),
                                    ("postgresql", "PostgreSQL"),
                                    ("spark", "Spark"),
                                    ("trino", "Trino"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("described_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Dataset",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("schema_name", models.CharField(max_length=255)),
                        ("table_name", models.CharField(max_length=255)),
                        ("identity", models.CharField(max_length=511)),
                        ("name", models.CharField(max_length=600, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[("table", "Table"), ("view", "View")],
                                default="table",
                                max_length=10,
                            ),
                        ),
                        (
                            "definition",
                            models.TextField(
                                blank=True,
                                help_text="The SQL that makes it, when a source told us.",
                            ),
                        ),
                        ("title", models.CharField(blank=True, max_length=200)),
                        ("description", models.TextField(blank=True)),
                        (
                            "sensitivity",
                            models.CharField(
                                choices=[
                                    ("public", "Public"),
                                    ("internal", "Internal"),
                                    ("confidential", "Confidential"),
                                    ("restricted", "Restricted"),
                                ],
                                default="internal",
                                max_length=20,
                            ),
                        ),
                        (
                            "visibility",
                            models.CharField(
                                choices=[("listed", "Listed"), ("hidden", "Hidden")],
                                default="listed",
                                max_length=10,
                            ),
                        ),
                        (
                            "tags",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=63),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("deprecated_at", models.DateTimeField(blank=True, null=True)),
                        ("deprecation_note", models.TextField(blank=True)),
                        ("freshness_column", models.CharField(blank=True, max_length=255)),
                        ("freshness_within", models.DurationField(blank=True, null=True)),
                        (
                            "data_updated_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When its data last changed, as far as any source told us.",
                                null=True,
                            ),
                        ),
                        ("rows_estimate", models.BigIntegerField(blank=True, null=True)),
                        ("schema_version", models.PositiveIntegerField(default=0)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("updated_at", models.DateTimeField(auto_now=True)),
                        (
                            "missing_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When the warehouse stopped having it.",
                                null=True,
                            ),
                        ),
                        (
                            "popularity",
                            models.PositiveIntegerField(
                                default=0,
                                help_text="People who read it through the gate in the last 30 days.",
                            ),
                        ),
                        (
                            "search_names",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=600),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "search_document",
                            django.contrib.postgres.search.SearchVectorField(blank=True, null=True),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                        (
                            "domain",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="catalog.domain",
                            ),
                        ),
                        (
                            "warehouse",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.warehouse",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Column",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=255)),
                        ("position", models.PositiveIntegerField()),
                        ("type", models.CharField(blank=True, max_length=255)),
                        ("is_nullable", models.BooleanField(default=True)),
                        ("description", models.TextField(blank=True)),
                        (
                            "tags",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=63),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="columns",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position", "name"],
                    },
                ),
                migrations.CreateModel(
                    name="Check",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        ("key", models.CharField(max_length=500)),
                        ("name", models.CharField(max_length=300)),
                        ("column_name", models.CharField(blank=True, max_length=255)),
                        ("description", models.TextField(blank=True)),
                        ("definition", models.JSONField(default=dict)),
                        ("severity", models.CharField(default="error", max_length=10)),
                        (
                            "last_status",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("pass", "Passed"),
                                    ("warn", "Warned"),
                                    ("fail", "Failed"),
                                    ("error", "Could not run"),
                                    ("skipped", "Skipped"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("last_run_at", models.DateTimeField(blank=True, null=True)),
                        ("last_failures", models.BigIntegerField(blank=True, null=True)),
                        ("last_message", models.TextField(blank=True)),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="checks",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["dataset", "column_name", "name"],
                    },
                ),
                migrations.CreateModel(
                    name="Alias",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("dbt", "dbt unique id"),
                                    ("relation", "Relation name"),
                                    ("openlineage", "OpenLineage namespace and name"),
                                    ("contract", "Contract id"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("namespace", models.CharField(blank=True, max_length=500)),
                        ("value", models.CharField(max_length=600)),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="aliases",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["kind", "value"],
                    },
                ),
                migrations.CreateModel(
                    name="Derivation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("resolved", "Resolved"),
                                    ("unresolved", "Could not be followed"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("expression", models.TextField(blank=True)),
                        (
                            "column",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.column",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Exposure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        ("key", models.CharField(max_length=500)),
                        ("name", models.CharField(max_length=200)),
                        ("title", models.CharField(blank=True, max_length=200)),
                        ("kind", models.CharField(blank=True, max_length=40)),
                        ("url", models.URLField(blank=True)),
                        ("description", models.TextField(blank=True)),
                        ("owner_name", models.CharField(blank=True, max_length=200)),
                        ("owner_email", models.EmailField(blank=True, max_length=254)),
                        (
                            "tags",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=63),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "key"), name="one_exposure_per_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExposureInput",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                        (
                            "exposure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="inputs",
                                to="catalog.exposure",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="FieldChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("field", models.CharField(max_length=40)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("warehouse", "Warehouse"),
                                    ("openlineage", "OpenLineage"),
                                    ("dbt", "dbt"),
                                    ("contract", "Contract"),
                                    ("configuration", "Configuration"),
                                    ("person", "Person"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("old", models.JSONField(null=True)),
                        ("new", models.JSONField(null=True)),
                        ("said_by", models.CharField(blank=True, max_length=200)),
                        ("changed_at", models.DateTimeField()),
                        (
                            "column",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.column",
                            ),
                        ),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-changed_at", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="FieldValue",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("field", models.CharField(max_length=40)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("warehouse", "Warehouse"),
                                    ("openlineage", "OpenLineage"),
                                    ("dbt", "dbt"),
                                    ("contract", "Contract"),
                                    ("configuration", "Configuration"),
                                    ("person", "Person"),
                                ],
                                max_length=20,
                            ),
                        ),
                        ("value", models.JSONField()),
                        (
                            "said_by",
                            models.CharField(
                                blank=True,
                                help_text="A name, when a person said it.",
                                max_length=200,
                            ),
                        ),
                        ("said_at", models.DateTimeField()),
                        (
                            "column",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.column",
                            ),
                        ),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="FollowedQuery",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        (
                            "reads",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.TextField(), blank=True, default=list, size=None
                            ),
                        ),
                        ("fingerprint", models.CharField(max_length=64)),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="LineageEdge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        ("job", models.CharField(blank=True, max_length=500)),
                        ("seen_at", models.DateTimeField()),
                        (
                            "downstream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                        (
                            "upstream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="QuarantinedName",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("namespace", models.CharField(max_length=500)),
                        ("name", models.CharField(max_length=600)),
                        ("n_seen", models.PositiveIntegerField(default=1)),
                        ("first_seen_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["-last_seen_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("namespace", "name"), name="one_row_per_unknown_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("run_id", models.CharField(max_length=100)),
                        ("event_type", models.CharField(max_length=40)),
                        ("event_at", models.DateTimeField()),
                        ("job_namespace", models.CharField(max_length=500)),
                        ("job_name", models.CharField(max_length=500)),
                        ("producer", models.CharField(blank=True, max_length=500)),
                        ("payload", models.JSONField()),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("received_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["-event_at", "-id"],
                        "indexes": [
                            models.Index(
                                fields=["job_namespace", "job_name"], name="runevent_by_job"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SchemaVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("columns", models.JSONField()),
                        ("diff", models.JSONField(default=list)),
                        ("source", models.CharField(max_length=20)),
                        ("seen_at", models.DateTimeField()),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["dataset", "-number"],
                    },
                ),
                migrations.CreateModel(
                    name="SearchWord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("word", models.CharField(max_length=100, unique=True)),
                        ("n_datasets", models.PositiveIntegerField(default=0)),
                        (
                            "deletions",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), default=list, size=None
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["deletions"], name="searchword_deletions"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckResult",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pass", "Passed"),
                                    ("warn", "Warned"),
                                    ("fail", "Failed"),
                                    ("error", "Could not run"),
                                    ("skipped", "Skipped"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("failures", models.BigIntegerField(blank=True, null=True)),
                        ("message", models.TextField(blank=True)),
                        ("run_at", models.DateTimeField()),
                        (
                            "check_of",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="results",
                                to="catalog.check",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-run_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("check_of", "run_at"), name="one_result_per_run"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ColumnEdge",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        ("transformation", models.CharField(blank=True, max_length=20)),
                        (
                            "downstream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.column",
                            ),
                        ),
                        (
                            "upstream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.column",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["downstream", "upstream"], name="columnedge_by_downstream"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("upstream", "downstream", "source"),
                                name="one_column_edge_per_source",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("source", models.CharField(max_length=20)),
                        ("name", models.CharField(max_length=200)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("role", models.CharField(default="owner", max_length=63)),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contacts",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["role", "name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("dataset", "source", "role", "name"),
                                name="one_contact_per_source",
                            )
                        ],
                    },
                ),
                migrations.AddConstraint(
                    model_name="column",
                    constraint=models.UniqueConstraint(
                        fields=("dataset", "name"), name="one_column_per_name"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="check",
                    constraint=models.UniqueConstraint(
                        fields=("dataset", "source", "key"), name="one_check_per_key"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="alias",
                    constraint=models.UniqueConstraint(
                        fields=("kind", "namespace", "value"), name="one_dataset_per_alias"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="derivation",
                    constraint=models.UniqueConstraint(
                        fields=("column", "source"), name="one_derivation_per_source"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="exposureinput",
                    constraint=models.UniqueConstraint(
                        fields=("exposure", "dataset"), name="one_input_per_exposure"
                    ),
                ),
                migrations.AddIndex(
                    model_name="fieldchange",
                    index=models.Index(
                        fields=["dataset", "-changed_at"], name="fieldchange_by_dataset"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="fieldvalue",
                    constraint=models.UniqueConstraint(
                        fields=("dataset", "column", "field", "source"),
                        name="one_value_per_source",
                        nulls_distinct=False,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="followedquery",
                    constraint=models.UniqueConstraint(
                        fields=("dataset", "source"), name="one_query_per_source"
                    ),
                ),
                migrations.AddIndex(
                    model_name="lineageedge",
                    index=models.Index(
                        fields=["downstream", "upstream"], name="edge_by_downstream"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="lineageedge",
                    constraint=models.UniqueConstraint(
                        fields=("upstream", "downstream", "source"), name="one_edge_per_source"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="lineageedge",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("upstream", models.F("downstream")), _negated=True),
                        name="edge_joins_two_datasets",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="schemaversion",
                    constraint=models.UniqueConstraint(
                        fields=("dataset", "number"), name="one_schema_per_number"
                    ),
                ),
                migrations.AddIndex(
                    model_name="dataset",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["search_document"], name="dataset_search_document"
                    ),
                ),
                migrations.AddIndex(
                    model_name="dataset",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["search_names"], name="dataset_search_names"
                    ),
                ),
                migrations.AddIndex(
                    model_name="dataset",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["tags"], name="dataset_tags"
                    ),
                ),
                migrations.AddIndex(
                    model_name="dataset",
                    index=models.Index(
                        fields=["-popularity", "name"], name="dataset_by_popularity"
                    ),
                ),
                migrations.AddIndex(
                    model_name="dataset",
                    index=models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Lower("table_name"), "text_pattern_ops"
                        ),
                        name="dataset_by_table",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dataset",
                    constraint=models.UniqueConstraint(
                        fields=("warehouse", "identity"), name="one_dataset_per_table"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dataset",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("successor", models.F("id")), _negated=True),
                        name="dataset_does_not_succeed_itself",
                    ),
                ),
            ]
        )
    ]
