"""Native access: warehouses where people have logins of their own, and what others did to those."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from catalog.migrations._together import CreateTogether


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0009_certification_campaigns"),
        ("catalog", "0001_first"),
    ]

    operations = [
        migrations.AlterField(
            model_name="queryrecord",
            name="surface",
            field=models.CharField(
                choices=[
                    ("api", "API"),
                    ("workbench", "Workbench"),
                    ("dashboard", "Dashboard"),
                    ("preview", "Preview"),
                    ("check", "Quality check"),
                    ("view_as", "View as"),
                    ("native", "Own tools"),
                ],
                max_length=12,
            ),
        ),
        CreateTogether(
            [
                migrations.CreateModel(
                    name="NativeAccess",
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
                        ("mark", models.CharField(max_length=40, unique=True)),
                        ("owner_role", models.CharField(max_length=63, unique=True)),
                        ("is_on", models.BooleanField(default=True)),
                        ("takes_back", models.BooleanField(default=False)),
                        ("host", models.CharField(blank=True, max_length=255)),
                        ("port", models.PositiveIntegerField(blank=True, null=True)),
                        ("switched_at", models.DateTimeField()),
                        ("cleared_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "compared_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When all of it was last found or made as it should be.",
                                null=True,
                            ),
                        ),
                        ("failed_at", models.DateTimeField(blank=True, null=True)),
                        ("failure", models.CharField(blank=True, max_length=300)),
                        (
                            "evidence_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="Until when use in the warehouse is known.",
                                null=True,
                            ),
                        ),
                        ("evidence_failure", models.CharField(blank=True, max_length=300)),
                        (
                            "warehouse",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.warehouse",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["warehouse__name"],
                    },
                ),
                migrations.CreateModel(
                    name="NativeFinding",
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
                        ("key", models.CharField(max_length=40)),
                        ("kind", models.CharField(max_length=20)),
                        ("role", models.CharField(max_length=63)),
                        ("what", models.TextField()),
                        ("found_at", models.DateTimeField()),
                        ("gone_at", models.DateTimeField(blank=True, null=True)),
                        ("was_ours", models.BooleanField(default=False)),
                        (
                            "native",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="access.nativeaccess",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-found_at", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="NativeLogin",
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
                            "role",
                            models.CharField(
                                max_length=63,
                                unique=True,
                                validators=[
                                    django.core.validators.RegexValidator("^[a-z][a-z0-9_]*$")
                                ],
                            ),
                        ),
                        ("opened_at", models.DateTimeField()),
                        (
                            "keyed_at",
                            models.DateTimeField(
                                blank=True, help_text="When its password was last set.", null=True
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("end_reason", models.CharField(blank=True, max_length=200)),
                        ("source", models.CharField(blank=True, max_length=64)),
                        (
                            "missing",
                            models.JSONField(
                                blank=True, default=dict, help_text="{table: why it has no view}"
                            ),
                        ),
                        (
                            "native",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.nativeaccess",
                            ),
                        ),
                        (
                            "principal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["role"],
                    },
                ),
                migrations.CreateModel(
                    name="NativeTally",
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
                            "statement",
                            models.BigIntegerField(
                                help_text="The number PostgreSQL gave the statement."
                            ),
                        ),
                        ("n_calls", models.BigIntegerField()),
                        ("n_rows", models.BigIntegerField()),
                        (
                            "login",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="access.nativelogin",
                            ),
                        ),
                    ],
                ),
                migrations.AddConstraint(
                    model_name="nativeaccess",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("is_on", False), ("cleared_at__isnull", True), _connector="OR"
                        ),
                        name="native_access_is_on_or_cleared",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="nativefinding",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("gone_at", None)),
                        fields=("native", "key"),
                        name="one_finding_at_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="nativelogin",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("native", "principal"),
                        name="one_native_login_at_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="nativelogin",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end_reason", ""), ("ended_at", None)),
                            models.Q(
                                ("ended_at__isnull", False),
                                models.Q(("end_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ended_login_says_why",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="nativetally",
                    constraint=models.UniqueConstraint(
                        fields=("login", "statement"), name="one_tally_per_statement"
                    ),
                ),
            ]
        ),
    ]
