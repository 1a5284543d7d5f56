"""Where notices are posted besides mail: an endpoint is somebody's webhook, a post is one message on its way to it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from access.models.letters import Attempted
from access.models.outbox import Notice
from access.models.principals import Principal


class EndpointKind(models.TextChoices):
    """The shape of what is posted."""

    GENERIC = "generic", "Signed JSON"
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"


class Endpoint(models.Model):
    """A webhook: the portal's, from the configuration, or a person's own.

    `address` is a secret. The configuration's is kept as written, with its references; a person's is concealed with
    the portal's key. A person's signing secret is kept nowhere: it is derived from that key, `key` and the version.
    """

    name = models.CharField(max_length=63)
    kind = models.CharField(max_length=10, choices=EndpointKind.choices)
    owner = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    address = models.TextField()
    host = models.CharField(max_length=255, blank=True, help_text="What people see of the address.")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    secrets = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    secret_version = models.PositiveIntegerField(default=1)
    rotated_at = models.DateTimeField(null=True, blank=True)
    kinds = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    domains = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    includes_hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True, blank=True)
    resting_until = models.DateTimeField(null=True, blank=True)
    n_failures = models.PositiveIntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=100, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], nulls_distinct=False, name="one_endpoint_of_a_name"
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(secrets=[], domains=[], includes_hidden=False),
                name="own_endpoint_sees_its_owners_notices",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Post(Attempted):
    """One event on its way to one endpoint, which it reaches once. `notice` holds its words, `audience` whom it was told."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="posts")
    event = models.CharField(max_length=64, help_text="The same for everybody who is told of it.")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="+")
    audience = ArrayField(models.CharField(max_length=160), default=list)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=Q(sent_at__isnull=True, quarantined_at__isnull=True),
                name="post_waiting",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="one_post_an_event"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(quarantined_at__isnull=True),
                name="post_is_sent_or_set_aside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice.kind} to {self.endpoint}"
