"""A steward names somebody who decides in their place for a while. Whether it stands is a fact about time."""

from django.db import models
from django.db.models import F, Q

from access.models.principals import Principal


class Delegation(models.Model):
    """`delegate` decides on behalf of `delegator` from `starts_at` until `ends_at`, unless it was ended before."""

    delegator = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    delegate = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was ended early.")
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(delegator=F("delegate")), name="nobody_is_their_own_delegate"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="delegation_ends_after_it_starts"
            ),
        ]
        indexes = [
            models.Index(
                fields=["delegate", "ends_at"],
                condition=Q(ended_at__isnull=True),
                name="delegation_by_delegate",
            )
        ]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.delegator}"
