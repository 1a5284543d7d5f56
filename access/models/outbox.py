"""What must be told after a commit, written in the same transaction; delivery may be repeated and is told apart by key."""

from django.db import models
from django.db.models import Q

from access.models.letters import ByMail, Letter
from access.models.principals import Principal


class OutboxMessage(models.Model):
    """Something to do once the transaction that wrote it has committed; quarantined after three failures."""

    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    quarantined_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(delivered_at__isnull=True, quarantined_at__isnull=True),
                name="outbox_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dedupe_key}"


class Notice(models.Model):
    """One message to one person, in plain words: kept in the portal, and told by the channels its reader chose.

    `routed_at` says when it was worked out where it goes. `letter` is the one mail it is part of, so that it cannot be
    in two. Whoever writes a row needs to know none of this: what is not routed yet, is by the next tick.
    """

    recipient = models.ForeignKey(Principal, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    link = models.CharField(max_length=300, blank=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    routed_at = models.DateTimeField(null=True, blank=True)
    by_mail = models.CharField(
        max_length=10, choices=ByMail.choices, blank=True, default="", db_default=""
    )
    mail_due_at = models.DateTimeField(null=True, blank=True)
    letter = models.ForeignKey(
        Letter, null=True, blank=True, on_delete=models.SET_NULL, related_name="notices"
    )
    is_muted = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_by_recipient"),
            models.Index(
                fields=["id"], condition=Q(routed_at__isnull=True), name="notice_to_route"
            ),
            models.Index(
                fields=["mail_due_at", "recipient"],
                condition=Q(letter__isnull=True) & ~Q(by_mail=""),
                name="notice_to_mail",
            ),
            models.Index(
                fields=["recipient"],
                condition=Q(read_at__isnull=True, is_muted=False),
                name="notice_unread",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(by_mail="") | Q(mail_due_at__isnull=False),
                name="notice_by_mail_has_a_moment",
            )
        ]

    def __str__(self) -> str:
        return self.subject
