"""Who did what, when and why. PostgreSQL refuses to change or remove a row, and batches are sealed in a hash chain.

`digest` is made by a trigger when the row is written; a seal covers every event up to `last_id` and the seal before.
Exporting the heads elsewhere is what makes a cut tail show.
"""

from django.db import models

from access.models.principals import Principal

# What says how a dataset's masks and filters stood at a moment in the past.
RULES = ("policy.changed", "policy.closed", "policy.broken", "policy.mended")


class AuditEvent(models.Model):
    """One fact. `subject` is `kind:id` of what it happened to; `data` holds old and new, never data of a warehouse."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    actor = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_label = models.CharField(max_length=200)
    subject = models.CharField(max_length=200, blank=True)
    dataset = models.CharField(max_length=600, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, editable=False, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "-id"], name="audit_by_kind"),
            models.Index(fields=["dataset", "-id"], name="audit_by_dataset"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["subject", "-id"], name="audit_by_subject"),
            models.Index(
                fields=["dataset", "at"], condition=models.Q(kind__in=RULES), name="audit_of_rules"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.actor_label}"


class AuditSeal(models.Model):
    """The seal of a batch: `head` = SHA-256 over the previous head and the digests of events first_id..last_id."""

    first_id = models.BigIntegerField(unique=True)
    last_id = models.BigIntegerField(unique=True)
    n_events = models.PositiveIntegerField()
    previous_head = models.CharField(max_length=64, unique=True)
    head = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["last_id"]

    def __str__(self) -> str:
        return f"seal of {self.first_id}..{self.last_id}"
