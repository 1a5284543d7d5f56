"""Brings users, service accounts, teams and domains to what the files say."""

from typing import Any

from access.audit.events import Kind
from access.errors import AccessError
from access.models import Principal, Team
from access.people import principals, teams
from catalog.models import Domain
from portal.configuration.approval import bring_approval
from portal.configuration.schema import DomainEntry, TeamEntry, UserEntry
from portal.configuration.stewards import bring_stewards
from portal.configuration.work import Entry, Work


def bring_users(work: Work) -> None:
    """Create and update people first, then the service accounts that belong to them."""
    entries: list[Entry[UserEntry]] = work.entries("users")
    for entry in sorted(entries, key=lambda each: each.value.service):
        if work.name(entry, "user", entry.value.username):
            try:
                _bring_user(work, entry)
            except AccessError as error:
                work.wrong(entry, error)


def _bring_user(work: Work, entry: Entry[UserEntry]) -> None:
    said = entry.value
    owner = _owner(work, entry)
    if said.service and owner is None:
        return
    person = Principal.objects.filter(username=said.username).first()
    if person is None:
        _create(work, said, owner)
        return
    if (person.kind == "service") != said.service:
        work.mistakes.append(entry.mistake(f"{said.username} exists as {person.label}", "service"))
        return
    wanted: dict[str, Any] = {"email": said.email, "name": said.name, "owner": owner}
    if said.administrator is not None:
        wanted["is_superuser"] = said.administrator
    changed: dict[str, tuple[Any, Any]] = {
        field: (getattr(person, field), value)
        for field, value in wanted.items()
        if value is not None and getattr(person, field) != value
    }
    if not person.is_active:
        principals.reactivate(person, actor=None, now=work.now)
        changed["is_active"] = (False, True)
    if changed:
        new = {field: value for field, (_, value) in changed.items() if field != "is_active"}
        principals.amend(person, actor=None, now=work.now, **new)
        work.changed("user", said.username, "update", **changed)


def _create(work: Work, said: UserEntry, owner: Principal | None) -> None:
    if owner is not None:
        principals.create_service(
            said.username, owner=owner, name=said.name or "", actor=None, now=work.now
        )
        work.changed("user", said.username, "create", service=(None, True), owner=(None, owner))
        return
    principals.create_person(
        said.username,
        email=said.email or "",
        name=said.name or "",
        administrator=bool(said.administrator),
        actor=None,
        now=work.now,
    )
    fields = {"email": (None, said.email), "name": (None, said.name)}
    if said.administrator:
        fields["administrator"] = (None, "yes")
    work.changed("user", said.username, "create", **fields)


def _owner(work: Work, entry: Entry[UserEntry]) -> Principal | None:
    if not entry.value.service:
        return None
    owner = Principal.objects.filter(username=entry.value.owner, kind="person").first()
    if owner is None:
        work.mistakes.append(
            entry.mistake(f"there is no person called {entry.value.owner}", "owner")
        )
    return owner


def bring_teams(work: Work) -> None:
    """Create teams and settle who belongs to them.

    A team that lists `members` has exactly those and the users whose entry names it; any other team only gains.
    """
    listed: dict[str, set[str]] = {}
    exact = set()
    for entry in work.entries("teams"):
        said: TeamEntry = entry.value
        if not work.name(entry, "team", said.name):
            continue
        _ensure_team(work, said.name)
        listed.setdefault(said.name, set()).update(_people(work, entry, said.members or ()))
        if said.members is not None:
            exact.add(said.name)
    for entry in work.entries("users"):
        for index, team in enumerate(entry.value.teams or ()):
            if team not in listed and not Team.objects.filter(name=team).exists():
                work.mistakes.append(
                    entry.mistake(f"there is no team called {team}", "teams", index)
                )
                continue
            listed.setdefault(team, set()).add(entry.value.username)
    for name, usernames in sorted(listed.items()):
        _settle_members(work, name, usernames, exactly=name in exact)


def _ensure_team(work: Work, name: str) -> None:
    if not Team.objects.filter(name=name).exists():
        teams.create_team(name, actor=None, now=work.now)
        work.changed("team", name, "create")


def _people(work: Work, entry: Entry[TeamEntry], usernames: tuple[str, ...]) -> set[str]:
    known = set(Principal.objects.filter(username__in=usernames).values_list("username", flat=True))
    for index, username in enumerate(usernames):
        if username not in known:
            expected = f"there is no user called {username}"
            work.mistakes.append(entry.mistake(expected, "members", index))
    return known


def _settle_members(work: Work, name: str, usernames: set[str], *, exactly: bool) -> None:
    team = Team.objects.get(name=name)
    present = set(
        Principal.objects.filter(groups__name=name, is_active=True).values_list(
            "username", flat=True
        )
    )
    joining = usernames - present
    leaving = present - usernames if exactly else set()
    for member in Principal.objects.filter(username__in=joining).order_by("username"):
        teams.add_member(team, member, actor=None, now=work.now)
    for member in Principal.objects.filter(username__in=leaving).order_by("username"):
        teams.remove_member(team, member, actor=None, now=work.now)
    for username in sorted(usernames):
        work.named["membership", f"{name}/{username}"] = {}
    if joining or leaving:
        after = (present | joining) - leaving
        work.changed("team", name, "update", members=(sorted(present), sorted(after)))


def bring_domains(work: Work) -> None:
    """Create and describe domains and appoint exactly the stewards they name."""
    for entry in work.entries("domains"):
        said: DomainEntry = entry.value
        if not work.name(entry, "domain", said.name):
            continue
        domain, created = Domain.objects.get_or_create(
            name=said.name,
            defaults={"title": said.title or "", "description": said.description or ""},
        )
        if created:
            work.changed("domain", said.name, "create", title=(None, said.title))
            work.note(Kind.DOMAIN_CHANGED, f"domain:{said.name}", title=said.title)
        else:
            _describe_domain(work, domain, said)
        bring_stewards(work, entry, domain=domain)
        if said.access is not None:
            bring_approval(work, entry, domain, said.access)


def _describe_domain(work: Work, domain: Domain, said: DomainEntry) -> None:
    changed = {
        field: (getattr(domain, field), value)
        for field, value in (("title", said.title), ("description", said.description))
        if value is not None and getattr(domain, field) != value
    }
    if changed:
        Domain.objects.filter(pk=domain.pk).update(
            **{field: value for field, (_, value) in changed.items()}
        )
        work.changed("domain", said.name, "update", **changed)
        new = {field: value for field, (_, value) in changed.items()}
        work.note(Kind.DOMAIN_CHANGED, f"domain:{said.name}", **new)
