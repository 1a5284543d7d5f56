"""Terms of use: what an owner wants accepted before somebody asks, which text it was, and who accepted it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from access.audit.events import Kind, record
from access.errors import Conflict, Invalid
from access.models import Principal, TermsAcceptance, TermsOfUse
from access.people.permissions import Permission, require
from catalog.models import Dataset

LIMIT = 20_000


def terms_of(dataset: Dataset) -> TermsOfUse | None:
    """The terms that hold now; None when none are wanted."""
    newest = TermsOfUse.objects.filter(dataset=dataset).order_by("-version").first()
    return newest if newest is not None and newest.text else None


def has_accepted(principal: Principal, terms: TermsOfUse) -> bool:
    """Whether somebody accepted this version."""
    return TermsAcceptance.objects.filter(terms=terms, principal=principal).exists()


def owed_by(principal: Principal, dataset: Dataset) -> TermsOfUse | None:
    """The terms that somebody has to accept before they ask; None when there is nothing to accept."""
    terms = terms_of(dataset)
    return None if terms is None or has_accepted(principal, terms) else terms


@transaction.atomic
def set_terms(dataset: Dataset, text: str, *, actor: Principal | None, now: datetime) -> bool:
    """Make this the text to accept, as a new version; an empty one asks for nothing any more. False when it is so already.

    Who accepted an earlier version accepts the new one before asking again; access already given stands.
    Errors: `NotAllowed` unless the operator or a steward acts; `Invalid`.
    """
    if actor is not None:
        require(actor, Permission.DECIDE, dataset)
    text = text.strip()
    if len(text) > LIMIT:
        raise Invalid(f"Keep the terms below {LIMIT:,} characters.", "terms")
    newest = TermsOfUse.objects.filter(dataset=dataset).order_by("-version").first()
    if text == (newest.text if newest else ""):
        return False
    version = newest.version + 1 if newest else 1
    try:
        with transaction.atomic():
            TermsOfUse.objects.create(
                dataset=dataset, version=version, text=text, set_by=actor, set_at=now
            )
    except IntegrityError as error:
        raise Conflict(
            "Somebody else changed the terms a moment ago. Look at them first."
        ) from error
    record(
        Kind.TERMS_CHANGED,
        actor=actor,
        subject=f"dataset:{dataset.pk}",
        dataset=dataset,
        data={"version": version, "text": text},
        now=now,
    )
    return True


@transaction.atomic
def accept(dataset: Dataset, version: int, *, actor: Principal, now: datetime) -> TermsAcceptance:
    """Note that somebody accepts the terms they were shown; once is enough.

    Errors: `Conflict` when another version holds by now; `Invalid` when there is nothing to accept.
    """
    terms = terms_of(dataset)
    if terms is None:
        raise Invalid(f"{dataset.label} asks for no terms to be accepted.", "terms")
    if terms.version != version:
        raise Conflict("The terms have changed meanwhile. Read the new ones and accept those.")
    accepted, is_new = TermsAcceptance.objects.get_or_create(
        terms=terms, principal=actor, defaults={"accepted_at": now}
    )
    if is_new:
        record(
            Kind.TERMS_ACCEPTED,
            actor=actor,
            subject=f"dataset:{dataset.pk}",
            dataset=dataset,
            data={"version": version},
            now=now,
        )
    return accepted


def require_accepted(
    dataset: Dataset, version: int | None, *, actor: Principal, now: datetime
) -> None:
    """Take the acceptance that comes with a request. Errors: `Invalid` when one is owed and none came."""
    owed = owed_by(actor, dataset)
    if owed is None:
        return
    if version is None:
        raise Invalid(
            f"{dataset.label} has terms of use (version {owed.version}). Accept them with the request.",
            "terms",
        )
    accept(dataset, version, actor=actor, now=now)
