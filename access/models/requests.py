"""Somebody asks, somebody who may decides. What was asked is frozen and hashed when it is submitted."""

from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from access.models.principals import Principal, Team
from catalog.models import Dataset


class RequestState(models.TextChoices):
    """Where a request stands; only `pending` can move."""

    PENDING = "pending", "Waiting for a decision"
    APPROVED = "approved", "Approved"
    DENIED = "denied", "Denied"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Lapsed"
    SUPERSEDED = "superseded", "Superseded"


class RequestKind(models.TextChoices):
    """What is asked for."""

    ACCESS = "access", "Access"
    RENEWAL = "renewal", "Renewal"


STEWARDS = "stewards"


def _by_stewards() -> list[str]:
    return [STEWARDS]


class Escalation(models.IntegerChoices):
    """Who was asked after the first silence; each step adds people and takes nobody away."""

    NOBODY = 0, "Nobody else yet"
    DELEGATES = 1, "The delegates of those who decide"
    DOMAIN = 2, "The stewards of the domain"
    ADMINISTRATORS = 3, "The administrators"


class AccessRequest(models.Model):
    """A person asks for access to a dataset: for themself, for a team of theirs or for a service account they own.

    `columns` null asks for all. `duration` runs from approval, or from `starts_at` when that is later.
    `content_hash` is the SHA-256 of everything asked, made at submission. `stages` are the rules of approval as they
    stood then; `stage` counts from one, and `waits_for` names who decides in it. Silence counts from `quiet_since`,
    or from submission; it stands still from `paused_at` on, while the asker owes an answer, and `paused` is how long
    it stood still before.
    """

    requester = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    principal = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=RequestKind.choices, default=RequestKind.ACCESS)
    grant = models.ForeignKey(
        "access.Grant", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    columns = ArrayField(models.CharField(max_length=255), null=True, blank=True)
    unmasked = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    purpose = models.TextField()
    duration = models.DurationField()
    starts_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=40, blank=True, help_text="The surface it was asked from.")
    state = models.CharField(
        max_length=12, choices=RequestState.choices, default=RequestState.PENDING
    )
    stage = models.PositiveSmallIntegerField(default=1)
    stages = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    waits_for = ArrayField(
        models.CharField(max_length=160),
        default=_by_stewards,
        db_default=models.Value([STEWARDS], ArrayField(models.CharField(max_length=160))),
    )
    content_hash = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalation = models.PositiveSmallIntegerField(
        choices=Escalation.choices, default=Escalation.NOBODY, db_default=0
    )
    quiet_since = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused = models.DurationField(default=timedelta, db_default=timedelta())

    class Meta:
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(principal__isnull=False, team__isnull=True)
                | Q(principal__isnull=True, team__isnull=False),
                name="request_for_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(kind="access", grant__isnull=True)
                | Q(kind="renewal", grant__isnull=False),
                name="renewal_names_its_grant",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="settled_request_has_its_time",
            ),
            models.UniqueConstraint(
                fields=["principal", "team", "dataset", "content_hash"],
                condition=Q(state="pending"),
                nulls_distinct=False,
                name="one_pending_request_alike",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "dataset"], name="request_by_state"),
            models.Index(fields=["requester", "-submitted_at"], name="request_by_requester"),
        ]

    def __str__(self) -> str:
        return f"request {self.pk} for {self.dataset}"

    @property
    def holder(self) -> Principal | Team:
        """Who would hold the access."""
        holder = self.principal or self.team
        assert holder is not None
        return holder

    @property
    def present_stage(self) -> dict[str, Any]:
        """The stage it is in, as `{by, approvals}`."""
        found: dict[str, Any] = (
            self.stages[self.stage - 1] if self.stages else {"by": [STEWARDS], "approvals": 1}
        )
        return found

    @property
    def n_stages(self) -> int:
        """How many stages there are."""
        return len(self.stages) or 1


class Vote(models.Model):
    """One human's word on one request; a quorum of approvals closes a stage, one denial settles it.

    Whoever votes `on_behalf_of` somebody uses up that person's word: a delegate and their principal have one between
    them.
    """

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="votes")
    voter = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stage = models.PositiveSmallIntegerField(default=1, db_default=1)
    approves = models.BooleanField()
    columns = ArrayField(models.CharField(max_length=255), null=True, blank=True)
    unmasked = ArrayField(models.CharField(max_length=255), null=True, blank=True)
    rows = models.TextField(blank=True)
    duration = models.DurationField(null=True, blank=True)
    reason = models.TextField(blank=True)
    cast_at = models.DateTimeField()

    class Meta:
        ordering = ["cast_at"]
        constraints = [
            models.UniqueConstraint(fields=["request", "voter"], name="one_vote_per_person"),
            models.UniqueConstraint(
                F("request"), Coalesce("on_behalf_of", "voter"), name="one_vote_per_mandate"
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True) | ~Q(on_behalf_of=F("voter")),
                name="nobody_votes_on_their_own_behalf",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voter} {'approves' if self.approves else 'denies'}"


BREAK_GLASS_LONGEST = timedelta(hours=4)


class DecisionKind(models.TextChoices):
    """What decided."""

    PERSON = "person", "A steward"
    RULE = "rule", "An approval rule"
    CONFIGURATION = "configuration", "Configuration"
    RESTORE = "restore", "Restored after revocation for lack of use"
    BREAK_GLASS = "break_glass", "Break-glass"


class Decision(models.Model):
    """Why a grant exists, or why a request was denied. Every grant points to one.

    `decider` may not be the requester, nor the holder: PostgreSQL refuses both (see the trigger in the migration for
    teams and service accounts, which need a look at other tables).
    """

    request = models.OneToOneField(
        AccessRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="decision"
    )
    kind = models.CharField(max_length=15, choices=DecisionKind.choices)
    approves = models.BooleanField()
    decider = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on_behalf_of = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    requester = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    columns = ArrayField(models.CharField(max_length=255), null=True, blank=True)
    unmasked = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    rows = models.TextField(blank=True)
    duration = models.DurationField(null=True, blank=True)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decider__isnull=True)
                | Q(requester__isnull=True)
                | Q(kind="restore")
                | ~Q(decider=F("requester")),
                name="nobody_decides_their_own",
            ),
            models.CheckConstraint(
                condition=~Q(kind="person") | Q(decider__isnull=False),
                name="a_steward_decision_names_the_steward",
            ),
            models.CheckConstraint(
                condition=~Q(kind="break_glass")
                | (
                    Q(
                        approves=True,
                        request__isnull=True,
                        decider__isnull=True,
                        requester__isnull=False,
                        duration__lte=BREAK_GLASS_LONGEST,
                    )
                    & ~Q(reason="")
                ),
                name="break_glass_is_short_and_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{'approved' if self.approves else 'denied'} by {self.decider or self.kind}"
