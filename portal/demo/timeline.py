"""A story told in order: who did what and when, each act done by the function that does it in real life.

Acts are noted first and played sorted by their moment, so that the audit, the mailbox and the evidence of use come out as
if the portal had been there all along. A request is known by a word until it exists; so is the grant that came of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db import transaction

from access import describing, grants, sweep
from access.asking import requests
from access.clock import noted_at
from access.deciding import decisions
from access.models import AccessRequest, Grant, Principal, Team
from access.people import principals
from access.people import teams as teams_of_people
from catalog.models import Dataset

Act = Callable[[datetime], object]


@dataclass
class Timeline:
    """Acts with their moments, told from `now` backwards."""

    now: datetime
    acts: list[tuple[datetime, Act, bool]] = field(default_factory=list)
    requests: dict[str, AccessRequest] = field(default_factory=dict)
    people: dict[str, Principal] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    teams: dict[str, set[int]] = field(default_factory=dict)
    held: list[Grant] = field(default_factory=list)

    def day(self, days: int, at: str = "09:30") -> datetime:
        """That time of day (UTC), so many days ago."""
        midnight = datetime.combine(self.now.date(), time(), self.now.tzinfo)
        hours, minutes = map(int, at.split(":"))
        return midnight - timedelta(days=days) + timedelta(hours=hours, minutes=minutes)

    def night(self, nights: int) -> datetime:
        """When the nightly review was due, so many nights before the last one."""
        return sweep.next_due(self.now) - timedelta(days=nights + 1)

    def ago(self, hours: float) -> datetime:
        """So many hours before now."""
        return self.now - timedelta(hours=hours)

    def note(self, moment: datetime, act: Act, *, changes: bool = True) -> None:
        """Have `act` done at `moment`. Reading `changes` nobody's grants: what is known of them then stays known."""
        assert moment < self.now, moment
        self.acts.append((moment, act, changes))

    def play(self) -> None:
        """Do everything in order."""
        for moment, act, changes in sorted(self.acts, key=lambda noted: noted[0]):
            if changes:
                self.held.clear()
            with transaction.atomic(), noted_at(moment):
                act(moment)

    def holding(self, username: str, name: str) -> list[Grant]:
        """The open, unsuspended grants of somebody on a dataset, those among them included that have not begun."""
        if not self.held:
            self.held.extend(Grant.objects.filter(ended_at=None, suspended_at=None))
        who, about = self.person(username), self.dataset(name)
        if username not in self.teams:
            self.teams[username] = set(who.groups.values_list("pk", flat=True))
        return [
            grant
            for grant in self.held
            if grant.dataset_id == about.pk
            and (grant.principal_id == who.pk or grant.team_id in self.teams[username])
        ]

    def person(self, username: str) -> Principal:
        """Somebody by name."""
        if username not in self.people:
            self.people[username] = Principal.objects.get(username=username)
        return self.people[username]

    def dataset(self, name: str) -> Dataset:
        """A dataset by `schema.table`."""
        if name not in self.datasets:
            known = Dataset.objects.select_related("domain", "warehouse")
            self.datasets[name] = known.get(name=f"tarnfell.{name}")
        return self.datasets[name]

    def grant(self, key: str) -> Grant:
        """The grant that came of the request known as `key`."""
        return Grant.objects.select_related("dataset", "principal", "team").get(
            decision__request=self.requests[key]
        )

    def ask(
        self,
        moment: datetime,
        key: str,
        who: str,
        what: str,
        purpose: str,
        *,
        days: int,
        columns: Sequence[str] | None = None,
        unmasked: Sequence[str] = (),
        holder: str = "",
        starts_at: datetime | None = None,
        origin: str = "dataset",
    ) -> None:
        """Somebody asks for `what`, for themself or for `holder`; a rule may grant it at once."""

        def act(now: datetime) -> None:
            self.requests[key] = requests.submit(
                self.dataset(what),
                actor=self.person(who),
                purpose=purpose,
                duration=timedelta(days=days),
                columns=columns,
                unmasked=unmasked,
                holder=self.person(holder) if holder else None,
                starts_at=starts_at,
                origin=origin,
                now=now,
            )

        self.note(moment, act)

    def approve(
        self,
        moment: datetime,
        key: str,
        by: str,
        reason: str = "",
        *,
        columns: Sequence[str] | None = None,
        unmasked: Sequence[str] | None = None,
        rows: str = "",
        days: int | None = None,
    ) -> None:
        """A steward approves, narrower if wanted."""
        self.note(
            moment,
            lambda now: decisions.approve(
                self.requests[key],
                actor=self.person(by),
                reason=reason,
                columns=columns,
                unmasked=unmasked,
                rows=rows,
                duration=timedelta(days=days) if days else None,
                now=now,
            ),
        )

    def deny(self, moment: datetime, key: str, by: str, reason: str) -> None:
        """A steward denies."""
        self.note(
            moment,
            lambda now: decisions.deny(
                self.requests[key], actor=self.person(by), reason=reason, now=now
            ),
        )

    def withdraw(self, moment: datetime, key: str, who: str) -> None:
        """Whoever asked takes it back."""
        self.note(
            moment,
            lambda now: requests.withdraw(self.requests[key], actor=self.person(who), now=now),
        )

    def give_back(self, moment: datetime, key: str, who: str) -> None:
        """The holder returns the grant."""
        self.note(
            moment, lambda now: grants.give_back(self.grant(key), actor=self.person(who), now=now)
        )

    def revoke(self, moment: datetime, key: str, by: str, reason: str) -> None:
        """A steward ends the grant."""
        self.note(
            moment,
            lambda now: grants.revoke(
                self.grant(key), actor=self.person(by), reason=reason, now=now
            ),
        )

    def suspend(self, moment: datetime, key: str, by: str, reason: str) -> None:
        """A steward suspends the grant."""
        self.note(
            moment,
            lambda now: grants.suspend(
                self.grant(key), actor=self.person(by), reason=reason, now=now
            ),
        )

    def renew(self, moment: datetime, key: str, who: str, renewal: str, *, days: int) -> None:
        """The holder asks for a later end; the request is known as `renewal`."""

        def act(now: datetime) -> None:
            self.requests[renewal] = grants.request_renewal(
                self.grant(key), actor=self.person(who), duration=timedelta(days=days), now=now
            )

        self.note(moment, act)

    def describe(
        self, moment: datetime, by: str, what: str, value: object, *, field: str, column: str = ""
    ) -> None:
        """Somebody's own words about a dataset or a column."""
        self.note(
            moment,
            lambda now: describing.describe(
                self.dataset(what),
                actor=self.person(by),
                field=field,
                value=value,
                column=column or None,
                now=now,
            ),
        )

    def hire(self, moment: datetime, username: str, name: str, teams: Sequence[str]) -> None:
        """Somebody who was here for a while and is in no file."""

        def act(now: datetime) -> None:
            joined = principals.create_person(
                username, name=name, email=f"{username}@tarnfell.example", actor=None, now=now
            )
            for team in teams:
                teams_of_people.add_member(Team.objects.get(name=team), joined, actor=None, now=now)

        self.note(moment, act)

    def leave(self, moment: datetime, username: str, reason: str) -> None:
        """They leave, and everything they hold ends."""
        self.note(
            moment,
            lambda now: principals.deactivate(
                self.person(username), actor=self.person("marit"), reason=reason, now=now
            ),
        )
