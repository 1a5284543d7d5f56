"""Signing in with a name and a password. Service accounts have no password: they use tokens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from access.audit.events import Kind
from access.clock import database_now
from access.models import AuditEvent, Principal, PrincipalKind

TRIES = 10
WITHIN = timedelta(minutes=15)


class SignInForm(AuthenticationForm):
    """Name and password of a person; one sentence for every failure, so that names cannot be tried out."""

    error_messages = {
        "invalid_login": "That name and password do not belong together. Check both and try again.",
        "inactive": "That name and password do not belong together. Check both and try again.",
        "too_many": "Too many tries with this name. Wait a quarter of an hour and try again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Your name here"
        self.fields["username"].widget.attrs["spellcheck"] = "false"
        self.fields["password"].label = "Password"

    def clean(self) -> dict[str, Any]:
        """Checks name and password, unless this name was tried too often a moment ago."""
        if _was_tried_too_often(str(self.cleaned_data.get("username", ""))):
            raise forms.ValidationError(self.error_messages["too_many"], code="too_many")
        return super().clean()

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuses whoever is not an active person."""
        super().confirm_login_allowed(user)
        if isinstance(user, Principal) and user.kind != PrincipalKind.PERSON:
            raise forms.ValidationError(self.error_messages["invalid_login"], code="invalid_login")


def _was_tried_too_often(username: str) -> bool:
    """Whether the audit knows of ten wrong passwords for this name within a quarter of an hour."""
    person = Principal.objects.filter(username=username).first()
    if person is None:
        return False
    refused = AuditEvent.objects.filter(
        subject=person.label, kind=Kind.SIGN_IN_FAILED.value, at__gte=database_now() - WITHIN
    )
    return refused.count() >= TRIES
