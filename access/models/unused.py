"""What the nightly review puts aside instead of ending, and what it must leave alone for a while."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from access.models.grants import Grant
from access.models.principals import Principal

LONGEST_EXEMPTION = timedelta(days=180)


class Exemption(models.Model):
    """That a grant may go unused until `ends_at`, because `owner` says so and answers for it. Never by its holder.

    `withdrawn_at` ends it early; one whose time has passed is over without it.
    """

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["ends_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"))
                & Q(ends_at__lte=F("starts_at") + LONGEST_EXEMPTION),
                name="exemption_is_not_for_ever",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="exemption_says_why"),
            models.UniqueConstraint(
                fields=["grant"], condition=Q(withdrawn_at=None), name="one_exemption_per_grant"
            ),
        ]

    def __str__(self) -> str:
        return f"exemption of grant {self.grant_id} until {self.ends_at:%Y-%m-%d}"


class Dormancy(models.Model):
    """That a grant sleeps because its holder comes back with the season; they wake it themselves.

    `sensitivity` and `policy_version` are those under which it fell asleep: what the owner has changed since is not
    woken into.
    """

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    reason = models.TextField()
    sensitivity = models.CharField(max_length=12)
    policy_version = models.PositiveIntegerField()
    woken_at = models.DateTimeField(null=True, blank=True)
    woken_by = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["grant"], condition=Q(woken_at=None), name="one_dormancy_per_grant"
            )
        ]

    def __str__(self) -> str:
        return f"dormancy of grant {self.grant_id}"


class Exclusion(models.Model):
    """A member of a team who does not use what the team holds: warned, then left out until they come back.

    The team's grant stands for the others. One row is one spell; `lifted_at` ends it, in whichever state.
    """

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    warned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    excluded_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-warned_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__gt=F("warned_at")), name="exclusion_has_its_grace"
            ),
            models.CheckConstraint(
                condition=Q(excluded_at=None) | Q(excluded_at__gte=F("warned_at")),
                name="member_is_warned_before_left_out",
            ),
            models.UniqueConstraint(
                fields=["grant", "member"],
                condition=Q(lifted_at=None),
                name="one_exclusion_at_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["member", "grant"],
                condition=Q(lifted_at=None, excluded_at__isnull=False),
                name="exclusion_by_member",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member} left out of grant {self.grant_id}"


class RightSizing(models.Model):
    """Columns of a grant that nobody read: proposed, then masked for a while, then dropped from it.

    `kept` are those that were brought back, by a click or by being read. Only dropping changes the grant.
    """

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="+")
    columns = ArrayField(models.CharField(max_length=255))
    kept = models.JSONField(
        default=dict, blank=True, help_text="{column: when it was brought back}"
    )
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    mask_due_at = models.DateTimeField()
    masked_at = models.DateTimeField(null=True, blank=True)
    drop_due_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(mask_due_at__gt=F("proposed_at")), name="columns_are_proposed_first"
            ),
            models.CheckConstraint(
                condition=Q(masked_at=None, drop_due_at=None)
                | Q(masked_at__gte=F("proposed_at"), drop_due_at__gt=F("masked_at")),
                name="masked_columns_have_their_time",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | Q(masked_at__isnull=False, closed_at__isnull=False),
                name="columns_are_masked_before_dropped",
            ),
            models.UniqueConstraint(
                fields=["grant"], condition=Q(closed_at=None), name="one_right_sizing_at_once"
            ),
        ]

    def __str__(self) -> str:
        return f"right-sizing of grant {self.grant_id}"

    @property
    def going(self) -> list[str]:
        """The columns that still go."""
        return [name for name in self.columns if name not in self.kept]
