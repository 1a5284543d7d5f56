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


class SweepForecast(models.Model):
    """What the next review was last seen to hold back: the one thing a page cannot work out from its own part.

    `held` is `{doubt, all, datasets: {name: words}}`, words that are empty where nothing is held back.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    as_of = models.DateTimeField()
    made_at = models.DateTimeField()
    held = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_forecast")]

    def __str__(self) -> str:
        return f"forecast of {self.as_of:%Y-%m-%d %H:%M}"
