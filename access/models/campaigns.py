"""Certification: a campaign asks for a word on every grant of a domain, a dataset or a team, by a day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from access.models.grants import Grant
from access.models.principals import Principal


class Certification(models.TextChoices):
    """What a reviewer says about a grant."""

    KEEP = "keep", "Keep"
    NARROW = "narrow", "Narrow"
    REVOKE = "revoke", "Revoke"


class Campaign(models.Model):
    """A review of the `n_items` grants that were open in its scope when it was opened; the set is frozen then.

    `scope` is `domain:NAME`, `dataset:NAME` or `team:NAME`. `evidence_at` is when the evidence of what is undecided
    was last put together, `reminded_at` when reviewers were reminded of the deadline. What nobody decides by `due_at`
    is suspended, and the campaign closed.
    """

    name = models.CharField(max_length=120)
    scope = models.CharField(max_length=620)
    opener = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    n_items = models.PositiveIntegerField()
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    evidence_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__gt=F("opens_at")), name="campaign_is_due_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(scope__regex=r"^(domain|dataset|team):."), name="campaign_has_a_scope"
            ),
            models.UniqueConstraint(
                fields=["scope"], condition=Q(closed_at=None), name="one_open_campaign_per_scope"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(closed_at=None), name="open_campaign_by_due"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_words(self) -> str:
        """The scope as people say it: `Domain commerce`, `Team sales`, or the dataset's name."""
        kind, _, name = self.scope.partition(":")
        return name if kind == "dataset" else f"{kind.capitalize()} {name}"


class CampaignItem(models.Model):
    """One grant of a campaign, its evidence, and what was said about it.

    `recommended` is empty where the evidence does not settle it; `because` says why in a sentence, `findings` names what
    speaks for or against it, and `unused` are the columns that a narrowing takes out. `suspended_at` is when nobody
    had decided by the deadline, `moot_at` when the grant was over before anybody did, `carried_out_at` when a verdict
    can no longer be taken back.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveSmallIntegerField(default=0)
    recommended = models.CharField(max_length=6, choices=Certification.choices, blank=True)
    because = models.TextField()
    findings = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    unused = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=6, choices=Certification.choices, blank=True)
    reason = models.TextField(blank=True)
    columns = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    decided_by = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on_behalf_of = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    carried_out_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    moot_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-priority", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "grant"], name="grant_is_reviewed_once"),
            models.CheckConstraint(
                condition=Q(
                    verdict="",
                    reason="",
                    columns=[],
                    decided_by=None,
                    on_behalf_of=None,
                    decided_at=None,
                    carried_out_at=None,
                )
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False, moot_at=None)
                    & ~Q(verdict="")
                ),
                name="certification_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["", "keep"]) | ~Q(reason=""),
                name="taking_away_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="narrow") | ~Q(columns=[]), name="narrowing_names_columns"
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "-priority", "id"], name="item_by_priority"),
            models.Index(
                fields=["decided_at"],
                condition=~Q(verdict="") & Q(carried_out_at=None),
                name="item_to_carry_out",
            ),
            models.Index(fields=["grant"], name="item_by_grant"),
        ]

    def __str__(self) -> str:
        return f"review of {self.grant_id} in {self.campaign}"

    @property
    def state(self) -> str:
        """`keep`, `narrow` or `revoke` once decided; before that `open`, `suspended` or `moot`."""
        if self.verdict:
            return self.verdict
        if self.moot_at:
            return "moot"
        return "suspended" if self.suspended_at else "open"
