"""A person's own login: asked for by its holder, who sees its password once, and never kept where it could be found.

The password is made here and only a verifier goes to the warehouse. Whoever loses it asks again, and the old one is
worth nothing from then on.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from access.audit.events import Kind, record
from access.clock import database_now
from access.errors import Conflict, NotAllowed
from access.gate.judging import mask_key
from access.grants.standing import live_of
from access.models import NativeAccess, NativeLogin, Principal
from access.provisioning import desired
from access.provisioning.keeping import keeper_of
from access.provisioning.switching import end_login, require_on
from catalog.engines import EngineError
from catalog.engines.native import PREFIX
from catalog.engines.postgresql_passwords import new_password, verifier_of
from catalog.engines.postgresql_sessions import place_of

CLOSED = "Its holder closed it."
LONGEST_SLUG = 30


@dataclass(frozen=True)
class Credentials:
    """What its holder needs to sign in; shown once. `views` are those that are there, by dataset."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    valid_until: datetime | None = None

    @property
    def psql(self) -> str:
        """The line that opens psql, which then asks for the password."""
        return f"psql 'host={self.host} port={self.port} dbname={self.database} user={self.user}'"


def offers(principal: Principal) -> QuerySet[NativeAccess]:
    """The warehouses on which somebody may use their own tools now: switched on, and something of it is theirs."""
    held = live_of(principal).values("dataset__warehouse")
    return NativeAccess.objects.filter(is_on=True, warehouse__in=held).select_related("warehouse")


def logins_of(principal: Principal) -> QuerySet[NativeLogin]:
    """The open logins of somebody and of the service accounts they own."""
    holders = Principal.objects.filter(pk=principal.pk) | Principal.objects.filter(owner=principal)
    found = NativeLogin.objects.filter(ended_at=None, principal__in=holders)
    return found.select_related("native__warehouse", "principal")


def open_login(
    access: NativeAccess, *, holder: Principal, actor: Principal, now: datetime
) -> Credentials:
    """A login for `holder`, or a new password for the one there is; open sessions of the old one end.

    Must not be called inside a transaction. Errors: `NotAllowed` unless the actor is the holder, or owns the service
    account that is; `Conflict` when native access is off, nothing is granted there now, or the warehouse does not
    answer: then nothing was issued.
    """
    _require_holder(holder, actor)
    require_on(access)
    login = _opened(access, holder, actor, now)
    password = new_password()
    try:
        login = _put(login, verifier_of(password))
    except EngineError as error:
        raise Conflict(
            "The warehouse did not answer, so no password was issued. Try again in a moment.",
        ) from error
    wanted = desired.login_of(login)
    with transaction.atomic():
        keyed_at = database_now()
        NativeLogin.objects.filter(pk=login.pk).update(keyed_at=keyed_at)
        _note(Kind.LOGIN_KEYED, login, actor, keyed_at)
    host, port, database = place_of(access.warehouse.url)
    return Credentials(
        access.host or host,
        access.port or port,
        database,
        login.role,
        password,
        wanted.valid_until,
    )


@transaction.atomic
def close_login(login: NativeLogin, *, actor: Principal, now: datetime) -> bool:
    """Give a login back; False when it was over. Its sessions end within moments.

    Errors: `NotAllowed` for anybody but its holder and the owner of the service account that is.
    """
    _require_holder(login.principal, actor)
    return end_login(login, CLOSED, actor=actor, now=now)


@transaction.atomic
def _opened(
    access: NativeAccess, holder: Principal, actor: Principal, now: datetime
) -> NativeLogin:
    held = live_of(holder).filter(dataset__warehouse=access.warehouse)
    if not held.exists():
        raise Conflict(
            f"{holder} reads nothing in {access.warehouse.name} now, so a login would show nothing."
        )
    made = NativeLogin(native=access, principal=holder, role=_role(access, holder), opened_at=now)
    NativeLogin.objects.bulk_create([made], ignore_conflicts=True)
    login = (
        NativeLogin.objects.select_related("principal", "native__warehouse")
        .filter(native=access, principal=holder, ended_at=None)
        .get()
    )
    if login.role == made.role:
        _note(Kind.LOGIN_OPENED, login, actor, now)
    return login


def _put(login: NativeLogin, verifier: str) -> NativeLogin:
    """The login in place with its password, unless it ended while it waited for its turn. Errors: `Conflict`."""
    with keeper_of(login.native).turn() as turn:
        if not NativeLogin.objects.filter(pk=login.pk, ended_at=None, native__is_on=True).exists():
            raise Conflict("This login was closed a moment ago.")
        turn.put_key(mask_key())
        wanted = desired.login_of(login)
        if not wanted.rights:
            raise Conflict("Nothing of this warehouse can be read natively now.")
        turn.put(wanted, turn.found().logins.get(login.role), verifier)
    return login


def _role(access: NativeAccess, holder: Principal) -> str:
    """A name for a role: whose it is, for people, and something that nobody has used before."""
    slug = re.sub(r"[^a-z0-9]+", "_", holder.username.lower()).strip("_")[:LONGEST_SLUG] or "login"
    return f"{PREFIX}{slug}_{secrets.token_hex(4)}"


def _require_holder(holder: Principal, actor: Principal) -> None:
    if not (actor.is_active and holder.is_active and actor.pk in (holder.pk, holder.owner_id)):
        raise NotAllowed("A login is for its holder alone, or for who owns the service account.")


def _note(kind: Kind, login: NativeLogin, actor: Principal, now: datetime) -> None:
    record(
        kind,
        actor=actor,
        subject=f"login:{login.role}",
        data={"holder": login.principal.label, "warehouse": login.native.warehouse.name},
        now=now,
    )
