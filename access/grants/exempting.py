"""Exemptions: somebody answers for it that a grant goes unused for a while. Never its holder, and never for ever."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from access.audit.events import Kind, record
from access.deciding.separation import stands_to_gain
from access.errors import Invalid, NotAllowed
from access.models import Exemption, Grant, Principal
from access.models.unused import LONGEST_EXEMPTION
from access.people.permissions import Permission, may, over
from access.words import counted


@transaction.atomic
def exempt(
    grant: Grant,
    *,
    actor: Principal,
    reason: str,
    ends_at: datetime,
    now: datetime,
    owner: Principal | None = None,
) -> Exemption:
    """Leave a grant alone until `ends_at` although nobody uses it; `owner`, else the actor, answers for that.

    It takes the place of an earlier exemption. Errors: `NotAllowed` unless a steward of the dataset or an
    administrator acts, and never where actor or owner would gain; `Invalid` with the field.
    """
    _require(grant, actor)
    answers = owner or actor
    if stands_to_gain(actor, grant.holder) or stands_to_gain(answers, grant.holder):
        raise NotAllowed("Somebody who gains nothing by this access has to answer for it.")
    if not answers.is_active:
        raise Invalid(f"{answers.label} is not active.", "owner")
    if not reason.strip():
        raise Invalid("Say why it may go unused.", "reason")
    if not now < ends_at <= now + LONGEST_EXEMPTION:
        most = counted(LONGEST_EXEMPTION.days, "day")
        raise Invalid(f"An exemption ends in the future, after {most} at most.", "ends_at")
    _end(grant, now)
    made = Exemption.objects.create(
        grant=grant, owner=answers, reason=reason.strip(), starts_at=now, ends_at=ends_at
    )
    data = {"holder": grant.holder.label, "owner": answers.label, "ends_at": ends_at}
    record(
        Kind.GRANT_EXEMPTED,
        actor=actor,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        reason=reason.strip(),
        data=data,
        now=now,
    )
    return made


@transaction.atomic
def withdraw(grant: Grant, *, actor: Principal, now: datetime) -> bool:
    """End an exemption early; False when there was none. Errors: `NotAllowed` as for `exempt`."""
    _require(grant, actor)
    if not exemptions(now).filter(grant=grant).exists() or not _end(grant, now):
        return False
    record(
        Kind.GRANT_UNEXEMPTED,
        actor=actor,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        data={"holder": grant.holder.label},
        now=now,
    )
    return True


def exemptions(now: datetime) -> QuerySet[Exemption]:
    """Those that hold at `now`, of grants that are open; the next to end first."""
    standing = Exemption.objects.filter(withdrawn_at=None, ends_at__gt=now, grant__ended_at=None)
    return standing.select_related("owner", "grant__dataset").order_by("ends_at")


def exemptions_on_data_of(steward: Principal, now: datetime) -> QuerySet[Exemption]:
    """Those on the datasets that somebody answers for."""
    return exemptions(now).filter(grant__dataset__in=over(steward, Permission.DECIDE).values("pk"))


def _end(grant: Grant, now: datetime) -> int:
    # Held, so that of two who exempt it at once the later takes the earlier one's place.
    Grant.objects.select_for_update(no_key=True).get(pk=grant.pk)
    return Exemption.objects.filter(grant=grant, withdrawn_at=None).update(withdrawn_at=now)


def _require(grant: Grant, actor: Principal) -> None:
    if not (may(actor, Permission.DECIDE, grant.dataset) or may(actor, Permission.ADMINISTER)):
        raise NotAllowed(f"Only a steward of {grant.dataset.label} can do this.")
