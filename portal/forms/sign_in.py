"""Signing in with a name and a password. Service accounts have no password: they use tokens."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from access.models import Principal, PrincipalKind


class SignInForm(AuthenticationForm):
    """Name and password of a person; one sentence for every failure, so that names cannot be tried out."""

    error_messages = {
        "invalid_login": "That name and password do not belong together. Check both and try again.",
        "inactive": "That name and password do not belong together. Check both and try again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Your name here"
        self.fields["username"].widget.attrs["spellcheck"] = "false"
        self.fields["password"].label = "Password"

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuses whoever is not an active person."""
        super().confirm_login_allowed(user)
        if isinstance(user, Principal) and user.kind != PrincipalKind.PERSON:
            raise forms.ValidationError(self.error_messages["invalid_login"], code="invalid_login")
