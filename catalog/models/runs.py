"""OpenLineage run events as facts, and the names in them that no dataset answers to yet."""

from django.db import models


class RunEvent(models.Model):
    """One OpenLineage event, kept once however often it is posted."""

    run_id = models.CharField(max_length=100)
    event_type = models.CharField(max_length=40)
    event_at = models.DateTimeField()
    job_namespace = models.CharField(max_length=500)
    job_name = models.CharField(max_length=500)
    producer = models.CharField(max_length=500, blank=True)
    payload = models.JSONField()
    digest = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-event_at", "-id"]
        indexes = [models.Index(fields=["job_namespace", "job_name"], name="runevent_by_job")]

    def __str__(self) -> str:
        return f"{self.job_name} {self.event_type}"


class QuarantinedName(models.Model):
    """A table somebody reported that is in no warehouse we know; it waits here instead of becoming a phantom dataset."""

    namespace = models.CharField(max_length=500)
    name = models.CharField(max_length=600)
    n_seen = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [
            models.UniqueConstraint(fields=["namespace", "name"], name="one_row_per_unknown_name")
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.name}"
