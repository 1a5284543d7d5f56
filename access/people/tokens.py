"""Bearer tokens of the API. The secret is shown once; only its SHA-256 is kept, and it dies with its principal."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from access.audit.events import Kind, record
from access.clock import furthest_now
from access.errors import Invalid, NotAllowed
from access.models import Principal, Token
from access.people.permissions import Permission, may
from access.people.presence import keep_here

PREFIX = "gh_"
SCOPES = {
    "catalog": "Find datasets and read their metadata and lineage",
    "lineage": "Report lineage events",
    "request": "Ask for access, follow and withdraw requests, renew and restore",
    "decide": "See and decide the requests that wait for the principal",
    "grants": "See, return and revoke access",
    "audit": "See who could read what on a day, who did, and who approved it",
    "query": "Read data through the gate",
    "metrics": "Read governed metrics",
    "notices": "Read what the principal was told, choose how, and manage its webhooks",
}
# A second reading within this time is not worth a write.
NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue(
    principal: Principal,
    *,
    actor: Principal | None,
    now: datetime,
    scopes: Iterable[str] = (),
    expires_at: datetime | None = None,
    label: str = "",
) -> tuple[Token, str]:
    """A new token and its secret, which exists nowhere else. No scopes: all that the principal itself may do.

    Errors: `NotAllowed` unless the principal, the owner of the service account or an administrator for a service
    account acts; `Invalid` for an unknown scope, an end in the past, or somebody who left;
    `Conflict` for an account that nobody answers for.
    """
    _require_own(principal, actor)
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise Invalid(f"There is no scope {scope!r}. Known: {', '.join(SCOPES)}.", "scopes")
    if not principal.is_active:
        raise Invalid(f"{principal} is not active.", "principal")
    if expires_at is not None and expires_at <= now:
        raise Invalid("A token ends in the future.", "expires")
    keep_here(principal)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        principal=principal,
        label=label,
        prefix=secret[: len(PREFIX) + 6],
        digest=_digest(secret),
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    _note(Kind.TOKEN_ISSUED, token, actor, now)
    return token, secret


def authenticate(secret: str, now: datetime) -> Token | None:
    """The token of this secret with its principal, if both are alive by the database's clock; else nothing.

    Cost: one query, and a write at most once a minute. `now` only dates the use.
    """
    alive = Q(revoked_at__isnull=True) & (
        Q(expires_at__isnull=True) | Q(expires_at__gt=furthest_now())
    )
    alive &= Q(principal__kind="person") | Q(principal__owner__is_active=True)
    token = (
        Token.objects.select_related("principal")
        .filter(alive, digest=_digest(secret), principal__is_active=True)
        .first()
    )
    if token is not None and (token.last_used_at is None or now - token.last_used_at > NOTED_EVERY):
        Token.objects.filter(pk=token.pk).update(last_used_at=Now())
    return token


@transaction.atomic
def revoke(token: Token, *, actor: Principal | None, now: datetime, reason: str = "") -> bool:
    """End a token at once; False when it had ended before. Errors: `NotAllowed` as for `issue`."""
    _require_own(token.principal, actor, ends=True)
    if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        return False
    token.revoked_at = now
    _note(Kind.TOKEN_REVOKED, token, actor, now, reason)
    return True


def revoke_all_of(principal: Principal, *, actor: Principal | None, now: datetime) -> int:
    """End every token of a principal who leaves; how many there were."""
    tokens = Token.objects.select_for_update().filter(principal=principal, revoked_at=None)
    found = list(tokens)
    Token.objects.filter(pk__in=[token.pk for token in found]).update(revoked_at=now)
    for token in found:
        _note(Kind.TOKEN_REVOKED, token, actor, now, "Left.")
    return len(found)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _require_own(principal: Principal, actor: Principal | None, ends: bool = False) -> None:
    """An administrator may end anybody's token, and make one for a service account, never one to act as a person."""
    if actor is None or actor.pk in (principal.pk, principal.owner_id):
        return
    is_service = principal.owner_id is not None
    if not may(actor, Permission.ADMINISTER) or not (ends or is_service):
        raise NotAllowed(
            "Tokens are made by the person they speak for, or by the owner of the service account."
        )


def _note(
    kind: Kind, token: Token, actor: Principal | None, now: datetime, reason: str = ""
) -> None:
    record(
        kind,
        actor=actor,
        subject=f"token:{token.pk}",
        reason=reason,
        data={
            "principal": token.principal.label,
            "prefix": token.prefix,
            "scopes": token.scopes,
            "expires_at": token.expires_at,
        },
        now=now,
    )
