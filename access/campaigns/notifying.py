"""What reviewers and openers are told: one digest a reviewer, a reminder before the deadline, a summary at the end."""

from datetime import datetime

from access.campaigns.standing import Progress, reviewers_of
from access.models import Campaign
from access.notices import tell
from access.people.permissions import administrators
from access.words import counted, day

REVIEW = "/reviews/{}/"


def tell_opened(campaign: Campaign, *, now: datetime) -> None:
    """To everybody with a say: how many grants wait for their word, and until when."""
    by = str(campaign.opener) if campaign.opener else "The configuration"
    for person, n_waiting, _ in reviewers_of(campaign):
        tell(
            person,
            "campaign.opened",
            f"Review access: {campaign.name}",
            f"{by} asks who should keep access. {_waiting(n_waiting)} for your word until "
            f"{day(campaign.due_at)}, sorted by what the evidence says. What nobody decides is suspended then.",
            link=REVIEW.format(campaign.pk),
            dedupe_key=f"campaign-opened:{campaign.pk}:{person.pk}",
            now=now,
        )


def _waiting(n: int, still: str = "") -> str:
    """`1 grant waits`, `2 grants wait`."""
    return f"{counted(n, 'grant')} {still}{'waits' if n == 1 else 'wait'}"


def tell_reminded(campaign: Campaign, *, now: datetime) -> None:
    """To everybody who still has something to say."""
    for person, n_waiting, _ in reviewers_of(campaign):
        if n_waiting:
            tell(
                person,
                "campaign.reminded",
                f"{counted(n_waiting, 'grant')} to review by {day(campaign.due_at)}",
                f"In “{campaign.name}”, {_waiting(n_waiting, 'still ')} for your word. What nobody decides by "
                f"{day(campaign.due_at)} is suspended, and its holders cannot read until a steward brings it back.",
                link=REVIEW.format(campaign.pk),
                dedupe_key=f"campaign-reminded:{campaign.pk}:{person.pk}",
                now=now,
            )


def tell_closed(campaign: Campaign, progress: Progress, *, now: datetime) -> None:
    """To whoever opened it, or the administrators: how it came out."""
    for person in [campaign.opener] if campaign.opener else administrators():
        tell(
            person,
            "campaign.closed",
            f"The review is over: {campaign.name}",
            f"Of {counted(progress.total, 'grant')}: {progress.kept} kept, {progress.narrowed} narrowed, "
            f"{progress.revoked} revoked, {progress.suspended} suspended because nobody decided, {progress.moot} over "
            "before. The whole record can be exported.",
            link=REVIEW.format(campaign.pk),
            dedupe_key=f"campaign-closed:{campaign.pk}:{person.pk}",
            now=now,
        )
