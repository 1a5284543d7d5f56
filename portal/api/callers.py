"""Who calls the API: the principal of a bearer token, and what that token may be used for."""

from typing import cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from access.clock import database_now
from access.errors import NotAllowed
from access.models import Principal, Token
from access.people import tokens


class Bearer(HttpBearer):
    """`Authorization: Bearer TOKEN`. A scheme in any letter case will do (RFC 9110, section 11.1)."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        """The live token, or nothing for one that is unknown, expired, revoked or of somebody inactive."""
        return tokens.authenticate(token, now=database_now())


def caller(request: HttpRequest, scope: str) -> Principal:
    """Whose token it is. Errors: `NotAllowed` when the token was made without `scope`."""
    assert scope in tokens.SCOPES, scope
    token = cast(Token, request.auth)  # type: ignore[attr-defined]
    if token.scopes and scope not in token.scopes:
        raise NotAllowed(
            f"This token may not be used for {scope}. Make one with `--scopes {scope}`, or without scopes."
        )
    return token.principal
