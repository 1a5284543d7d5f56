"""Everybody at once: the moves of the stories without their foretelling, for threads that do not wait for each other.

What one of them meets depends on what the others have just done, so a refusal in words is as good as success. Any other
error is none of the portal's answers.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from access import campaigns, clock, grants, sweep
from access.asking import questions, requests, terms
from access.clock import database_now
from access.deciding import decisions, delegation, emergencies, silence
from access.deciding.approval import Stage, said_by
from access.errors import AccessError, NotAllowed
from access.models import (
    AccessRequest,
    BreakGlassReview,
    CampaignItem,
    Certification,
    Delegation,
    Exclusion,
    Grant,
    Principal,
    Question,
    RightSizing,
    Token,
)
from access.people import principals, stewardship, teams, tokens
from access.policies import rules
from access.policies.reading import readings
from tests.access.interleavings import moved_clock
from tests.access.interleavings.world import NAMES, World
from tests.access.lifecycle import DAY
from tests.access.racing import race

# A waiting lock ends by itself long before this; what does not is a deadlock between the portal's own waits.
PATIENCE = "60s"
PURPOSES = ("Churn", "Audit")


@dataclass
class Turn:
    """One person's moment: who acts, on what, drawn by chance from what is there."""

    world: World
    random: random.Random
    now: datetime

    def someone(self) -> Principal:
        """Anybody, as they are known now."""
        return Principal.objects.get(username=self.random.choice((*NAMES, "root")))

    def steward(self) -> Principal:
        """Mostly somebody who answers for the data."""
        return Principal.objects.get(username=self.random.choice(("cyd", "dan", "root", "ann")))

    def any_of(self, kind: type[Any], **where: object) -> Any:
        """One of the rows; the newest more often, because all want them. Errors: `Nothing`."""
        keys = list(kind.objects.filter(**where).order_by("-pk").values_list("pk", flat=True)[:12])
        if not keys:
            raise Nothing
        return kind.objects.get(pk=keys[min(int(self.random.expovariate(0.4)), len(keys) - 1)])


class Nothing(Exception):
    """There is nothing to move."""


Move = Callable[[Turn], object]


def ask(turn: Turn) -> None:
    actor, chance = turn.someone(), turn.random
    requests.submit(
        turn.world.datasets[chance.choice(("plain", "plain", "strict"))],
        actor=actor,
        purpose=chance.choice(PURPOSES),
        duration=chance.choice((5, 60, 90, 170)) * DAY,
        columns=chance.choice((None, ["country"], ["email", "country"])),
        holder=chance.choice((actor, actor, turn.world.team, turn.world.bot)),
        now=turn.now,
    )


def approve(turn: Turn) -> None:
    where = {"state": "pending"} if turn.random.random() < 0.85 else {}
    asked = turn.any_of(AccessRequest, **where)
    for name in turn.random.sample(("cyd", "dan", "root"), 3):
        with suppress(NotAllowed):
            decisions.approve(asked, actor=Principal.objects.get(username=name), now=turn.now)
            return


def deny(turn: Turn) -> None:
    decisions.deny(turn.any_of(AccessRequest), actor=turn.steward(), reason="No", now=turn.now)


def withdraw(turn: Turn) -> None:
    asked = turn.any_of(AccessRequest, state="pending")
    requests.withdraw(asked, actor=asked.requester, now=turn.now)


def ask_back(turn: Turn) -> None:
    asked = turn.any_of(AccessRequest, state="pending")
    questions.ask_back(asked, actor=turn.steward(), text="Why?", now=turn.now)


def answer(turn: Turn) -> None:
    question = turn.any_of(Question, answered_at=None)
    questions.answer(question, actor=question.request.requester, text="Because.", now=turn.now)


def name_delegate(turn: Turn) -> None:
    delegation.name_delegate(
        turn.someone(), actor=turn.steward(), ends_at=turn.now + 5 * DAY, now=turn.now
    )


def end_delegation(turn: Turn) -> None:
    stand = turn.any_of(Delegation, ended_at=None)
    delegation.end(stand, actor=stand.delegator, now=turn.now)


def _holder(turn: Turn, grant: Grant) -> Principal:
    if grant.principal_id is None:
        return turn.someone()
    holder = Principal.objects.get(pk=grant.principal_id)
    return holder.owner or holder


def renew(turn: Turn) -> None:
    grant = turn.any_of(Grant)
    days = turn.random.choice((8, 30, 60))
    grants.request_renewal(grant, actor=_holder(turn, grant), duration=days * DAY, now=turn.now)


def give_back(turn: Turn) -> None:
    grant = turn.any_of(Grant)
    grants.give_back(grant, actor=_holder(turn, grant), now=turn.now)


def revoke(turn: Turn) -> None:
    grants.revoke(turn.any_of(Grant), actor=turn.steward(), reason="Enough", now=turn.now)


def suspend(turn: Turn) -> None:
    grants.suspend(turn.any_of(Grant), actor=turn.steward(), reason="Looking", now=turn.now)


def resume(turn: Turn) -> None:
    asleep = turn.any_of(Grant, suspended_at__isnull=False)
    grants.resume(asleep, actor=turn.steward(), now=turn.now)


def wake(turn: Turn) -> None:
    grant = turn.any_of(Grant, suspended_at__isnull=False)
    grants.wake(grant, actor=_holder(turn, grant), now=turn.now)


def restore(turn: Turn) -> None:
    grant = turn.any_of(Grant, end_reason="unused")
    grants.restore(grant, actor=_holder(turn, grant), now=turn.now)


def readmit(turn: Turn) -> None:
    out = turn.any_of(Exclusion, lifted_at=None)
    grants.readmit(out.grant, actor=out.member, now=turn.now)


def exempt(turn: Turn) -> None:
    ends_at = turn.now + 20 * DAY
    grants.exempt(
        turn.any_of(Grant), actor=turn.steward(), reason="Season", ends_at=ends_at, now=turn.now
    )


def unexempt(turn: Turn) -> None:
    grants.withdraw(turn.any_of(Grant), actor=turn.steward(), now=turn.now)


def come_and_go(turn: Turn) -> None:
    person = turn.someone()
    change = principals.deactivate if person.is_active else principals.reactivate
    change(person, actor=None, now=turn.now)


def change_team(turn: Turn) -> None:
    person = turn.someone()
    change = turn.random.choice((teams.add_member, teams.remove_member))
    change(turn.world.team, person, actor=None, now=turn.now)


def charge(turn: Turn) -> None:
    change = turn.random.choice((stewardship.appoint, stewardship.dismiss))
    person = Principal.objects.get(username=turn.random.choice(("dan", "ann")))
    change(person, actor=None, now=turn.now, dataset=turn.world.datasets["plain"])


def rename(turn: Turn) -> None:
    """As somebody does who opened the form a moment ago."""
    person = turn.someone()
    time.sleep(0.01)
    principals.amend(person, actor=None, now=turn.now, name=person.username.title())


def adopt(turn: Turn) -> None:
    bot = Principal.objects.get(pk=turn.world.bot.pk)
    principals.amend(bot, actor=None, now=turn.now, owner=turn.someone())


def break_glass(turn: Turn) -> None:
    dataset = turn.world.datasets[turn.random.choice(("plain", "strict"))]
    responder = Principal.objects.get(username="rio")
    emergencies.break_glass(dataset, actor=responder, reason="Fire", now=turn.now)


def review_emergency(turn: Turn) -> None:
    emergencies.review_emergency(
        turn.any_of(BreakGlassReview, reviewed_at=None),
        actor=turn.steward(),
        is_justified=True,
        note="Seen",
        now=turn.now,
    )


def change_rules(turn: Turn) -> None:
    dataset, said = turn.world.datasets["plain"], said_by(turn.world.datasets["plain"])
    rules.set_policy(
        dataset,
        actor=None,
        now=turn.now,
        stages=[Stage(("stewards",), turn.random.choice((1, 2)))],
        longest=180 * DAY,
        responders=said.responders,
        auto_approve=said.auto_approve,
    )


def open_campaign(turn: Turn) -> None:
    dataset = turn.world.datasets[turn.random.choice(("plain", "strict"))]
    scope = turn.random.choice((f"dataset:{dataset.name}", "team:sales"))
    due_at = turn.now + turn.random.choice((1, 10)) * DAY
    campaigns.open_campaign("Review", scope, actor=turn.steward(), due_at=due_at, now=turn.now)


def certify(turn: Turn) -> None:
    item = turn.any_of(CampaignItem, moot_at=None)
    verdict = turn.random.choice((Certification.KEEP, Certification.REVOKE, Certification.NARROW))
    columns = ["email"] if verdict is Certification.NARROW else None
    campaigns.certify(
        item, actor=turn.steward(), verdict=verdict, reason="So", columns=columns, now=turn.now
    )


def take_back(turn: Turn) -> None:
    item = turn.any_of(CampaignItem, decided_by__isnull=False)
    campaigns.take_back(item, actor=item.decided_by, now=turn.now)


def run_campaigns(turn: Turn) -> None:
    campaigns.run(turn.now)


def keep_columns(turn: Turn) -> None:
    grant = turn.any_of(RightSizing, closed_at=None).grant
    grants.keep_columns(grant, actor=_holder(turn, grant), now=turn.now)


def change_terms(turn: Turn) -> None:
    text = turn.random.choice(("Be kind.", "Be kind and brief.", ""))
    terms.set_terms(turn.world.datasets["plain"], text, actor=turn.steward(), now=turn.now)


def accept(turn: Turn) -> None:
    plain = turn.world.datasets["plain"]
    standing = terms.terms_of(plain)
    if standing is None:
        raise Nothing
    terms.accept(plain, standing.version, actor=turn.someone(), now=turn.now)


def token(turn: Turn) -> None:
    person = turn.someone()
    if turn.random.random() < 0.6:
        tokens.issue(person, actor=person, now=turn.now, expires_at=turn.now + 20 * DAY)
    else:
        tokens.revoke(turn.any_of(Token, revoked_at=None), actor=None, now=turn.now)


def read(turn: Turn) -> None:
    """The gate's own decision for somebody, while everything around it changes."""
    names = {dataset.identity: name for name, dataset in turn.world.datasets.items()}
    readings(turn.someone(), turn.world.datasets["plain"].warehouse, names)


def tick(turn: Turn) -> None:
    """What a beat does every minute, in an order of its own."""
    parts: list[Callable[[], object]] = [
        lambda: grants.stamp_expired(as_of=database_now()),
        clock.advance,
        lambda: silence.lapse(database_now()),
        lambda: silence.escalate(database_now()),
        lambda: emergencies.remind(database_now()),
    ]
    turn.random.shuffle(parts)
    for part in parts:
        part()


def review(turn: Turn) -> None:
    sweep.run(turn.now, beyond_brake=True)


MOVES: dict[Move, int] = {
    ask: 14, approve: 18, deny: 2, withdraw: 3, ask_back: 2, answer: 2, name_delegate: 2, end_delegation: 1, renew: 5,
    give_back: 3, revoke: 3, suspend: 3, resume: 2, wake: 2, restore: 4, readmit: 1, exempt: 2, unexempt: 1,
    come_and_go: 3, change_team: 3, adopt: 2, charge: 2, rename: 2, break_glass: 2, review_emergency: 2, change_rules: 1,
    open_campaign: 3, certify: 8, take_back: 3, run_campaigns: 3, keep_columns: 1, change_terms: 1, accept: 3, token: 2,
    read: 3, tick: 4, review: 3,
}  # fmt: skip


@dataclass
class Crowd:
    """Threads that move at once, round after round, with the clock moved in between."""

    world: World
    seed: int
    n_threads: int = 6
    n_each: int = 8
    moved: timedelta = field(default_factory=timedelta)
    met: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def round(self, number: int) -> None:
        """Everybody moves; what is no answer of the portal is in `wrong`."""
        race(*(partial(self._act, number, place) for place in range(self.n_threads)))

    def _act(self, number: int, place: int) -> None:
        moved_clock.take(self.moved)
        moved_clock.be_patient(PATIENCE)
        chance = random.Random(f"{self.seed} {number} {place}")
        for move in chance.choices([*MOVES], weights=[*MOVES.values()], k=self.n_each):
            self._move(move, chance)

    def _move(self, move: Move, chance: random.Random) -> None:
        try:
            move(Turn(self.world, chance, database_now()))
        except Nothing:
            said = "nothing"
        except AccessError as error:
            said = type(error).__name__
        except Exception as error:
            said = "wrong"
            self.wrong.append(f"{move.__name__}: {type(error).__name__}: {error}")
        else:
            said = "done"
        self.met[said] += 1
        self.met[f"{move.__name__} {said}"] += 1
