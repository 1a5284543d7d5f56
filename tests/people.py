"""Makes people, teams and what they may do, the way an operator would."""

from datetime import datetime, timedelta

from access.grants import grant_directly
from access.models import Grant, Principal, Team
from access.people import principals, stewardship, teams
from access.people.permissions import Permission
from catalog.models import Dataset, Domain
from tests.datasets import NOW


def make_person(username: str, *, administrator: bool = False, name: str = "") -> Principal:
    """Somebody who can sign in and may do nothing else."""
    return principals.create_person(
        username,
        actor=None,
        now=NOW,
        email=f"{username}@example.com",
        name=name or username.title(),
        administrator=administrator,
    )


def make_team(name: str, *members: Principal) -> Team:
    """A team of these people."""
    team = teams.create_team(name, actor=None, now=NOW)
    for member in members:
        teams.add_member(team, member, actor=None, now=NOW)
    return team


def put_in_charge(
    holder: Principal | Team,
    over: Dataset | Domain,
    *permissions: Permission,
) -> None:
    """Gives a charge; all of it unless permissions are named."""
    chosen = permissions or stewardship.EVERY_CHARGE
    dataset = over if isinstance(over, Dataset) else None
    domain = over if isinstance(over, Domain) else None
    stewardship.appoint(
        holder, actor=None, now=NOW, dataset=dataset, domain=domain, permissions=chosen
    )


def make_grant(
    holder: Principal | Team,
    dataset: Dataset,
    *,
    now: datetime,
    lasts: timedelta = timedelta(days=30),
    starts_at: datetime | None = None,
    reason: str = "Because a test needs it",
) -> Grant:
    """A grant of everything that starts now, or at `starts_at`."""
    return grant_directly(
        holder,
        dataset,
        actor=None,
        starts_at=starts_at,
        expires_at=(starts_at or now) + lasts,
        reason=reason,
        now=now,
    )
