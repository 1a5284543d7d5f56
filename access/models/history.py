"""What rights were at a moment in the past: written by triggers as things change, and never changed afterwards."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from access.models.grants import Grant
from access.models.principals import Principal, Team


class Membership(models.Model):
    """That somebody belonged to a team from `joined_at` until `left_at`. The team may be gone; its name stays."""

    # Past ones must outlive a team, so no foreign key holds the team back.
    team = models.ForeignKey(
        Team, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    team_name = models.CharField(max_length=150)
    principal = models.ForeignKey(
        Principal, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "principal"],
                condition=Q(left_at=None),
                name="one_membership_at_once",
            )
        ]
        indexes = [models.Index(fields=["principal", "team"], name="membership_by_principal")]

    def __str__(self) -> str:
        return f"{self.principal_id} in {self.team_name}"


class GrantVersion(models.Model):
    """What of a grant was different until `until`; from then on the next version holds, and in the end the grant."""

    grant = models.ForeignKey(
        Grant, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    until = models.DateTimeField()
    columns = ArrayField(models.CharField(max_length=255), null=True, blank=True)
    unmasked = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    expires_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["until", "id"]
        indexes = [models.Index(fields=["grant", "until"], name="version_by_grant")]

    def __str__(self) -> str:
        return f"grant {self.grant_id} until {self.until:%Y-%m-%d %H:%M}"


class AuditCheckpoint(models.Model):
    """That every event up to `last_id` may be gone: what they were is sealed in `head`, and `signature` says so."""

    last_id = models.BigIntegerField(unique=True)
    head = models.CharField(max_length=64)
    n_events = models.BigIntegerField(
        help_text="All events up to here, those of earlier checkpoints too."
    )
    until = models.DateTimeField(help_text="When the last of them was recorded.")
    made_at = models.DateTimeField()
    signature = models.CharField(max_length=64)

    class Meta:
        ordering = ["last_id"]

    def __str__(self) -> str:
        return f"checkpoint up to {self.last_id}"
