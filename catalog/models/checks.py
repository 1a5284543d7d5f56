"""What must hold for a dataset, and whether it did the last time somebody looked."""

from django.db import models

from catalog.models.datasets import Dataset


class CheckStatus(models.TextChoices):
    """The outcome of one look."""

    PASS = "pass", "Passed"
    WARN = "warn", "Warned"
    FAIL = "fail", "Failed"
    ERROR = "error", "Could not run"
    SKIPPED = "skipped", "Skipped"


class Check(models.Model):
    """A claim about a dataset. `key` is stable within its source (a dbt unique id, or a digest of the definition).

    `definition` is `{kind: unique|not_null|accepted_values|relationships|sql|..., ...}`; the last result is kept beside it.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="checks")
    source = models.CharField(max_length=20)
    key = models.CharField(max_length=500)
    name = models.CharField(max_length=300)
    column_name = models.CharField(max_length=255, blank=True)
    description = models.TextField(blank=True)
    definition = models.JSONField(default=dict)
    severity = models.CharField(max_length=10, default="error")
    last_status = models.CharField(max_length=10, choices=CheckStatus.choices, blank=True)
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_failures = models.BigIntegerField(null=True, blank=True)
    last_message = models.TextField(blank=True)

    class Meta:
        ordering = ["dataset", "column_name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "source", "key"], name="one_check_per_key")
        ]

    def __str__(self) -> str:
        return self.name


class CheckResult(models.Model):
    """One look at one check."""

    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="results")
    status = models.CharField(max_length=10, choices=CheckStatus.choices)
    failures = models.BigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    run_at = models.DateTimeField()

    class Meta:
        ordering = ["-run_at"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "run_at"], name="one_result_per_run")
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id} {self.status}"
