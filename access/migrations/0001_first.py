"""The tables of the room."""

import datetime
import uuid

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import access.models.requests
from catalog.migrations._together import CreateTogether


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("catalog", "0001_first"),
    ]

    operations = [
        CreateTogether(
            [
                migrations.CreateModel(
                    name="AuditCheckpoint",
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
                        ("last_id", models.BigIntegerField(unique=True)),
                        ("head", models.CharField(max_length=64)),
                        (
                            "n_events",
                            models.BigIntegerField(
                                help_text="All events up to here, those of earlier checkpoints too."
                            ),
                        ),
                        (
                            "until",
                            models.DateTimeField(help_text="When the last of them was recorded."),
                        ),
                        ("made_at", models.DateTimeField()),
                        ("signature", models.CharField(max_length=64)),
                    ],
                    options={
                        "ordering": ["last_id"],
                    },
                ),
                migrations.CreateModel(
                    name="AuditSeal",
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
                        ("first_id", models.BigIntegerField(unique=True)),
                        ("last_id", models.BigIntegerField(unique=True)),
                        ("n_events", models.PositiveIntegerField()),
                        ("previous_head", models.CharField(max_length=64, unique=True)),
                        ("head", models.CharField(max_length=64, unique=True)),
                        ("sealed_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["last_id"],
                    },
                ),
                migrations.CreateModel(
                    name="SweepRun",
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
                        ("as_of", models.DateTimeField()),
                        ("started_at", models.DateTimeField()),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("counts", models.JSONField(default=dict)),
                        ("stopped", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ["-started_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Team",
                    fields=[],
                    options={
                        "ordering": ["name"],
                        "proxy": True,
                        "indexes": [],
                        "constraints": [],
                    },
                    bases=("auth.group",),
                    managers=[
                        ("objects", django.contrib.auth.models.GroupManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="Principal",
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
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={
                                    "unique": "A user with that username already exists."
                                },
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[
                                    django.contrib.auth.validators.UnicodeUsernameValidator()
                                ],
                                verbose_name="username",
                            ),
                        ),
                        (
                            "first_name",
                            models.CharField(blank=True, max_length=150, verbose_name="first name"),
                        ),
                        (
                            "last_name",
                            models.CharField(blank=True, max_length=150, verbose_name="last name"),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="email address"
                            ),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="date joined"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("person", "Person"), ("service", "Service account")],
                                default="person",
                                max_length=10,
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                blank=True, help_text="As people say it.", max_length=200
                            ),
                        ),
                        ("deactivated_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["username"],
                    },
                    managers=[
                        ("objects", django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="AccessRequest",
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
                                choices=[("access", "Access"), ("renewal", "Renewal")],
                                default="access",
                                max_length=10,
                            ),
                        ),
                        (
                            "columns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                null=True,
                                size=None,
                            ),
                        ),
                        (
                            "unmasked",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("purpose", models.TextField()),
                        ("duration", models.DurationField()),
                        ("starts_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "origin",
                            models.CharField(
                                blank=True,
                                help_text="The surface it was asked from.",
                                max_length=40,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "Waiting for a decision"),
                                    ("approved", "Approved"),
                                    ("denied", "Denied"),
                                    ("withdrawn", "Withdrawn"),
                                    ("lapsed", "Lapsed"),
                                    ("superseded", "Superseded"),
                                ],
                                default="pending",
                                max_length=12,
                            ),
                        ),
                        ("stage", models.PositiveSmallIntegerField(default=1)),
                        (
                            "stages",
                            models.JSONField(
                                db_default=models.Value([], models.JSONField()), default=list
                            ),
                        ),
                        (
                            "waits_for",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=160),
                                db_default=models.Value(
                                    ["stewards"],
                                    django.contrib.postgres.fields.ArrayField(
                                        base_field=models.CharField(max_length=160), size=None
                                    ),
                                ),
                                default=access.models.requests._by_stewards,
                                size=None,
                            ),
                        ),
                        ("content_hash", models.CharField(max_length=64)),
                        ("submitted_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("escalated_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "escalation",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (0, "Nobody else yet"),
                                    (1, "The delegates of those who decide"),
                                    (2, "The stewards of the domain"),
                                    (3, "The administrators"),
                                ],
                                db_default=0,
                                default=0,
                            ),
                        ),
                        ("quiet_since", models.DateTimeField(blank=True, null=True)),
                        ("paused_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "paused",
                            models.DurationField(
                                db_default=datetime.timedelta(0), default=datetime.timedelta
                            ),
                        ),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                        (
                            "principal",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "requester",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-submitted_at", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalRule",
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
                            "sensitivity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("public", "Public"),
                                    ("internal", "Internal"),
                                    ("confidential", "Confidential"),
                                    ("restricted", "Restricted"),
                                ],
                                max_length=12,
                                null=True,
                                unique=True,
                            ),
                        ),
                        ("stages", models.JSONField(blank=True, null=True)),
                        ("longest", models.DurationField(blank=True, null=True)),
                        ("auto_approve", models.JSONField(blank=True, null=True)),
                        ("responders", models.JSONField(blank=True, null=True)),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, help_text="Moves with every change."
                            ),
                        ),
                        (
                            "dataset",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                        (
                            "domain",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.domain",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("kind", models.CharField(max_length=60)),
                        ("actor_label", models.CharField(max_length=200)),
                        ("subject", models.CharField(blank=True, max_length=200)),
                        ("dataset", models.CharField(blank=True, max_length=600)),
                        ("reason", models.TextField(blank=True)),
                        ("data", models.JSONField(default=dict)),
                        ("digest", models.CharField(blank=True, editable=False, max_length=64)),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Campaign",
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
                        ("name", models.CharField(max_length=120)),
                        ("scope", models.CharField(max_length=620)),
                        ("n_items", models.PositiveIntegerField()),
                        ("opens_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("evidence_at", models.DateTimeField()),
                        ("reminded_at", models.DateTimeField(blank=True, null=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "opener",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-opens_at", "-pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ClockMark",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="one_clock")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DatasetPolicy",
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
                            "rows",
                            models.TextField(
                                blank=True, help_text="A filter that holds for every grantee."
                            ),
                        ),
                        ("unused_after", models.DurationField(blank=True, null=True)),
                        ("broken_at", models.DateTimeField(blank=True, null=True)),
                        ("broken_reason", models.TextField(blank=True)),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, help_text="Moves with every change."
                            ),
                        ),
                        (
                            "dataset",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="ColumnMask",
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
                        ("column_name", models.CharField(max_length=255)),
                        ("kind", models.CharField(max_length=20)),
                        ("sql", models.TextField(blank=True)),
                        ("options", models.JSONField(blank=True, db_default={}, default=dict)),
                        ("type", models.TextField(blank=True, db_default="", default="")),
                        (
                            "policy",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="masks",
                                to="access.datasetpolicy",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["column_name"],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
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
                                    ("person", "A steward"),
                                    ("rule", "An approval rule"),
                                    ("configuration", "Configuration"),
                                    ("restore", "Restored after revocation for lack of use"),
                                    ("break_glass", "Break-glass"),
                                ],
                                max_length=15,
                            ),
                        ),
                        ("approves", models.BooleanField()),
                        (
                            "columns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                null=True,
                                size=None,
                            ),
                        ),
                        (
                            "unmasked",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("rows", models.TextField(blank=True)),
                        ("duration", models.DurationField(blank=True, null=True)),
                        ("reason", models.TextField(blank=True)),
                        ("decided_at", models.DateTimeField()),
                        (
                            "decider",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "on_behalf_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "request",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="decision",
                                to="access.accessrequest",
                            ),
                        ),
                        (
                            "requester",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-decided_at", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Delegation",
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
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        (
                            "ended_at",
                            models.DateTimeField(
                                blank=True, help_text="When it was ended early.", null=True
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300)),
                        ("created_at", models.DateTimeField()),
                        (
                            "delegate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "delegator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["starts_at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Endpoint",
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
                        ("name", models.CharField(max_length=63)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("generic", "Signed JSON"),
                                    ("slack", "Slack"),
                                    ("teams", "Microsoft Teams"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("address", models.TextField()),
                        (
                            "host",
                            models.CharField(
                                blank=True,
                                help_text="What people see of the address.",
                                max_length=255,
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "secrets",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=500),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("secret_version", models.PositiveIntegerField(default=1)),
                        ("rotated_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "kinds",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=60),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "domains",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=63),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("includes_hidden", models.BooleanField(default=False)),
                        ("created_at", models.DateTimeField()),
                        ("failing_since", models.DateTimeField(blank=True, null=True)),
                        ("resting_until", models.DateTimeField(blank=True, null=True)),
                        ("n_failures", models.PositiveIntegerField(default=0)),
                        ("last_sent_at", models.DateTimeField(blank=True, null=True)),
                        ("last_error", models.CharField(blank=True, max_length=100)),
                        ("disabled_at", models.DateTimeField(blank=True, null=True)),
                        ("disabled_reason", models.CharField(blank=True, max_length=200)),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Grant",
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
                        ("purpose", models.TextField()),
                        (
                            "columns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                null=True,
                                size=None,
                            ),
                        ),
                        (
                            "unmasked",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("masks", models.JSONField(blank=True, default=dict)),
                        ("rows", models.TextField(blank=True)),
                        ("starts_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("suspended_at", models.DateTimeField(blank=True, null=True)),
                        ("suspend_reason", models.TextField(blank=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "end_reason",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("expired", "Expired"),
                                    ("returned", "Returned by its holder"),
                                    ("revoked", "Revoked"),
                                    ("unused", "Not used"),
                                    ("left", "Its holder left"),
                                    ("replaced", "Replaced by another grant"),
                                    ("configuration", "Removed from the configuration"),
                                ],
                                max_length=15,
                            ),
                        ),
                        ("end_note", models.TextField(blank=True)),
                        (
                            "warned_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When the holder was told it would end for lack of use.",
                                null=True,
                            ),
                        ),
                        (
                            "revoke_due_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="When it ends for lack of use unless it is used before.",
                                null=True,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                        (
                            "decision",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.decision",
                            ),
                        ),
                        (
                            "principal",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "restored_from",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.grant",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.team",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-starts_at", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Exemption",
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
                        ("reason", models.TextField()),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.grant",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["ends_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Exclusion",
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
                        ("warned_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("excluded_at", models.DateTimeField(blank=True, null=True)),
                        ("reason", models.TextField(blank=True)),
                        ("lifted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.grant",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-warned_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Dormancy",
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
                        ("since", models.DateTimeField()),
                        ("reason", models.TextField()),
                        ("sensitivity", models.CharField(max_length=12)),
                        ("policy_version", models.PositiveIntegerField()),
                        ("woken_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "woken_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.grant",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-since"],
                    },
                ),
                migrations.CreateModel(
                    name="CampaignItem",
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
                        ("priority", models.PositiveSmallIntegerField(default=0)),
                        (
                            "recommended",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("keep", "Keep"),
                                    ("narrow", "Narrow"),
                                    ("revoke", "Revoke"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("because", models.TextField()),
                        (
                            "findings",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "unused",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "verdict",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("keep", "Keep"),
                                    ("narrow", "Narrow"),
                                    ("revoke", "Revoke"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("reason", models.TextField(blank=True)),
                        (
                            "columns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                        ("carried_out_at", models.DateTimeField(blank=True, null=True)),
                        ("suspended_at", models.DateTimeField(blank=True, null=True)),
                        ("moot_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "campaign",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.campaign",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "on_behalf_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.grant",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-priority", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="BreakGlassReview",
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
                        ("due_at", models.DateTimeField()),
                        ("overdue_told_at", models.DateTimeField(blank=True, null=True)),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                        ("is_justified", models.BooleanField(blank=True, null=True)),
                        ("note", models.TextField(blank=True)),
                        (
                            "responder",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reviewer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "grant",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.grant",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["due_at", "pk"],
                    },
                ),
                migrations.AddField(
                    model_name="accessrequest",
                    name="grant",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.grant",
                    ),
                ),
                migrations.CreateModel(
                    name="GrantUse",
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
                        ("day", models.DateField()),
                        ("column_name", models.CharField(blank=True, max_length=255)),
                        ("n_queries", models.PositiveIntegerField(default=0)),
                        ("n_starred", models.PositiveIntegerField(default=0)),
                        ("n_selected", models.PositiveIntegerField(db_default=0, default=0)),
                        ("n_filtered", models.PositiveIntegerField(db_default=0, default=0)),
                        ("n_joined", models.PositiveIntegerField(db_default=0, default=0)),
                        ("n_grouped", models.PositiveIntegerField(db_default=0, default=0)),
                        ("n_ordered", models.PositiveIntegerField(db_default=0, default=0)),
                        ("rows", models.BigIntegerField(default=0)),
                        ("bytes_sent", models.BigIntegerField(default=0)),
                        ("last_used_at", models.DateTimeField()),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="access.grant",
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
                ),
                migrations.CreateModel(
                    name="GrantVersion",
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
                        ("until", models.DateTimeField()),
                        (
                            "columns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                null=True,
                                size=None,
                            ),
                        ),
                        (
                            "unmasked",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("expires_at", models.DateTimeField()),
                        ("suspended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "grant",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="access.grant",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["until", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Letter",
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
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("created_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("claimed_until", models.DateTimeField(blank=True, null=True)),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        ("quarantined_at", models.DateTimeField(blank=True, null=True)),
                        ("last_error", models.CharField(blank=True, max_length=100)),
                        (
                            "digest_day",
                            models.DateField(
                                blank=True,
                                help_text="In the recipient's zone; empty for a mail at once.",
                                null=True,
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
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
                        ("kind", models.CharField(max_length=60)),
                        ("subject", models.CharField(max_length=200)),
                        ("body", models.TextField()),
                        ("link", models.CharField(blank=True, max_length=300)),
                        ("dedupe_key", models.CharField(max_length=200, unique=True)),
                        ("created_at", models.DateTimeField()),
                        ("mailed_at", models.DateTimeField(blank=True, null=True)),
                        ("read_at", models.DateTimeField(blank=True, null=True)),
                        ("routed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "by_mail",
                            models.CharField(
                                blank=True,
                                choices=[("at_once", "At once"), ("digest", "In the daily digest")],
                                db_default="",
                                default="",
                                max_length=10,
                            ),
                        ),
                        ("mail_due_at", models.DateTimeField(blank=True, null=True)),
                        ("is_muted", models.BooleanField(db_default=False, default=False)),
                        (
                            "letter",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="notices",
                                to="access.letter",
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="DecisionLink",
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
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("used_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="access.accessrequest",
                            ),
                        ),
                        (
                            "notice",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="access.notice",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="OutboxMessage",
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
                        ("kind", models.CharField(max_length=60)),
                        ("payload", models.JSONField(default=dict)),
                        ("dedupe_key", models.CharField(max_length=200, unique=True)),
                        ("created_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("delivered_at", models.DateTimeField(blank=True, null=True)),
                        ("quarantined_at", models.DateTimeField(blank=True, null=True)),
                        ("last_error", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "ordering": ["id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("delivered_at__isnull", True), ("quarantined_at__isnull", True)
                                ),
                                fields=["due_at", "id"],
                                name="outbox_waiting",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Post",
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
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("created_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("claimed_until", models.DateTimeField(blank=True, null=True)),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        ("quarantined_at", models.DateTimeField(blank=True, null=True)),
                        ("last_error", models.CharField(blank=True, max_length=100)),
                        (
                            "event",
                            models.CharField(
                                help_text="The same for everybody who is told of it.", max_length=64
                            ),
                        ),
                        (
                            "audience",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=160), default=list, size=None
                            ),
                        ),
                        (
                            "endpoint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="posts",
                                to="access.endpoint",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="access.notice",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="QueryRecord",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
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
                        ("purpose", models.TextField(blank=True)),
                        ("sql", models.TextField()),
                        (
                            "schema_name",
                            models.CharField(blank=True, db_default="", max_length=255),
                        ),
                        ("fingerprint", models.CharField(blank=True, max_length=64)),
                        (
                            "datasets",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=600),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "columns",
                            models.JSONField(
                                blank=True, default=dict, help_text="{dataset: [base columns]}"
                            ),
                        ),
                        (
                            "grants",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        (
                            "credits",
                            models.JSONField(
                                blank=True,
                                db_default=models.Value({}, models.JSONField()),
                                default=dict,
                                help_text="{grant: {base column: [clauses it stood in]}}",
                            ),
                        ),
                        ("seen_as", models.CharField(blank=True, db_default="", max_length=200)),
                        ("started_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        ("counted_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("rows", models.BigIntegerField(blank=True, null=True)),
                        ("bytes_sent", models.BigIntegerField(blank=True, null=True)),
                        ("duration", models.DurationField(blank=True, null=True)),
                        ("code", models.CharField(blank=True, max_length=40)),
                        (
                            "principal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "warehouse",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="catalog.warehouse",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-started_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Question",
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
                        ("text", models.TextField()),
                        ("asked_at", models.DateTimeField()),
                        ("answer", models.TextField(blank=True)),
                        ("answered_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "asker",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="questions",
                                to="access.accessrequest",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["asked_at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="RightSizing",
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
                            "columns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255), size=None
                            ),
                        ),
                        (
                            "kept",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text="{column: when it was brought back}",
                            ),
                        ),
                        ("reason", models.TextField()),
                        ("proposed_at", models.DateTimeField()),
                        ("mask_due_at", models.DateTimeField()),
                        ("masked_at", models.DateTimeField(blank=True, null=True)),
                        ("drop_due_at", models.DateTimeField(blank=True, null=True)),
                        ("dropped_at", models.DateTimeField(blank=True, null=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "grant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="access.grant",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-proposed_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Stewardship",
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
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                        (
                            "domain",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.domain",
                            ),
                        ),
                    ],
                    options={
                        "permissions": [
                            ("decide", "Decide requests and end grants"),
                            ("describe", "Describe: titles, documentation, deprecation"),
                            ("see_metadata", "Know that it exists and read its metadata"),
                        ],
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="StewardshipTeamPermission",
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
                            "content_object",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="access.stewardship"
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.group"
                            ),
                        ),
                        (
                            "permission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.permission"
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="StewardshipUserPermission",
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
                            "content_object",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="access.stewardship"
                            ),
                        ),
                        (
                            "permission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="auth.permission"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="SweepForecast",
                    fields=[
                        (
                            "id",
                            models.PositiveSmallIntegerField(
                                default=1, primary_key=True, serialize=False
                            ),
                        ),
                        ("as_of", models.DateTimeField()),
                        ("made_at", models.DateTimeField()),
                        ("held", models.JSONField(default=dict)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("id", 1)), name="one_forecast"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TellingChoice",
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
                        ("topic", models.CharField(max_length=30)),
                        (
                            "mail",
                            models.CharField(
                                choices=[
                                    ("at_once", "At once"),
                                    ("digest", "In the daily digest"),
                                    ("in_app", "In the portal only"),
                                    ("never", "Never"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("to_webhooks", models.BooleanField(default=True)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["person", "topic"],
                    },
                ),
                migrations.CreateModel(
                    name="TellingPreference",
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
                            "zone",
                            models.CharField(
                                default="UTC", help_text="As the IANA calls it.", max_length=64
                            ),
                        ),
                        ("digest_hour", models.PositiveSmallIntegerField(default=8)),
                        ("quiet_from", models.TimeField(blank=True, null=True)),
                        ("quiet_until", models.TimeField(blank=True, null=True)),
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="TermsOfUse",
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
                        ("version", models.PositiveIntegerField()),
                        ("text", models.TextField(blank=True)),
                        ("set_at", models.DateTimeField()),
                        (
                            "dataset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="catalog.dataset",
                            ),
                        ),
                        (
                            "set_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["dataset", "-version"],
                    },
                ),
                migrations.CreateModel(
                    name="TermsAcceptance",
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
                        ("accepted_at", models.DateTimeField()),
                        (
                            "principal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "terms",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="acceptances",
                                to="access.termsofuse",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["accepted_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Token",
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
                        ("label", models.CharField(blank=True, max_length=100)),
                        ("prefix", models.CharField(max_length=12)),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                blank=True,
                                default=list,
                                size=None,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "principal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Vote",
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
                        ("stage", models.PositiveSmallIntegerField(db_default=1, default=1)),
                        ("approves", models.BooleanField()),
                        (
                            "columns",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                null=True,
                                size=None,
                            ),
                        ),
                        (
                            "unmasked",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=255),
                                blank=True,
                                null=True,
                                size=None,
                            ),
                        ),
                        ("rows", models.TextField(blank=True)),
                        ("duration", models.DurationField(blank=True, null=True)),
                        ("reason", models.TextField(blank=True)),
                        ("cast_at", models.DateTimeField()),
                        (
                            "on_behalf_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="votes",
                                to="access.accessrequest",
                            ),
                        ),
                        (
                            "voter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["cast_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
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
                        ("team_name", models.CharField(max_length=150)),
                        ("joined_at", models.DateTimeField()),
                        ("left_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "principal",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="access.team",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["joined_at", "id"],
                    },
                ),
                migrations.AddField(
                    model_name="accessrequest",
                    name="team",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access.team",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="principal",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "person"), ("owner__isnull", True)),
                            models.Q(("kind", "service"), ("owner__isnull", False)),
                            _connector="OR",
                        ),
                        name="service_account_has_an_owner",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="principal",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "person"),
                            models.Q(("is_staff", False), ("is_superuser", False)),
                            _connector="OR",
                        ),
                        name="service_account_is_no_administrator",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="approvalrule",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("dataset__isnull", False),
                                ("domain__isnull", True),
                                ("sensitivity__isnull", True),
                            ),
                            models.Q(
                                ("dataset__isnull", True),
                                ("domain__isnull", False),
                                ("sensitivity__isnull", True),
                            ),
                            models.Q(
                                ("dataset__isnull", True),
                                ("domain__isnull", True),
                                ("sensitivity__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="approval_rule_for_one_thing",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="approvalrule",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("stages__isnull", True),
                            models.Q(("stages", []), _negated=True),
                            _connector="OR",
                        ),
                        name="at_least_one_stage",
                    ),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(fields=["kind", "-id"], name="audit_by_kind"),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(fields=["dataset", "-id"], name="audit_by_dataset"),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(fields=["actor", "-id"], name="audit_by_actor"),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(fields=["subject", "-id"], name="audit_by_subject"),
                ),
                migrations.AddIndex(
                    model_name="auditevent",
                    index=models.Index(
                        condition=models.Q(
                            (
                                "kind__in",
                                (
                                    "policy.changed",
                                    "policy.closed",
                                    "policy.broken",
                                    "policy.mended",
                                ),
                            )
                        ),
                        fields=["dataset", "at"],
                        name="audit_of_rules",
                    ),
                ),
                migrations.AddIndex(
                    model_name="campaign",
                    index=models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["due_at"],
                        name="open_campaign_by_due",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="campaign",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("opens_at"))),
                        name="campaign_is_due_after_it_opens",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="campaign",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("scope__regex", "^(domain|dataset|team):.")),
                        name="campaign_has_a_scope",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="campaign",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("scope",),
                        name="one_open_campaign_per_scope",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="columnmask",
                    constraint=models.UniqueConstraint(
                        fields=("policy", "column_name"), name="one_mask_per_column"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="columnmask",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "sql"), models.Q(("sql", ""), _negated=True)),
                            models.Q(models.Q(("kind", "sql"), _negated=True), ("sql", "")),
                            _connector="OR",
                        ),
                        name="mask_is_named_or_sql",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="decision",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("decider__isnull", True),
                            ("requester__isnull", True),
                            ("kind", "restore"),
                            models.Q(("decider", models.F("requester")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_decides_their_own",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="decision",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "person"), _negated=True),
                            ("decider__isnull", False),
                            _connector="OR",
                        ),
                        name="a_steward_decision_names_the_steward",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="decision",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "break_glass"), _negated=True),
                            models.Q(
                                ("approves", True),
                                ("decider__isnull", True),
                                ("duration__lte", datetime.timedelta(seconds=14400)),
                                ("request__isnull", True),
                                ("requester__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="break_glass_is_short_and_says_why",
                    ),
                ),
                migrations.AddIndex(
                    model_name="delegation",
                    index=models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["delegate", "ends_at"],
                        name="delegation_by_delegate",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="delegation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("delegator", models.F("delegate")), _negated=True),
                        name="nobody_is_their_own_delegate",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="delegation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="delegation_ends_after_it_starts",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="endpoint",
                    constraint=models.UniqueConstraint(
                        fields=("owner", "name"),
                        name="one_endpoint_of_a_name",
                        nulls_distinct=False,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="endpoint",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("owner__isnull", True),
                            models.Q(("domains", []), ("includes_hidden", False), ("secrets", [])),
                            _connector="OR",
                        ),
                        name="own_endpoint_sees_its_owners_notices",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="exemption",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("starts_at")),
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("starts_at"),
                                    "+",
                                    models.Value(datetime.timedelta(days=180)),
                                ),
                            ),
                        ),
                        name="exemption_is_not_for_ever",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="exemption",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="exemption_says_why"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="exemption",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("grant",),
                        name="one_exemption_per_grant",
                    ),
                ),
                migrations.AddIndex(
                    model_name="exclusion",
                    index=models.Index(
                        condition=models.Q(("excluded_at__isnull", False), ("lifted_at", None)),
                        fields=["member", "grant"],
                        name="exclusion_by_member",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="exclusion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("warned_at"))),
                        name="exclusion_has_its_grace",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="exclusion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("excluded_at", None),
                            ("excluded_at__gte", models.F("warned_at")),
                            _connector="OR",
                        ),
                        name="member_is_warned_before_left_out",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="exclusion",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("grant", "member"),
                        name="one_exclusion_at_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dormancy",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("woken_at", None)),
                        fields=("grant",),
                        name="one_dormancy_per_grant",
                    ),
                ),
                migrations.AddIndex(
                    model_name="campaignitem",
                    index=models.Index(
                        fields=["campaign", "-priority", "id"], name="item_by_priority"
                    ),
                ),
                migrations.AddIndex(
                    model_name="campaignitem",
                    index=models.Index(
                        condition=models.Q(
                            models.Q(("verdict", ""), _negated=True), ("carried_out_at", None)
                        ),
                        fields=["decided_at"],
                        name="item_to_carry_out",
                    ),
                ),
                migrations.AddIndex(
                    model_name="campaignitem",
                    index=models.Index(fields=["grant"], name="item_by_grant"),
                ),
                migrations.AddConstraint(
                    model_name="campaignitem",
                    constraint=models.UniqueConstraint(
                        fields=("campaign", "grant"), name="grant_is_reviewed_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="campaignitem",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("carried_out_at", None),
                                ("columns", []),
                                ("decided_at", None),
                                ("decided_by", None),
                                ("on_behalf_of", None),
                                ("reason", ""),
                                ("verdict", ""),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("moot_at", None),
                                models.Q(("verdict", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="certification_says_who_and_when",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="campaignitem",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("verdict__in", ["", "keep"]),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="taking_away_says_why",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="campaignitem",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verdict", "narrow"), _negated=True),
                            models.Q(("columns", []), _negated=True),
                            _connector="OR",
                        ),
                        name="narrowing_names_columns",
                    ),
                ),
                migrations.AddIndex(
                    model_name="breakglassreview",
                    index=models.Index(
                        condition=models.Q(("reviewed_at__isnull", True)),
                        fields=["responder", "due_at"],
                        name="open_break_glass_review",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="breakglassreview",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("reviewer__isnull", True),
                            models.Q(("reviewer", models.F("responder")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_reviews_their_own_emergency",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="breakglassreview",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("is_justified__isnull", True),
                                ("note", ""),
                                ("reviewed_at__isnull", True),
                                ("reviewer__isnull", True),
                            ),
                            models.Q(
                                ("is_justified__isnull", False),
                                ("reviewed_at__isnull", False),
                                ("reviewer__isnull", False),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="review_says_who_when_and_what",
                    ),
                ),
                migrations.AddIndex(
                    model_name="grantuse",
                    index=models.Index(fields=["day"], name="use_by_day"),
                ),
                migrations.AddIndex(
                    model_name="grantuse",
                    index=models.Index(fields=["grant", "-last_used_at"], name="use_by_grant"),
                ),
                migrations.AddConstraint(
                    model_name="grantuse",
                    constraint=models.UniqueConstraint(
                        fields=("grant", "principal", "day", "column_name"), name="one_use_per_day"
                    ),
                ),
                migrations.AddIndex(
                    model_name="grantversion",
                    index=models.Index(fields=["grant", "until"], name="version_by_grant"),
                ),
                migrations.AddIndex(
                    model_name="letter",
                    index=models.Index(
                        condition=models.Q(
                            ("quarantined_at__isnull", True), ("sent_at__isnull", True)
                        ),
                        fields=["due_at", "id"],
                        name="letter_waiting",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="letter",
                    constraint=models.UniqueConstraint(
                        fields=("recipient", "digest_day"), name="one_digest_a_day"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="letter",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("sent_at__isnull", True),
                            ("quarantined_at__isnull", True),
                            _connector="OR",
                        ),
                        name="letter_is_sent_or_set_aside",
                    ),
                ),
                migrations.AddIndex(
                    model_name="notice",
                    index=models.Index(
                        fields=["recipient", "-created_at"], name="notice_by_recipient"
                    ),
                ),
                migrations.AddIndex(
                    model_name="notice",
                    index=models.Index(
                        condition=models.Q(("routed_at__isnull", True)),
                        fields=["id"],
                        name="notice_to_route",
                    ),
                ),
                migrations.AddIndex(
                    model_name="notice",
                    index=models.Index(
                        condition=models.Q(
                            ("letter__isnull", True), models.Q(("by_mail", ""), _negated=True)
                        ),
                        fields=["mail_due_at", "recipient"],
                        name="notice_to_mail",
                    ),
                ),
                migrations.AddIndex(
                    model_name="notice",
                    index=models.Index(
                        condition=models.Q(("is_muted", False), ("read_at__isnull", True)),
                        fields=["recipient"],
                        name="notice_unread",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="notice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("by_mail", ""), ("mail_due_at__isnull", False), _connector="OR"
                        ),
                        name="notice_by_mail_has_a_moment",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="decisionlink",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="decision_link_ends",
                    ),
                ),
                migrations.AddIndex(
                    model_name="post",
                    index=models.Index(
                        condition=models.Q(
                            ("quarantined_at__isnull", True), ("sent_at__isnull", True)
                        ),
                        fields=["endpoint", "due_at", "id"],
                        name="post_waiting",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="post",
                    constraint=models.UniqueConstraint(
                        fields=("endpoint", "event"), name="one_post_an_event"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="post",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("sent_at__isnull", True),
                            ("quarantined_at__isnull", True),
                            _connector="OR",
                        ),
                        name="post_is_sent_or_set_aside",
                    ),
                ),
                migrations.AddIndex(
                    model_name="queryrecord",
                    index=models.Index(
                        fields=["principal", "-started_at"], name="query_by_principal"
                    ),
                ),
                migrations.AddIndex(
                    model_name="queryrecord",
                    index=models.Index(fields=["-started_at"], name="query_by_time"),
                ),
                migrations.AddIndex(
                    model_name="queryrecord",
                    index=models.Index(
                        condition=models.Q(
                            ("counted_at__isnull", True), models.Q(("credits", {}), _negated=True)
                        ),
                        fields=["finished_at"],
                        name="query_uncounted",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="question",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="question_asks_something",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="question",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                            ),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="answer_says_who_and_when",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="question",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=("request", "asker"),
                        name="one_open_question_per_person",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rightsizing",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("mask_due_at__gt", models.F("proposed_at"))),
                        name="columns_are_proposed_first",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rightsizing",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("drop_due_at", None), ("masked_at", None)),
                            models.Q(
                                ("drop_due_at__gt", models.F("masked_at")),
                                ("masked_at__gte", models.F("proposed_at")),
                            ),
                            _connector="OR",
                        ),
                        name="masked_columns_have_their_time",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rightsizing",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("dropped_at", None),
                            models.Q(("closed_at__isnull", False), ("masked_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="columns_are_masked_before_dropped",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rightsizing",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("grant",),
                        name="one_right_sizing_at_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="stewardship",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dataset__isnull", False), ("domain__isnull", True)),
                            models.Q(("dataset__isnull", True), ("domain__isnull", False)),
                            _connector="OR",
                        ),
                        name="stewardship_of_one_thing",
                    ),
                ),
                migrations.AlterUniqueTogether(
                    name="stewardshipteampermission",
                    unique_together={("group", "permission", "content_object")},
                ),
                migrations.AlterUniqueTogether(
                    name="stewardshipuserpermission",
                    unique_together={("user", "permission", "content_object")},
                ),
                migrations.AddConstraint(
                    model_name="tellingchoice",
                    constraint=models.UniqueConstraint(
                        fields=("person", "topic"), name="one_choice_a_topic"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tellingchoice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("mail__in", ["at_once", "digest", "in_app", "never"])),
                        name="known_way_of_telling",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tellingchoice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("mail", "never"), ("to_webhooks", True), _negated=True),
                        name="never_is_never",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tellingchoice",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("topic", "emergencies"), _negated=True),
                            ("mail", "at_once"),
                            _connector="OR",
                        ),
                        name="emergencies_are_always_told",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tellingpreference",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("digest_hour__lte", 23)), name="digest_hour_of_a_day"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="tellingpreference",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                            models.Q(
                                ("quiet_from__isnull", False),
                                ("quiet_until__isnull", False),
                                models.Q(("quiet_from", models.F("quiet_until")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="quiet_has_a_start_and_an_end",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="termsofuse",
                    constraint=models.UniqueConstraint(
                        fields=("dataset", "version"), name="one_text_per_version"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="termsofuse",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="terms_count_from_one"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="termsacceptance",
                    constraint=models.UniqueConstraint(
                        fields=("terms", "principal"), name="terms_accepted_once"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="vote",
                    constraint=models.UniqueConstraint(
                        fields=("request", "voter"), name="one_vote_per_person"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="vote",
                    constraint=models.UniqueConstraint(
                        models.F("request"),
                        django.db.models.functions.comparison.Coalesce("on_behalf_of", "voter"),
                        name="one_vote_per_mandate",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="vote",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("on_behalf_of__isnull", True),
                            models.Q(("on_behalf_of", models.F("voter")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_votes_on_their_own_behalf",
                    ),
                ),
                migrations.AddIndex(
                    model_name="membership",
                    index=models.Index(
                        fields=["principal", "team"], name="membership_by_principal"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="membership",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("team", "principal"),
                        name="one_membership_at_once",
                    ),
                ),
                migrations.AddIndex(
                    model_name="grant",
                    index=models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["principal", "dataset"],
                        include=("starts_at", "expires_at", "suspended_at"),
                        name="open_grant_by_principal",
                    ),
                ),
                migrations.AddIndex(
                    model_name="grant",
                    index=models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["team", "dataset"],
                        include=("starts_at", "expires_at", "suspended_at"),
                        name="open_grant_by_team",
                    ),
                ),
                migrations.AddIndex(
                    model_name="grant",
                    index=models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["dataset", "principal"],
                        name="open_grant_by_dataset",
                    ),
                ),
                migrations.AddIndex(
                    model_name="grant",
                    index=models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["expires_at"],
                        name="open_grant_by_expiry",
                    ),
                ),
                migrations.AddIndex(
                    model_name="grant",
                    index=models.Index(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("revoke_due_at__isnull", False)
                        ),
                        fields=["revoke_due_at"],
                        name="open_grant_by_revoke_due",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="grant",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("principal__isnull", False), ("team__isnull", True)),
                            models.Q(("principal__isnull", True), ("team__isnull", False)),
                            _connector="OR",
                        ),
                        name="grant_has_one_holder",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="grant",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("starts_at"))),
                        name="grant_ends_after_it_starts",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="grant",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end_reason", ""), ("ended_at__isnull", True)),
                            models.Q(
                                ("ended_at__isnull", False),
                                models.Q(("end_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="ended_grant_says_why",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="grant",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("principal__isnull", False)
                        ),
                        fields=("principal", "dataset", "purpose"),
                        name="one_open_grant_per_purpose",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="grant",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("team__isnull", False)),
                        fields=("team", "dataset", "purpose"),
                        name="one_open_team_grant_per_purpose",
                    ),
                ),
                migrations.AddIndex(
                    model_name="accessrequest",
                    index=models.Index(fields=["state", "dataset"], name="request_by_state"),
                ),
                migrations.AddIndex(
                    model_name="accessrequest",
                    index=models.Index(
                        fields=["requester", "-submitted_at"], name="request_by_requester"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="accessrequest",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("principal__isnull", False), ("team__isnull", True)),
                            models.Q(("principal__isnull", True), ("team__isnull", False)),
                            _connector="OR",
                        ),
                        name="request_for_one_holder",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="accessrequest",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grant__isnull", True), ("kind", "access")),
                            models.Q(("grant__isnull", False), ("kind", "renewal")),
                            _connector="OR",
                        ),
                        name="renewal_names_its_grant",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="accessrequest",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state", "pending")),
                            models.Q(
                                models.Q(("state", "pending"), _negated=True),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="settled_request_has_its_time",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="accessrequest",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state", "pending")),
                        fields=("principal", "team", "dataset", "content_hash"),
                        name="one_pending_request_alike",
                        nulls_distinct=False,
                    ),
                ),
            ]
        )
    ]
