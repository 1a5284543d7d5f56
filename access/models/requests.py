"""Somebody asks, somebody who may decides. What was asked is frozen and hashed when it is submitted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

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


class AccessRequest(models.Model):
    """A person asks for access to a dataset: for themself, for a team of theirs or for a service account they own.

    `columns` null asks for all. `duration` runs from approval, or from `starts_at` when that is later.
    `content_hash` is the SHA-256 of everything asked, made at submission.
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
    content_hash = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

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


class Vote(models.Model):
    """One human's word on one request; a quorum of approvals makes a decision, one denial does too."""

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="votes")
    voter = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
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
            models.UniqueConstraint(fields=["request", "voter"], name="one_vote_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.voter} {'approves' if self.approves else 'denies'}"


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
        ]

    def __str__(self) -> str:
        return f"{'approved' if self.approves else 'denied'} by {self.decider or self.kind}"
