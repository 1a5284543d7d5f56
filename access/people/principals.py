"""People and service accounts: how they come, change and leave. Whoever leaves loses everything at that moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from access import grants
from access.audit.events import Kind, record
from access.errors import Conflict, Invalid, NotAllowed
from access.models import AccessRequest, Grant, Principal, PrincipalKind, RequestState, Team
from access.people import tokens
from access.people.permissions import Permission, require

AMENDABLE = frozenset({"email", "name", "owner", "is_superuser"})


@transaction.atomic
def create_person(
    username: str,
    *,
    actor: Principal | None,
    now: datetime,
    email: str = "",
    name: str = "",
    administrator: bool = False,
    password: str | None = None,
) -> Principal:
    """A new person, who cannot sign in until a password is set. Without an actor it is the operator's doing.

    Errors: `NotAllowed` unless the actor is an administrator; `Invalid` for a name that is taken or malformed.
    """
    person = Principal(username=username, email=email, name=name, kind=PrincipalKind.PERSON)
    person.is_superuser = administrator
    person.set_password(password)
    return _create(person, Kind.PERSON_CREATED, actor, now)


@transaction.atomic
def create_service(
    username: str, *, owner: Principal, actor: Principal | None, now: datetime, name: str = ""
) -> Principal:
    """A new service account, which only ever uses tokens; `owner` answers for it. Errors: as `create_person`."""
    _check_owner(owner)
    service = Principal(username=username, name=name, kind=PrincipalKind.SERVICE, owner=owner)
    service.set_unusable_password()
    return _create(service, Kind.SERVICE_CREATED, actor, now)


def _create(principal: Principal, kind: Kind, actor: Principal | None, now: datetime) -> Principal:
    _require(actor)
    principal.date_joined = now
    _save(principal)
    data = {
        "name": principal.name,
        "owner": principal.owner,
        "administrator": principal.is_superuser,
    }
    record(kind, actor=actor, subject=principal.label, data=data, now=now)
    return principal


def _save(principal: Principal, fields: Sequence[str] | None = None) -> None:
    try:
        principal.full_clean(exclude={"password", "owner"}, validate_constraints=False)
        with transaction.atomic():
            principal.save(update_fields=fields)
    except ValidationError as error:
        field = next(iter(error.message_dict))
        raise Invalid(error.message_dict[field][0], field) from error
    except IntegrityError as error:
        raise Invalid(f"{principal.username} cannot be stored like this.", "username") from error


@transaction.atomic
def amend(
    principal: Principal, *, actor: Principal | None, now: datetime, **fields: Any
) -> Principal:
    """Change `email`, `name`, `owner` (of a service account) or `is_superuser`, and nothing else.

    Errors: `NotAllowed` unless the actor is an administrator, or the person changing their own name or mail, and for
    whoever would themself answer for a service account that holds access;
    `Invalid` for another field or a wrong value; `Conflict` for taking the last administrator's role.
    """
    for field in fields.keys() - AMENDABLE:
        raise Invalid(f"{field} cannot be changed.", field)
    if actor != principal or fields.keys() - {"email", "name"}:
        _require(actor)
    if "owner" in fields and principal.kind == PrincipalKind.SERVICE:
        _check_owner(fields["owner"], principal)
        _refuse_gain(principal, fields["owner"], actor)
    if fields.get("is_superuser") is False:
        _keep_an_administrator(principal)
    old = {field: getattr(principal, field) for field in fields}
    for field, value in fields.items():
        setattr(principal, field, value)
    # Nothing else is written: what this object says of the rest may be out of date.
    _save(principal, [*fields])
    data = {"old": old, "new": fields}
    record(Kind.PRINCIPAL_AMENDED, actor=actor, subject=principal.label, data=data, now=now)
    if "owner" in fields and principal.kind == PrincipalKind.SERVICE:
        grants.resume_orphaned(principal, actor=actor, now=now)
    return principal


@transaction.atomic
def deactivate(
    principal: Principal, *, actor: Principal | None, now: datetime, reason: str = ""
) -> None:
    """They left: they can do and read nothing from this moment; safe to repeat.

    Their grants end, their tokens die, their waiting requests are withdrawn. Service accounts they answered for are
    suspended until somebody else answers for them. Errors: `NotAllowed` unless the actor is an administrator;
    `Conflict` for the last administrator.
    """
    _require(actor)
    # First, because an approval that has its hands on a request holds it until its grant is there to be ended.
    _withdraw_requests(principal, actor, now)
    _keep_an_administrator(principal)
    left = Principal.objects.filter(pk=principal.pk, is_active=True)
    if not left.update(is_active=False, deactivated_at=now):
        return
    principal.is_active, principal.deactivated_at = False, now
    # What they asked for in the meantime, before they were known to leave.
    _withdraw_requests(principal, actor, now)
    record(Kind.PRINCIPAL_DEACTIVATED, actor=actor, subject=principal.label, reason=reason, now=now)
    grants.end_all_of(principal, actor=actor, now=now)
    tokens.revoke_all_of(principal, actor=actor, now=now)
    for service in Principal.objects.filter(owner=principal, is_active=True):
        grants.suspend_all_of(service, actor=actor, reason=grants.ORPHANED, now=now)


@transaction.atomic
def reactivate(principal: Principal, *, actor: Principal | None, now: datetime) -> None:
    """They are back, with their name and teams and nothing else: what they held has ended. Safe to repeat."""
    _require(actor)
    back = Principal.objects.filter(pk=principal.pk, is_active=False)
    if back.update(is_active=True, deactivated_at=None):
        principal.is_active, principal.deactivated_at = True, None
        record(Kind.PRINCIPAL_REACTIVATED, actor=actor, subject=principal.label, now=now)


def parse_holder(text: str) -> Principal | Team:
    """Whom `user:alice`, `service:loader` or `team:sales` names. A bare name is a person's.

    Errors: `Invalid` for anything else, and for a name nobody has.
    """
    kind, _, name = text.strip().rpartition(":")
    holder: Principal | Team | None = None
    if kind == "team":
        holder = Team.objects.filter(name=name).first()
    elif kind in ("", "user", "service"):
        wanted = PrincipalKind.SERVICE if kind == "service" else PrincipalKind.PERSON
        holder = Principal.objects.filter(username=name, kind=wanted).first()
    if holder is None:
        raise Invalid(
            f"There is nobody called {text!r}. Write user:NAME, team:NAME or service:NAME.",
            "principal",
        )
    return holder


def teams_of(principal: Principal) -> QuerySet[Team]:
    """The teams somebody belongs to now, by name."""
    return Team.objects.filter(pk__in=principal.groups.values("pk"))


def holders_for(principal: Principal) -> list[Principal | Team]:
    """For whom this person may ask: themself, their teams, the service accounts they own."""
    services = Principal.objects.filter(owner=principal, is_active=True)
    return [principal, *teams_of(principal), *services]


def _require(actor: Principal | None) -> None:
    if actor is not None:
        require(actor, Permission.ADMINISTER)


def _check_owner(owner: Principal | None, *services: Principal) -> None:
    """The owner is held: whoever deactivates them waits, and then finds what they have come to answer for."""
    keys = [each.pk for each in (owner, *services) if each is not None]
    rows = Principal.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    here = [row for row in rows if row.is_active and row.kind == PrincipalKind.PERSON]
    if owner not in here:
        raise Invalid("A service account is owned by a person who is active.", "owner")


def _refuse_gain(service: Principal, owner: Principal, actor: Principal | None) -> None:
    """Whoever answers for a service account has its tokens, and with them what it holds."""
    if owner == actor and Grant.objects.filter(principal=service, ended_at=None).exists():
        raise NotAllowed("You would have what it holds, so somebody else has to name you.")


def _keep_an_administrator(principal: Principal) -> None:
    """Errors: `Conflict` where nobody would be left; of two who go at once, the later finds the earlier one gone."""
    rows = Principal.objects.select_for_update(no_key=True).order_by("pk")
    here = set(rows.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))
    if here == {principal.pk}:
        raise Conflict("This is the only administrator. Name another one first.")


def _withdraw_requests(principal: Principal, actor: Principal | None, now: datetime) -> None:
    waiting = AccessRequest.objects.filter(requester=principal, state=RequestState.PENDING)
    for pk in list(waiting.values_list("pk", flat=True)):
        if waiting.filter(pk=pk).update(state=RequestState.WITHDRAWN, decided_at=now):
            record(
                Kind.REQUEST_WITHDRAWN,
                actor=actor,
                subject=f"request:{pk}",
                reason="Left.",
                now=now,
            )
