"""Native access: warehouses in which people have logins of their own, and what others did to those."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from access.models.principals import Principal
from catalog.models import Warehouse


class NativeAccess(models.Model):
    """That people may use their own tools on a warehouse, and how.

    `mark` and `owner_role` name this portal's part of the warehouse for good. `takes_back` says whether what somebody
    else gave to our roles is taken away or only reported. `host` and `port` are what people are told, where that
    differs from the portal's own way there. Once switched off, `cleared_at` says when everything was taken out.
    """

    warehouse = models.OneToOneField(Warehouse, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=40, unique=True)
    owner_role = models.CharField(max_length=63, unique=True)
    is_on = models.BooleanField(default=True)
    takes_back = models.BooleanField(default=False)
    host = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True)
    switched_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(
        null=True, blank=True, help_text="When all of it was last found or made as it should be."
    )
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    evidence_at = models.DateTimeField(
        null=True, blank=True, help_text="Until when use in the warehouse is known."
    )
    evidence_failure = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["warehouse__name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_on=False) | Q(cleared_at__isnull=True),
                name="native_access_is_on_or_cleared",
            )
        ]

    def __str__(self) -> str:
        return f"native access to {self.warehouse}"


class NativeLogin(models.Model):
    """The role of one principal in one warehouse. No password is kept, nor anything it could be checked with.

    `source` is a fingerprint of what its views were last made from; `missing` names tables without a view, and why.
    """

    native = models.ForeignKey(NativeAccess, on_delete=models.PROTECT, related_name="+")
    principal = models.ForeignKey(Principal, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(
        max_length=63, unique=True, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")]
    )
    opened_at = models.DateTimeField()
    keyed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its password was last set."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=64, blank=True)
    missing = models.JSONField(default=dict, blank=True, help_text="{table: why it has no view}")

    class Meta:
        ordering = ["role"]
        constraints = [
            models.UniqueConstraint(
                fields=["native", "principal"],
                condition=Q(ended_at=None),
                name="one_native_login_at_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="ended_login_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} in {self.native.warehouse}"


class NativeFinding(models.Model):
    """Something in a warehouse that is not as the portal put it: found at a time, and gone at another.

    `was_ours` says that it was the portal that put it right.
    """

    native = models.ForeignKey(NativeAccess, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    role = models.CharField(max_length=63)
    what = models.TextField()
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    was_ours = models.BooleanField(default=False)

    class Meta:
        ordering = ["-found_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["native", "key"], condition=Q(gone_at=None), name="one_finding_at_once"
            )
        ]

    def __str__(self) -> str:
        return self.what


class NativeTally(models.Model):
    """How often a login had run a statement when the warehouse was last asked, so that each run is counted once."""

    login = models.ForeignKey(NativeLogin, on_delete=models.CASCADE, related_name="+")
    statement = models.BigIntegerField(help_text="The number PostgreSQL gave the statement.")
    n_calls = models.BigIntegerField()
    n_rows = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["login", "statement"], name="one_tally_per_statement")
        ]

    def __str__(self) -> str:
        return f"{self.n_calls} runs of {self.statement}"
