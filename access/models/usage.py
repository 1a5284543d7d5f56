"""What was really read: one record per query that passed the gate, and evidence per grant, day and base column."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from access.models.grants import Grant
from access.models.principals import Principal
from catalog.models import Warehouse


class Surface(models.TextChoices):
    """Through which door somebody read."""

    API = "api", "API"
    WORKBENCH = "workbench", "Workbench"
    DASHBOARD = "dashboard", "Dashboard"
    PREVIEW = "preview", "Preview"
    CHECK = "check", "Quality check"
    VIEW_AS = "view_as", "View as"
    NATIVE = "native", "Own tools"


class QueryRecord(models.Model):
    """One query at the gate, written before its first byte is delivered and completed afterwards.

    `code` is empty for a delivered result, else the stable code of the refusal or failure. `datasets` and `grants`
    are those that authorised it. `credits` is what will be counted as use and `counted_at` when it was; `due_at` is
    when the query is certainly over, so that a later open record belongs to a process that died. `seen_as` names
    whose view a steward looked through. The text is the person's own; the data that came back is never kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(
        Warehouse, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    surface = models.CharField(max_length=12, choices=Surface.choices)
    purpose = models.TextField(blank=True)
    sql = models.TextField()
    schema_name = models.CharField(max_length=255, blank=True, db_default="")
    fingerprint = models.CharField(max_length=64, blank=True)
    datasets = ArrayField(models.CharField(max_length=600), default=list, blank=True)
    columns = models.JSONField(default=dict, blank=True, help_text="{dataset: [base columns]}")
    grants = ArrayField(models.BigIntegerField(), default=list, blank=True)
    credits = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="{grant: {base column: [clauses it stood in]}}",
    )
    seen_as = models.CharField(max_length=200, blank=True, db_default="")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    rows = models.BigIntegerField(null=True, blank=True)
    bytes_sent = models.BigIntegerField(null=True, blank=True)
    duration = models.DurationField(null=True, blank=True)
    code = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["principal", "-started_at"], name="query_by_principal"),
            models.Index(fields=["-started_at"], name="query_by_time"),
            models.Index(
                fields=["finished_at"],
                name="query_uncounted",
                condition=Q(counted_at__isnull=True) & ~Q(credits={}),
            ),
        ]

    def __str__(self) -> str:
        return f"query {self.id}"


class GrantUse(models.Model):
    """That a grant was used: by whom, on which day (UTC), for which base column, how often.

    `column_name` is empty in the one row per grant, principal and day that counts queries, rows and bytes as a whole.
    `n_starred` counts the reads of a column that came by `select *` alone, which is weak evidence of need; the other
    counts say in how many reads it stood in that clause, and one read may stand in several.
    """

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="+")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    column_name = models.CharField(max_length=255, blank=True)
    n_queries = models.PositiveIntegerField(default=0)
    n_starred = models.PositiveIntegerField(default=0)
    n_selected = models.PositiveIntegerField(default=0, db_default=0)
    n_filtered = models.PositiveIntegerField(default=0, db_default=0)
    n_joined = models.PositiveIntegerField(default=0, db_default=0)
    n_grouped = models.PositiveIntegerField(default=0, db_default=0)
    n_ordered = models.PositiveIntegerField(default=0, db_default=0)
    rows = models.BigIntegerField(default=0)
    bytes_sent = models.BigIntegerField(default=0)
    last_used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "principal", "day", "column_name"], name="one_use_per_day"
            )
        ]
        indexes = [
            models.Index(fields=["day"], name="use_by_day"),
            models.Index(fields=["grant", "-last_used_at"], name="use_by_grant"),
        ]

    def __str__(self) -> str:
        return f"use of {self.grant_id} on {self.day}"
