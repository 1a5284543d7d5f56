"""Access taken in an emergency is looked at afterwards: one review for each time a glass was broken."""

from django.db import models
from django.db.models import F, Q

from access.models.grants import Grant
from access.models.principals import Principal


class BreakGlassReview(models.Model):
    """What a steward has to look at after `responder` took access in an emergency, and what they found.

    A review not made by `due_at` suspends the responder's right to break glass until it is made: that follows from
    the dates and needs no task. `overdue_told_at` is when people were told so.
    """

    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="+")
    responder = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    reviewer = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    is_justified = models.BooleanField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("responder")),
                name="nobody_reviews_their_own_emergency",
            ),
            models.CheckConstraint(
                condition=Q(
                    reviewer__isnull=True,
                    reviewed_at__isnull=True,
                    is_justified__isnull=True,
                    note="",
                )
                | (
                    Q(reviewer__isnull=False, reviewed_at__isnull=False, is_justified__isnull=False)
                    & ~Q(note="")
                ),
                name="review_says_who_when_and_what",
            ),
        ]
        indexes = [
            models.Index(
                fields=["responder", "due_at"],
                condition=Q(reviewed_at__isnull=True),
                name="open_break_glass_review",
            )
        ]

    def __str__(self) -> str:
        return f"review of {self.grant}"
