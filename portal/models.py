"""What the portal itself keeps: dashboards, what people pinned, and what `apply` created."""

from django.db import models

from access.models import Principal


class Dashboard(models.Model):
    """A dashboard: `definition` holds its filters and tiles as data, each tile a governed query and a figure."""

    name = models.SlugField(max_length=63, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    definition = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class PinnedDashboard(models.Model):
    """A dashboard that somebody keeps on their home page."""

    principal = models.ForeignKey(Principal, on_delete=models.CASCADE, related_name="+")
    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "dashboard"], name="one_pin_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.principal_id} pins {self.dashboard_id}"


class AppliedObject(models.Model):
    """Something `apply` created or took charge of, so that `--prune` removes that and nothing else."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=700)
    fields = models.JSONField(
        default=dict, help_text="What the files said, to tell what they stopped saying."
    )
    applied_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="one_row_per_applied_object")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
