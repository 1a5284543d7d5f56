"""What leaves the portal: a letter is one mail to one person, at once or the day's digest; attempts are counted."""

import uuid

from django.db import models
from django.db.models import Q

from access.models.principals import Principal


class ByMail(models.TextChoices):
    """How a notice goes by mail."""

    AT_ONCE = "at_once", "At once"
    DIGEST = "digest", "In the daily digest"


class Attempted(models.Model):
    """Something that is sent until it arrives or is set aside. `key` is the same at every attempt.

    An attempt is claimed for a while by a conditional update that counts it, so that two workers never send at once
    and a worker that dies leaves only a claim that runs out.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    quarantined_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=100, blank=True)

    class Meta:
        abstract = True


class Letter(Attempted):
    """One mail to one person. What is in it is settled before it is first sent; a digest has the day it is for."""

    recipient = models.ForeignKey(Principal, on_delete=models.CASCADE, related_name="+")
    digest_day = models.DateField(
        null=True, blank=True, help_text="In the recipient's zone; empty for a mail at once."
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(sent_at__isnull=True, quarantined_at__isnull=True),
                name="letter_waiting",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "digest_day"], name="one_digest_a_day"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(quarantined_at__isnull=True),
                name="letter_is_sent_or_set_aside",
            ),
        ]

    def __str__(self) -> str:
        what = f"digest of {self.digest_day}" if self.digest_day else "mail"
        return f"{what} to {self.recipient}"
