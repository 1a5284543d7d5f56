"""What whoever decides wants to know of whoever asked, before they decide."""

from django.db import models
from django.db.models import Q

from access.models.principals import Principal
from access.models.requests import AccessRequest


class Question(models.Model):
    """A question about one request and its answer. While one is open, the clock of silence stands still."""

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="questions")
    asker = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_asks_something"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="answer_says_who_and_when",
            ),
            models.UniqueConstraint(
                fields=["request", "asker"],
                condition=Q(answered_at__isnull=True),
                name="one_open_question_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"question about request {self.request_id}"
