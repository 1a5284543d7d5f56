"""What is made from what: edges between datasets, edges between columns, and the dashboards and models downstream."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from catalog.models.datasets import Column, Dataset


class LineageEdge(models.Model):
    """`downstream` is made from `upstream`, says `source`, in the job `job`."""

    upstream = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    downstream = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=20)
    job = models.CharField(max_length=500, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upstream", "downstream", "source"], name="one_edge_per_source"
            ),
            models.CheckConstraint(
                condition=~Q(upstream=F("downstream")), name="edge_joins_two_datasets"
            ),
        ]
        indexes = [models.Index(fields=["downstream", "upstream"], name="edge_by_downstream")]

    def __str__(self) -> str:
        return f"{self.upstream_id} -> {self.downstream_id}"


class Derivation(models.Model):
    """How one column is computed, once per source, whether or not it has inputs (a literal has none)."""

    class Status(models.TextChoices):
        """Whether the SQL could be followed."""

        RESOLVED = "resolved", "Resolved"
        UNRESOLVED = "unresolved", "Could not be followed"

    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=20)
    status = models.CharField(max_length=12, choices=Status.choices)
    expression = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["column", "source"], name="one_derivation_per_source")
        ]

    def __str__(self) -> str:
        return f"{self.column_id} ({self.status})"


class ColumnEdge(models.Model):
    """`downstream` takes its values from `upstream`; `transformation` is `identity`, `expression` or `aggregation`."""

    upstream = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="+")
    downstream = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=20)
    transformation = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upstream", "downstream", "source"], name="one_column_edge_per_source"
            )
        ]
        indexes = [models.Index(fields=["downstream", "upstream"], name="columnedge_by_downstream")]

    def __str__(self) -> str:
        return f"{self.upstream_id} -> {self.downstream_id}"


class FollowedQuery(models.Model):
    """Which query of a source the stored column lineage of a dataset follows, so that it is not followed twice.

    `reads` are the identities of the tables it reads; `fingerprint` is a digest of its SQL and of the columns of the
    dataset and of those tables. The same fingerprint means the same lineage.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=20)
    reads = ArrayField(models.TextField(), default=list, blank=True)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "source"], name="one_query_per_source")
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} by {self.source}"


class Exposure(models.Model):
    """Something that is made from datasets and used by people: a dashboard, a notebook, a model, an application."""

    source = models.CharField(max_length=20)
    key = models.CharField(max_length=500)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    url = models.URLField(blank=True)
    description = models.TextField(blank=True)
    owner_name = models.CharField(max_length=200, blank=True)
    owner_email = models.EmailField(blank=True)
    tags = ArrayField(models.CharField(max_length=63), default=list, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="one_exposure_per_key")
        ]

    def __str__(self) -> str:
        return self.title or self.name


class ExposureInput(models.Model):
    """An exposure reads a dataset."""

    exposure = models.ForeignKey(Exposure, on_delete=models.CASCADE, related_name="inputs")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exposure", "dataset"], name="one_input_per_exposure")
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} -> {self.exposure_id}"
