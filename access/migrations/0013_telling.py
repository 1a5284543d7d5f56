"""Telling by more than mail: letters and digests, webhooks, what people chose, links from mail to a decision."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_policies_without_deciding"),
    ]

    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="TellingChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
            ],
        ),
        migrations.AddField(
            model_name="notice",
            name="by_mail",
            field=models.CharField(
                blank=True,
                choices=[("at_once", "At once"), ("digest", "In the daily digest")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="is_muted",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="notice",
            name="mail_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="routed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="DecisionLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="access.notice",
                    ),
                ),
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
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                        blank=True, help_text="What people see of the address.", max_length=255
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
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
        migrations.AddField(
            model_name="notice",
            name="letter",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="notices",
                to="access.letter",
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
        migrations.AddField(
            model_name="post",
            name="endpoint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="posts",
                to="access.endpoint",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="access.notice"
            ),
        ),
        migrations.AddField(
            model_name="tellingchoice",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tellingpreference",
            name="person",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="decision_link_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="endpoint",
            constraint=models.UniqueConstraint(
                fields=("owner", "name"), name="one_endpoint_of_a_name", nulls_distinct=False
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
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("quarantined_at__isnull", True), ("sent_at__isnull", True)),
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
                    ("sent_at__isnull", True), ("quarantined_at__isnull", True), _connector="OR"
                ),
                name="letter_is_sent_or_set_aside",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("quarantined_at__isnull", True), ("sent_at__isnull", True)),
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
                    ("sent_at__isnull", True), ("quarantined_at__isnull", True), _connector="OR"
                ),
                name="post_is_sent_or_set_aside",
            ),
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
    ]
