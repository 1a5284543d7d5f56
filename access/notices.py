"""What people are told, in words: who must act, what was decided, what ends and what they can do about it.

A notice is a row in the mailbox, written in the transaction of what it tells, and a message in the outbox for the
mail. Keys make telling twice impossible. No notice names a dataset to somebody who holds or decides nothing about it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from access import outbox
from access.models import AccessRequest, Grant, Notice, Principal, Team
from access.words import counted, day, listed, span
from catalog.models import Dataset

REQUEST = "/requests/{}/"
MY_ACCESS = "/access/"


def tell(
    recipient: Principal,
    kind: str,
    subject: str,
    body: str,
    *,
    link: str,
    dedupe_key: str,
    now: datetime,
) -> bool:
    """Put one message in somebody's mailbox and on its way by mail; False when this key was told before."""
    if Notice.objects.filter(dedupe_key=dedupe_key).exists():
        return False
    notice = Notice(
        recipient=recipient,
        kind=kind,
        subject=subject[:200],
        body=body,
        link=link,
        dedupe_key=dedupe_key,
        created_at=now,
    )
    # Two tellers at once: the unique key keeps one, without an error that would undo the caller's work.
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    outbox.put(outbox.MAIL, {"recipient": recipient.pk}, dedupe_key=f"mail:{dedupe_key}", now=now)
    return True


def audience(holder: Principal | Team) -> list[Principal]:
    """The people behind a holder: the person, the owner of the service account, the members of the team."""
    if isinstance(holder, Team):
        members = Principal.objects.filter(groups=holder, is_active=True, kind="person")
        return list(members.order_by("username"))
    person = holder.owner if holder.owner is not None else holder
    return [person] if person.is_active else []


def tell_submitted(
    access_request: AccessRequest, deciders: Iterable[Principal], *, now: datetime
) -> None:
    """To those who can decide: what is asked, by whom, for what."""
    asked = access_request
    verb = "asks to keep" if asked.kind == "renewal" else "asks for"
    whom = "" if asked.principal_id == asked.requester_id else f" for {asked.holder.label}"
    body = (
        f"{asked.requester} {verb} {_columns(asked.columns)} of {asked.dataset.name}{whom} for "
        f"{span(asked.duration)}: “{asked.purpose}”"
    )
    for person in deciders:
        tell(
            person,
            "request.submitted",
            f"{asked.requester} {verb} {asked.dataset.label}",
            body,
            link=REQUEST.format(asked.pk),
            dedupe_key=f"request-submitted:{asked.pk}:{person.pk}:{asked.stage}.{asked.escalation}",
            now=now,
        )


def tell_approved(access_request: AccessRequest, grant: Grant, *, now: datetime) -> None:
    """To the asker and the people behind the holder: what they can see now, and until when."""
    decision = access_request.decision
    by = str(decision.decider) if decision.decider else "An approval rule"
    if decision.on_behalf_of is not None:
        by = f"{by}, on behalf of {decision.on_behalf_of},"
    start = f" It starts on {day(grant.starts_at)}." if grant.starts_at > now else ""
    reason = f" {by} wrote: “{decision.reason}”" if decision.reason and decision.decider else ""
    body = (
        f"{by} approved it. {_holder(grant)} can see {_columns(grant.columns)} of {grant.dataset.name} until "
        f"{day(grant.expires_at)}.{start}{reason}"
    )
    verb = "renewed" if access_request.kind == "renewal" else "approved"
    _to_all(
        {access_request.requester, *audience(grant.holder)},
        grant,
        f"request.{verb}",
        f"Your access to {grant.dataset.label} is {verb}",
        body,
        f"request-approved:{access_request.pk}",
        now,
    )


def tell_denied(access_request: AccessRequest, *, now: datetime) -> None:
    """To the asker: who denied it and why."""
    decision = access_request.decision
    by = str(decision.decider) if decision.decider else "The portal"
    if decision.on_behalf_of is not None:
        by = f"{by}, on behalf of {decision.on_behalf_of},"
    tell(
        access_request.requester,
        "request.denied",
        f"Your request for {access_request.dataset.label} was denied",
        f"{by} denied access to {access_request.dataset.name}: “{decision.reason}” You can ask again for less, "
        "or with another purpose.",
        link=REQUEST.format(access_request.pk),
        dedupe_key=f"request-denied:{access_request.pk}",
        now=now,
    )


def tell_lapsed(access_request: AccessRequest, *, now: datetime) -> None:
    """To the asker: nobody decided in time."""
    tell(
        access_request.requester,
        "request.lapsed",
        f"Nobody decided about {access_request.dataset.label}",
        f"Your request for {access_request.dataset.name} waited since {day(access_request.submitted_at)} and has "
        "lapsed. Nothing was granted. Ask again, or ask its contacts who looks after it.",
        link=REQUEST.format(access_request.pk),
        dedupe_key=f"request-lapsed:{access_request.pk}",
        now=now,
    )


def tell_given(grant: Grant, *, now: datetime) -> None:
    """To the people behind the holder: the configuration gave them access."""
    _to_all(
        set(audience(grant.holder)),
        grant,
        "grant.given",
        f"You have access to {grant.dataset.label}",
        f"{_holder(grant)} can see {_columns(grant.columns)} of {grant.dataset.name} until {day(grant.expires_at)}: "
        f"“{grant.purpose}”",
        f"grant-given:{grant.pk}",
        now,
    )


def tell_revoked(grant: Grant, *, actor: Principal | None, now: datetime) -> None:
    """To the people behind the holder: who ended it and why."""
    by = str(actor) if actor else "The configuration"
    _to_all(
        set(audience(grant.holder)),
        grant,
        "grant.revoked",
        f"Access to {grant.dataset.label} has ended",
        f"{by} ended the access of {_holder(grant, inside=True)} to {grant.dataset.name}: “{grant.end_note}”",
        f"grant-revoked:{grant.pk}",
        now,
    )


def tell_paused(grant: Grant, *, now: datetime) -> None:
    """To the people behind the holder: it is suspended, or works again."""
    paused = grant.suspended_at is not None
    words = (
        f"Access of {_holder(grant, inside=True)} to {grant.dataset.name} is suspended: {grant.suspend_reason}"
        if paused
        else f"{_holder(grant)} can read {grant.dataset.name} again, until {day(grant.expires_at)}."
    )
    _to_all(
        set(audience(grant.holder)),
        grant,
        "grant.suspended" if paused else "grant.resumed",
        f"Access to {grant.dataset.label} is suspended"
        if paused
        else f"{grant.dataset.label} is back",
        words,
        f"grant-paused:{grant.pk}:{now.isoformat()}",
        now,
    )


def tell_restored(grant: Grant, *, actor: Principal, now: datetime) -> None:
    """To the people behind the holder: it is back."""
    _to_all(
        {actor, *audience(grant.holder)},
        grant,
        "grant.restored",
        f"{grant.dataset.label} is back",
        f"{_holder(grant)} can see {_columns(grant.columns)} of {grant.dataset.name} again, until "
        f"{day(grant.expires_at)}.",
        f"grant-restored:{grant.pk}",
        now,
    )


def tell_closed(
    dataset: Dataset, people: Iterable[Principal], version: int, reason: str, *, now: datetime
) -> None:
    """To those who answer for a dataset: nobody can read it until its rules are mended, and why."""
    for person in people:
        tell(
            person,
            "policy.closed",
            f"{dataset.label} is closed: its rules need mending",
            f"{reason} Nobody can read {dataset.name} until its rules are set again. Nothing was shown meanwhile.",
            link=f"/datasets/{dataset.name}/",
            dedupe_key=f"policy-closed:{dataset.pk}:{version}:{person.pk}",
            now=now,
        )


def _to_all(
    people: Iterable[Principal],
    grant: Grant,
    kind: str,
    subject: str,
    body: str,
    key: str,
    now: datetime,
) -> None:
    link = f"{MY_ACCESS}#grant-{grant.pk}"
    for person in sorted(people, key=lambda each: each.pk):
        tell(person, kind, subject, body, link=link, dedupe_key=f"{key}:{person.pk}", now=now)


def _columns(columns: list[str] | None) -> str:
    if columns is None:
        return "all columns"
    return f"{counted(len(columns), 'column')} ({listed(columns)})"


def _holder(grant: Grant, inside: bool = False) -> str:
    """The holder as the beginning of a sentence, or `inside` one."""
    holder = grant.holder
    if isinstance(holder, Team):
        return f"{'the' if inside else 'The'} team {holder.name}"
    if holder.owner_id is not None:
        return f"{'the' if inside else 'The'} service account {holder.username}"
    return "you" if inside else "You"


def shown_to(person: Principal) -> QuerySet[Notice]:
    """What somebody was told, newest first, without what they never want to hear of."""
    return Notice.objects.filter(recipient=person, is_muted=False)


def n_unread(person: Principal) -> int:
    """How many of them are new. Cost: one query."""
    return shown_to(person).filter(read_at=None).count()


def mark_read(recipient: Principal, notices: Iterable[int] | None = None, *, now: datetime) -> int:
    """Note that somebody has seen these messages of theirs, or all of them; how many were new to them."""
    unread = Notice.objects.filter(recipient=recipient, read_at=None)
    if notices is not None:
        unread = unread.filter(pk__in=list(notices))
    return unread.update(read_at=now)
