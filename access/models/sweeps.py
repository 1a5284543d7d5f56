"""The record of each nightly access review: what it did, or why it stopped."""

from django.db import models


class SweepRun(models.Model):
    """One sweep. `counts` is `{expired, warned, revoked, kept, ...}`; `stopped` says in words why it held back."""

    as_of = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    stopped = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"sweep of {self.as_of:%Y-%m-%d %H:%M}"
