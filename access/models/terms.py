"""Terms of use that an owner wants accepted before somebody reads; every text ever shown is kept with who accepted it."""

from django.db import models
from django.db.models import Q

from access.models.principals import Principal
from catalog.models import Dataset


class TermsOfUse(models.Model):
    """One version of a dataset's terms; an empty text says that none are wanted any more. The newest version holds."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    set_by = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["dataset", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "version"], name="one_text_per_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="terms_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"terms of {self.dataset}, version {self.version}"


class TermsAcceptance(models.Model):
    """Somebody accepted one version of the terms."""

    terms = models.ForeignKey(TermsOfUse, on_delete=models.CASCADE, related_name="acceptances")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()

    class Meta:
        ordering = ["accepted_at"]
        constraints = [
            models.UniqueConstraint(fields=["terms", "principal"], name="terms_accepted_once")
        ]

    def __str__(self) -> str:
        return f"{self.principal} accepted {self.terms}"
