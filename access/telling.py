"""What people are told while something is decided: delegations, questions, and the alarm of an emergency.

Written with `notices.tell`, and under the same rules: one row a person and event, and no dataset named to strangers.
"""

from collections.abc import Iterable
from datetime import datetime

from access.models import AccessRequest, BreakGlassReview, Delegation, Principal, Question
from access.notices import REQUEST, tell
from access.words import day, span

EMERGENCY = "/emergencies/{}/"


def tell_delegated(delegation: Delegation, *, now: datetime) -> None:
    """To the delegate: in whose place they decide, and until when."""
    note = f" “{delegation.note}”" if delegation.note else ""
    tell(
        delegation.delegate,
        "delegation.made",
        f"You decide for {delegation.delegator} until {day(delegation.ends_at)}",
        f"{delegation.delegator} named you to decide requests in their place from {day(delegation.starts_at)} until "
        f"{day(delegation.ends_at)}.{note} What waits for them is in your inbox for that time; it ends by itself.",
        link="/inbox/",
        dedupe_key=f"delegation-made:{delegation.pk}",
        now=now,
    )


def tell_delegation_ended(delegation: Delegation, *, actor: Principal, now: datetime) -> None:
    """To whichever of the two did not end it."""
    for person in {delegation.delegator, delegation.delegate} - {actor}:
        tell(
            person,
            "delegation.ended",
            f"{delegation.delegate} no longer decides for {delegation.delegator}",
            f"{actor} ended it. What waits is decided by {delegation.delegator} again.",
            link="/inbox/",
            dedupe_key=f"delegation-ended:{delegation.pk}:{person.pk}",
            now=now,
        )


def tell_question(question: Question, *, now: datetime) -> None:
    """To whoever asked: what somebody wants to know before they decide."""
    asked = question.request
    tell(
        asked.requester,
        "request.questioned",
        f"{question.asker} has a question about your request for {asked.dataset.label}",
        f"“{question.text}” Your request waits for your answer; nobody decides it meanwhile.",
        link=REQUEST.format(asked.pk),
        dedupe_key=f"question:{question.pk}",
        now=now,
    )


def tell_answer(question: Question, people: Iterable[Principal], *, now: datetime) -> None:
    """To whoever asked back and to the others who can decide: the answer."""
    asked = question.request
    for person in {question.asker, *people}:
        tell(
            person,
            "request.answered",
            f"{question.answered_by} answered about {asked.dataset.label}",
            f"“{question.text}” “{question.answer}” The request waits for you again.",
            link=REQUEST.format(asked.pk),
            dedupe_key=f"answer:{question.pk}:{person.pk}",
            now=now,
        )


def tell_superseded(access_request: AccessRequest, reason: str, *, now: datetime) -> None:
    """To whoever asked: the rules have changed, and how to go on."""
    asked = access_request
    tell(
        asked.requester,
        "request.superseded",
        f"Ask again for {asked.dataset.label}: its rules have changed",
        f"{reason} Your request for {asked.dataset.name} was put aside without a decision. Ask again; it takes a minute.",
        link=f"/datasets/{asked.dataset.name}/request/",
        dedupe_key=f"request-superseded:{asked.pk}",
        now=now,
    )


def tell_glass_broken(
    review: BreakGlassReview, people: Iterable[Principal], *, now: datetime
) -> None:
    """To stewards and administrators, at once: who took access, to what, why, and until when."""
    grant = review.grant
    lasts = span(grant.expires_at - grant.starts_at)
    for person in people:
        tell(
            person,
            "glass.broken",
            f"Emergency: {review.responder} took access to {grant.dataset.label}",
            f"{review.responder} broke glass for {grant.dataset.name} for {lasts}: “{grant.decision.reason}” You can "
            f"end it now. What they read has to be reviewed by {day(review.due_at)}.",
            link=EMERGENCY.format(review.pk),
            dedupe_key=f"glass-broken:{review.pk}:{person.pk}",
            now=now,
        )


def tell_glass_reviewed(
    review: BreakGlassReview, administrators: Iterable[Principal], *, now: datetime
) -> None:
    """To the responder; to the administrators too when it was found not to be justified."""
    found = "justified" if review.is_justified else "not justified"
    people = {review.responder, *(() if review.is_justified else administrators)}
    for person in people - {review.reviewer}:
        tell(
            person,
            "glass.reviewed",
            f"The emergency on {review.grant.dataset.label} was reviewed: {found}",
            f"{review.reviewer} found it {found}: “{review.note}”",
            link=EMERGENCY.format(review.pk),
            dedupe_key=f"glass-reviewed:{review.pk}:{person.pk}",
            now=now,
        )


def tell_glass_overdue(
    review: BreakGlassReview, people: Iterable[Principal], *, now: datetime
) -> None:
    """To the responder and those who can review: the right is suspended until somebody does."""
    for person in {review.responder, *people}:
        tell(
            person,
            "glass.overdue",
            f"Nobody reviewed the emergency on {review.grant.dataset.label}",
            f"The review of what {review.responder} read was due on {day(review.due_at)}. Until it is made, "
            f"{review.responder} cannot break glass anywhere.",
            link=EMERGENCY.format(review.pk),
            dedupe_key=f"glass-overdue:{review.pk}:{person.pk}",
            now=now,
        )
