"""How somebody wants to be told, and the single-use links that a mail of theirs holds."""

from django.db import models
from django.db.models import F, Q

from access.models.outbox import Notice
from access.models.principals import Principal
from access.models.requests import AccessRequest


class How(models.TextChoices):
    """By mail: at once, in the digest, in the portal only, or not at all."""

    AT_ONCE = "at_once", "At once"
    DIGEST = "digest", "In the daily digest"
    IN_APP = "in_app", "In the portal only"
    NEVER = "never", "Never"


class TellingPreference(models.Model):
    """The hours of one person: when their digest comes and when they want quiet. Without a row, the defaults hold."""

    person = models.OneToOneField(Principal, on_delete=models.CASCADE, related_name="+")
    zone = models.CharField(max_length=64, default="UTC", help_text="As the IANA calls it.")
    digest_hour = models.PositiveSmallIntegerField(default=8)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="digest_hour_of_a_day"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=F("quiet_until"))
                ),
                name="quiet_has_a_start_and_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"hours of {self.person}"


class TellingChoice(models.Model):
    """What one person chose for one topic; a topic without a row keeps its default."""

    person = models.ForeignKey(Principal, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=30)
    mail = models.CharField(max_length=10, choices=How.choices)
    to_webhooks = models.BooleanField(default=True)

    class Meta:
        ordering = ["person", "topic"]
        constraints = [
            models.UniqueConstraint(fields=["person", "topic"], name="one_choice_a_topic"),
            models.CheckConstraint(condition=Q(mail__in=How.values), name="known_way_of_telling"),
            models.CheckConstraint(
                condition=~Q(mail="never", to_webhooks=True), name="never_is_never"
            ),
            # Whoever writes: an emergency reaches those who answer for the data.
            models.CheckConstraint(
                condition=~Q(topic="emergencies") | Q(mail="at_once"),
                name="emergencies_are_always_told",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} for {self.person}: {self.mail}"


class DecisionLink(models.Model):
    """A way from a mail to the decision about one request: for its addressee alone, once, and not for long."""

    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Principal, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="decision_link_ends"
            )
        ]

    def __str__(self) -> str:
        return f"link for {self.person} to {self.request}"
