"""One word on one grant: keep it, take out what nobody uses, or revoke it. It can be taken back for a while.

A verdict counts at once: what is revoked reads nothing from then on. It is carried out, and can no longer be taken
back, a quarter of an hour later; ended grants never come back, so that time is what makes a slip of a key harmless.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from access import notices
from access.audit.events import Kind, record
from access.campaigns.standing import UNDECIDED, mandate_of
from access.errors import AlreadyDecided, Conflict, Invalid, NotAllowed
from access.grants import ending
from access.models import (
    Campaign,
    CampaignItem,
    Certification,
    EndReason,
    Grant,
    Principal,
    RightSizing,
)
from access.words import day, listed
from catalog.models import Column

SECOND_THOUGHTS = timedelta(minutes=15)
REASON_LIMIT = 2_000


def silence(campaign: Campaign) -> str:
    """Why a grant is suspended that nobody has said anything about by the deadline."""
    return (
        f"Nobody certified it in the review “{campaign.name}” by {day(campaign.due_at)}. "
        "A steward of the data can bring it back with one click."
    )


def revoking(campaign: Campaign, reason: str) -> str:
    """Why a grant is suspended between the verdict and its end."""
    return f"Revoked in the review “{campaign.name}”: {reason}"


@transaction.atomic
def certify(
    item: CampaignItem,
    *,
    actor: Principal,
    verdict: Certification,
    now: datetime,
    reason: str = "",
    columns: Collection[str] | None = None,
) -> CampaignItem:
    """Say what becomes of one grant. A narrowing takes out `columns`, or those that the evidence names.

    It also lifts what the deadline suspended. Without a reason, the evidence's own is taken where it recommends this.
    Errors: `NotAllowed` for the holder and whoever does not decide about the data; `Invalid` with the field;
    `AlreadyDecided`; `Conflict` where the grant is over.
    """
    mandate = mandate_of(actor, item, now)
    if mandate is None:
        raise NotAllowed(_against(item))
    said = " ".join(reason.split()) or (item.because if item.recommended == verdict else "")
    dropped = _dropped(item, columns) if verdict == Certification.NARROW else []
    _check(verdict, said)
    claimed = CampaignItem.objects.filter(UNDECIDED, pk=item.pk).update(
        verdict=verdict,
        reason=said if verdict != Certification.KEEP or reason.strip() else "",
        columns=dropped,
        decided_by=actor,
        on_behalf_of=None if mandate == actor else mandate,
        decided_at=now,
    )
    if not claimed:
        raise _settled(item)
    item.refresh_from_db()
    grant = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("dataset")
        .get(pk=item.grant_id)
    )
    if grant.ended_at is not None or grant.expires_at <= now:
        raise Conflict("This access is over already. There is nothing left to decide.")
    if verdict == Certification.REVOKE:
        hold(grant, revoking(item.campaign, said), actor=actor, now=now, quietly=True)
    elif item.suspended_at is not None:
        _lift(grant, silence(item.campaign), actor, now, quietly=False)
    _note(Kind.GRANT_CERTIFIED, item, grant, actor, now)
    return item


def certify_several(
    rows: QuerySet[CampaignItem],
    *,
    actor: Principal,
    verdict: Certification | None,
    now: datetime,
    reason: str = "",
) -> tuple[list[CampaignItem], list[str]]:
    """One verdict on several grants, each as if it were the only one, or for each what is recommended for it.

    Those decided, and a sentence for each that could not be.
    """
    done, problems = [], []
    for item in rows:
        wanted = verdict or (Certification(item.recommended) if item.recommended else None)
        if wanted is None:
            continue
        try:
            done.append(certify(item, actor=actor, verdict=wanted, reason=reason, now=now))
        except (NotAllowed, Invalid, Conflict) as error:
            problems.append(f"{item.grant.holder}, {item.grant.dataset.label}: {error.message}")
    return done, problems


@transaction.atomic
def take_back(item: CampaignItem, *, actor: Principal, now: datetime) -> CampaignItem:
    """Undo one's own verdict within a quarter of an hour, as if nothing had been said.

    Errors: `NotAllowed` for a verdict of somebody else's; `Conflict` when it is carried out, or would leave a grant
    without a word after the deadline.
    """
    if item.decided_by_id != actor.pk:
        raise NotAllowed("Only whoever said it can take it back.")
    mine = CampaignItem.objects.filter(
        Q(suspended_at__isnull=False) | Q(campaign__closed_at=None, campaign__due_at__gt=now),
        pk=item.pk,
        decided_by=actor,
        decided_at=item.decided_at,
        decided_at__gt=now - SECOND_THOUGHTS,
        carried_out_at=None,
    )
    # Said twice, because PostgreSQL asks the outer condition again of a row that somebody has just changed.
    same = CampaignItem.objects.filter(
        pk__in=mine.values("pk"), decided_by=actor, decided_at=item.decided_at, carried_out_at=None
    )
    claimed = same.update(
        verdict="", reason="", columns=[], decided_by=None, on_behalf_of=None, decided_at=None
    )
    if not claimed:
        raise Conflict(
            "It is too late to take this back. Whoever lost access can ask for it again."
        )
    verdict, reason = item.verdict, item.reason
    item.refresh_from_db()
    grant = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("dataset")
        .get(pk=item.grant_id)
    )
    _undo(item, grant, verdict, reason, actor, now)
    _note(Kind.GRANT_UNCERTIFIED, item, grant, actor, now, verdict=verdict)
    return item


def last_of(campaign: Campaign, actor: Principal, now: datetime) -> CampaignItem | None:
    """The last verdict of somebody's in a campaign that can still be taken back."""
    mine = CampaignItem.objects.filter(
        campaign=campaign,
        decided_by=actor,
        carried_out_at=None,
        decided_at__gt=now - SECOND_THOUGHTS,
    )
    return mine.select_related("campaign").order_by("-decided_at", "-pk").first()


def carry_out(now: datetime) -> int:
    """Do for good what was said a quarter of an hour ago or earlier; how many. Safe to repeat and to interrupt."""
    due = CampaignItem.objects.filter(carried_out_at=None, decided_at__lte=now - SECOND_THOUGHTS)
    keys = list(due.exclude(verdict="").order_by("decided_at", "pk").values_list("pk", flat=True))
    return sum(_carry_out(key, now) for key in keys)


def hold(
    grant: Grant, reason: str, *, actor: Principal | None, now: datetime, quietly: bool = False
) -> None:
    """Suspend a grant for a review, or what sleeps for another reason that its holder could lift themself.

    A grant suspended by somebody, or because its rules are broken, stays as it is: that is theirs to lift.
    """
    if not ending.pause(grant, actor=actor, reason=reason, now=now, quietly=quietly):
        ending.take_over(grant, actor=actor, reason=reason, now=now, quietly=quietly)


def _lift(grant: Grant, reason: str, actor: Principal, now: datetime, *, quietly: bool) -> None:
    """End a suspension that is this review's own; a service account without an owner goes on waiting for one."""
    if grant.suspend_reason != reason:
        return
    holder = grant.principal
    owner = holder.owner if holder is not None else None
    if holder is not None and holder.kind == "service" and not (owner and owner.is_active):
        Grant.objects.filter(pk=grant.pk).update(suspend_reason=ending.ORPHANED)
        return
    ending.unpause(grant, actor=actor, now=now, quietly=quietly)


def _undo(
    item: CampaignItem, grant: Grant, verdict: str, reason: str, actor: Principal, now: datetime
) -> None:
    words = silence(item.campaign)
    if verdict == Certification.REVOKE:
        ours = grant.suspend_reason == revoking(item.campaign, reason)
        if ours and item.suspended_at is not None:
            Grant.objects.filter(pk=grant.pk, ended_at=None).update(suspend_reason=words)
        elif ours and grant.expires_at > now:
            _lift(grant, grant.suspend_reason, actor, now, quietly=True)
    elif item.suspended_at is not None:
        hold(grant, words, actor=actor, now=now)


@transaction.atomic
def _carry_out(pk: int, now: datetime) -> bool:
    found = CampaignItem.objects.select_for_update(of=("self",), skip_locked=True).select_related(
        "campaign", "decided_by"
    )
    item = found.filter(pk=pk, carried_out_at=None).exclude(verdict="").first()
    if item is None or item.decided_at is None or item.decided_at > now - SECOND_THOUGHTS:
        return False
    CampaignItem.objects.filter(pk=pk).update(carried_out_at=now)
    grant = (
        Grant.objects.select_for_update(of=("self",))
        .select_related("dataset")
        .get(pk=item.grant_id)
    )
    if item.verdict == Certification.REVOKE:
        if ending.close(grant, EndReason.REVOKED, actor=item.decided_by, note=item.reason, now=now):
            notices.tell_revoked(grant, actor=item.decided_by, now=now)
    elif item.verdict == Certification.NARROW:
        _narrow(grant, item, now)
    return True


def _narrow(grant: Grant, item: CampaignItem, now: datetime) -> None:
    before = _granted(grant)
    left = [name for name in before if name not in item.columns]
    open_grant = Grant.objects.filter(pk=grant.pk, ended_at=None)
    unmasked = [name for name in grant.unmasked if name not in item.columns]
    if (
        not left
        or len(left) == len(before)
        or not open_grant.update(columns=left, unmasked=unmasked)
    ):
        return
    RightSizing.objects.filter(grant=grant, closed_at=None).update(closed_at=now)
    record(
        Kind.GRANT_NARROWED,
        actor=item.decided_by,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        reason=item.reason,
        data={"holder": grant.holder.label, "columns": item.columns, "old": grant.columns},
        now=now,
    )
    for person in notices.audience(grant.holder):
        notices.tell(
            person,
            "grant.narrowed",
            f"Your access to {grant.dataset.label} is narrower",
            f"{item.decided_by} took {listed(item.columns)} of {grant.dataset.name} out of it in a review: "
            f"“{item.reason}” Ask for what you miss.",
            link=f"{notices.MY_ACCESS}#grant-{grant.pk}",
            dedupe_key=f"grant-narrowed:{item.pk}:{person.pk}",
            now=now,
        )


def _granted(grant: Grant) -> list[str]:
    if grant.columns is not None:
        return list(grant.columns)
    present = Column.objects.filter(dataset=grant.dataset_id, removed_at=None)
    return list(present.order_by("position").values_list("name", flat=True))


def _dropped(item: CampaignItem, columns: Collection[str] | None) -> list[str]:
    held = _granted(item.grant)
    wanted = list(dict.fromkeys(item.unused if columns is None else columns))
    unknown = [name for name in wanted if name not in held]
    if unknown and columns is not None:
        raise Invalid(f"{listed(unknown)} is not part of this access.", "columns")
    dropped = [name for name in wanted if name in held]
    if not dropped:
        raise Invalid("Every column of it is in use. Name those to take out.", "columns")
    if len(dropped) == len(held):
        raise Invalid("That would leave no column. Revoke it instead.", "columns")
    return dropped


def _check(verdict: Certification, reason: str) -> None:
    if verdict != Certification.KEEP and not reason:
        raise Invalid("Say why; the holder reads it.", "reason")
    if len(reason) > REASON_LIMIT:
        raise Invalid(f"Keep the reason below {REASON_LIMIT:,} characters.", "reason")


def _against(item: CampaignItem) -> str:
    return (
        f"A steward of {item.grant.dataset.label} who gains nothing by this access says what becomes of it; "
        "nobody certifies their own."
    )


def _settled(item: CampaignItem) -> Conflict:
    item.refresh_from_db()
    if item.moot_at is not None:
        return Conflict("This access was over before anybody decided.")
    return AlreadyDecided(f"{item.decided_by} has decided this already.")


def _note(
    kind: Kind, item: CampaignItem, grant: Grant, actor: Principal, now: datetime, **data: object
) -> None:
    said = {"verdict": item.verdict, "columns": item.columns, "on_behalf_of": item.on_behalf_of}
    record(
        kind,
        actor=actor,
        subject=f"grant:{grant.pk}",
        dataset=grant.dataset,
        reason=item.reason,
        data={"campaign": item.campaign_id, "holder": grant.holder.label, **said, **data},
        now=now,
    )
