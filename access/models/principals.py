"""Who can hold access: people, service accounts and teams. Being an administrator gives no right to read data."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class PrincipalKind(models.TextChoices):
    """A person signs in; a service account only ever uses tokens and has an owner who answers for it."""

    PERSON = "person", "Person"
    SERVICE = "service", "Service account"


class Principal(AbstractUser):
    """A person or a service account."""

    kind = models.CharField(
        max_length=10, choices=PrincipalKind.choices, default=PrincipalKind.PERSON
    )
    name = models.CharField(max_length=200, blank=True, help_text="As people say it.")
    owner = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    deactivated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person", owner__isnull=True)
                | Q(kind="service", owner__isnull=False),
                name="service_account_has_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(kind="person") | Q(is_superuser=False, is_staff=False),
                name="service_account_is_no_administrator",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def label(self) -> str:
        """`user:alice` or `service:loader`, the way configuration and the API name it."""
        return f"{'service' if self.kind == PrincipalKind.SERVICE else 'user'}:{self.username}"

    @property
    def is_administrator(self) -> bool:
        """May run the portal; reads no data because of it."""
        return self.is_active and self.is_superuser


class Team(Group):
    """A named set of people and service accounts; what it holds, its members hold while they belong to it."""

    # For types only: at run time the manager is Group's, which already makes teams.
    objects: ClassVar[models.Manager["Team"]]  # type: ignore[assignment]

    class Meta:
        proxy = True
        ordering = ["name"]

    @property
    def label(self) -> str:
        """`team:sales`, the way configuration and the API name it."""
        return f"team:{self.name}"


class Token(models.Model):
    """A bearer token of the API. Only its SHA-256 is kept; `prefix` is what people see of it in lists."""

    principal = models.ForeignKey(Principal, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=100, blank=True)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.principal}"
