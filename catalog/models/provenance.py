"""Every described field keeps one value per source; the strongest source is shown and a person's word wins."""

from django.db import models

from catalog.models.datasets import Column, Dataset


class Source(models.TextChoices):
    """Who said it, weakest first; `catalog.provenance.STRENGTH` orders them."""

    WAREHOUSE = "warehouse", "Warehouse"
    OPENLINEAGE = "openlineage", "OpenLineage"
    DBT = "dbt", "dbt"
    CONTRACT = "contract", "Contract"
    CONFIGURATION = "configuration", "Configuration"
    PERSON = "person", "Person"


class FieldValue(models.Model):
    """What one source says about one field of a dataset or of one of its columns. `column` null: the dataset."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    column = models.ForeignKey(
        Column, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    field = models.CharField(max_length=40)
    source = models.CharField(max_length=20, choices=Source.choices)
    value = models.JSONField()
    said_by = models.CharField(
        max_length=200, blank=True, help_text="A name, when a person said it."
    )
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "column", "field", "source"],
                nulls_distinct=False,
                name="one_value_per_source",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id}.{self.field} by {self.source}"


class FieldChange(models.Model):
    """History: one row each time a source changed what it says."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    column = models.ForeignKey(
        Column, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    field = models.CharField(max_length=40)
    source = models.CharField(max_length=20, choices=Source.choices)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    said_by = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-id"]
        indexes = [models.Index(fields=["dataset", "-changed_at"], name="fieldchange_by_dataset")]

    def __str__(self) -> str:
        return f"{self.dataset_id}.{self.field} at {self.changed_at:%Y-%m-%d}"
