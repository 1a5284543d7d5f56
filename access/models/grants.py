"""The right to read a dataset until a moment. Its state is a fact about time, never a stored word."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from access.models.principals import Principal, Team
from access.models.requests import Decision
from catalog.models import Dataset


class GrantState(models.TextChoices):
    """What a grant is at a moment."""

    SCHEDULED = "scheduled", "Scheduled"
    LIVE = "live", "Live"
    SUSPENDED = "suspended", "Suspended"
    EXPIRED = "expired", "Expired"
    ENDED = "ended", "Ended"


class EndReason(models.TextChoices):
    """Why a grant ended."""

    EXPIRED = "expired", "Expired"
    RETURNED = "returned", "Returned by its holder"
    REVOKED = "revoked", "Revoked"
    UNUSED = "unused", "Not used"
    LEFT = "left", "Its holder left"
    REPLACED = "replaced", "Replaced by another grant"
    CONFIGURATION = "configuration", "Removed from the configuration"


class Grant(models.Model):
    """The right of one principal or one team to read one dataset for one purpose until `expires_at`.

    `columns` null covers all. `unmasked` are seen in the clear; every other masked column shows its mask, which
    `masks` (`{column: {kind, sql}}`) may replace for this grant alone. `rows` narrows the dataset's own filter.
    """

    principal = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    purpose = models.TextField()
    columns = ArrayField(models.CharField(max_length=255), null=True, blank=True)
    unmasked = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    masks = models.JSONField(default=dict, blank=True)
    rows = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspend_reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=15, choices=EndReason.choices, blank=True)
    end_note = models.TextField(blank=True)
    warned_at = models.DateTimeField(
        null=True, blank=True, help_text="When the holder was told it would end for lack of use."
    )
    revoke_due_at = models.DateTimeField(
        null=True, blank=True, help_text="When it ends for lack of use unless it is used before."
    )
    restored_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(principal__isnull=False, team__isnull=True)
                | Q(principal__isnull=True, team__isnull=False),
                name="grant_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("starts_at")), name="grant_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="ended_grant_says_why",
            ),
            models.UniqueConstraint(
                fields=["principal", "dataset", "purpose"],
                condition=Q(ended_at__isnull=True, principal__isnull=False),
                name="one_open_grant_per_purpose",
            ),
            models.UniqueConstraint(
                fields=["team", "dataset", "purpose"],
                condition=Q(ended_at__isnull=True, team__isnull=False),
                name="one_open_team_grant_per_purpose",
            ),
        ]
        indexes = [
            models.Index(
                fields=["principal", "dataset"],
                include=["starts_at", "expires_at", "suspended_at"],
                condition=Q(ended_at__isnull=True),
                name="open_grant_by_principal",
            ),
            models.Index(
                fields=["team", "dataset"],
                include=["starts_at", "expires_at", "suspended_at"],
                condition=Q(ended_at__isnull=True),
                name="open_grant_by_team",
            ),
            models.Index(
                fields=["dataset", "principal"],
                condition=Q(ended_at__isnull=True),
                name="open_grant_by_dataset",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(ended_at__isnull=True),
                name="open_grant_by_expiry",
            ),
            models.Index(
                fields=["revoke_due_at"],
                condition=Q(ended_at__isnull=True, revoke_due_at__isnull=False),
                name="open_grant_by_revoke_due",
            ),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk} on {self.dataset}"

    @property
    def holder(self) -> Principal | Team:
        """Who holds it."""
        holder = self.principal or self.team
        assert holder is not None
        return holder

    def state_at(self, moment: datetime) -> GrantState:
        """What this grant is at `moment`. The gate asks PostgreSQL the same question with its own clock."""
        if self.ended_at is not None and self.ended_at <= moment:
            expired = self.end_reason == EndReason.EXPIRED
            return GrantState.EXPIRED if expired else GrantState.ENDED
        if self.expires_at <= moment:
            return GrantState.EXPIRED
        if self.suspended_at is not None:
            return GrantState.SUSPENDED
        return GrantState.LIVE if self.starts_at <= moment else GrantState.SCHEDULED
