"""Rules of approval by scope, stages, delegations, questions, terms of use, and emergencies with their review."""

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import access.models.requests


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_mask_parameters"),
        ("catalog", "0005_spark_and_trino"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                    models.PositiveIntegerField(default=1, help_text="Moves with every change."),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BreakGlassReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("overdue_told_at", models.DateTimeField(blank=True, null=True)),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                ("is_justified", models.BooleanField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["due_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
            ],
            options={
                "ordering": ["starts_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["asked_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SweepForecast",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("as_of", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("held", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="TermsAcceptance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("accepted_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["accepted_at"],
            },
        ),
        migrations.CreateModel(
            name="TermsOfUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("text", models.TextField(blank=True)),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["dataset", "-version"],
            },
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="escalation",
            field=models.PositiveSmallIntegerField(
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
        migrations.AddField(
            model_name="accessrequest",
            name="paused",
            field=models.DurationField(
                db_default=datetime.timedelta(0), default=datetime.timedelta
            ),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="paused_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="quiet_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="stages",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="waits_for",
            field=django.contrib.postgres.fields.ArrayField(
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
        migrations.AddField(
            model_name="decision",
            name="on_behalf_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="vote",
            name="on_behalf_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="vote",
            name="stage",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="datasetpolicy",
            name="approvals",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="datasetpolicy",
            name="auto_approve",
            field=models.JSONField(
                blank=True, db_default=models.Value([], models.JSONField()), default=list
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
        migrations.AddField(
            model_name="approvalrule",
            name="dataset",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.dataset",
            ),
        ),
        migrations.AddField(
            model_name="approvalrule",
            name="domain",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.domain",
            ),
        ),
        migrations.AddField(
            model_name="breakglassreview",
            name="grant",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.grant"
            ),
        ),
        migrations.AddField(
            model_name="breakglassreview",
            name="responder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="breakglassreview",
            name="reviewer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="delegate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="delegator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="asker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="questions",
                to="access.accessrequest",
            ),
        ),
        migrations.AddConstraint(
            model_name="sweepforecast",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="one_forecast"),
        ),
        migrations.AddField(
            model_name="termsacceptance",
            name="principal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="termsofuse",
            name="dataset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.dataset"
            ),
        ),
        migrations.AddField(
            model_name="termsofuse",
            name="set_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="termsacceptance",
            name="terms",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="acceptances",
                to="access.termsofuse",
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
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="question_asks_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)
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
    ]
