"""What should be, in plain Python: an oracle that shares no line with the portal and asks no database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.access.interleavings.world import LONGEST, MEMBERS, NAMES, STEWARDS

COLUMNS = frozenset({"customer_id", "email", "country"})
LAPSE = timedelta(days=14)


@dataclass
class Asked:
    """A request: who may still decide it follows from its votes and its stage."""

    id: int
    requester: str
    holder: str
    dataset: str
    columns: frozenset[str] | None
    duration: timedelta
    purpose: str
    quorums: tuple[tuple[str, int], ...]
    submitted_at: datetime
    starts_at: datetime | None = None
    renews: int | None = None
    state: str = "pending"
    stage: int = 1
    escalation: int = 0
    votes: list[tuple[str, str, int]] = field(default_factory=list)
    kept: frozenset[str] | None = None
    shortest: timedelta | None = None
    paused_at: datetime | None = None
    paused: timedelta = timedelta()

    def has_lapsed(self, now: datetime) -> bool:
        """Whether nobody has decided, or answered, for a fortnight."""
        since = self.paused_at or self.submitted_at + self.paused
        return self.state == "pending" and since <= now - LAPSE


@dataclass
class Right:
    """A grant. `asleep` says who put it to sleep: nobody, a steward, the review, or the leaving of an owner."""

    id: int
    holder: str
    dataset: str
    purpose: str
    columns: frozenset[str] | None
    starts_at: datetime
    expires_at: datetime
    kind: str = "person"
    asleep: str = ""
    ended: str = ""
    ended_at: datetime | None = None
    restored: bool = False
    quorums: tuple[tuple[str, int], ...] = ()
    left_out: set[str] = field(default_factory=set)

    def covers(self, at: datetime) -> bool:
        """Whether it gives something at a moment."""
        return not self.ended and not self.asleep and self.starts_at <= at < self.expires_at


@dataclass
class Stand:
    """A delegation."""

    id: int
    delegator: str
    delegate: str
    starts_at: datetime
    ends_at: datetime
    ended: bool = False

    def stands(self, at: datetime) -> bool:
        """Whether it holds at a moment, both being here."""
        return not self.ended and self.starts_at <= at < self.ends_at


@dataclass
class Model:
    """Everything there should be."""

    requests: dict[int, Asked] = field(default_factory=dict)
    rights: dict[int, Right] = field(default_factory=dict)
    delegations: dict[int, Stand] = field(default_factory=dict)
    reviews: dict[int, tuple[str, datetime, bool]] = field(default_factory=dict)
    active: set[str] = field(default_factory=lambda: {*NAMES, "root", "bot"})
    members: set[str] = field(default_factory=lambda: set(MEMBERS))
    bot_owner: str = "ben"
    quorums: dict[str, tuple[tuple[str, int], ...]] = field(
        default_factory=lambda: {
            "plain": (("stewards", 1),),
            "strict": (("stewards", 2), ("administrators", 1)),
        }
    )
    longest: dict[str, timedelta] = field(default_factory=lambda: dict(LONGEST))
    mark: datetime | None = None

    # --- Reading

    def reads(self, who: str, dataset: str, now: datetime) -> set[int]:
        """Through which rights somebody reads a dataset; a clock that went back revives nothing."""
        at = now if self.mark is None else max(now, self.mark)
        return {
            right.id
            for right in self.rights.values()
            if right.dataset == dataset
            and right.covers(at)
            and (
                right.holder == who
                or (right.holder == "sales" and who in self.members and who not in right.left_out)
            )
        }

    # --- Holding

    def is_holder(self, who: str, right: Right) -> bool:
        """Whether it is somebody's own; a team's is nobody's."""
        mine = who == right.holder or (right.holder == "bot" and who == self.bot_owner)
        return mine and who in self.active

    def stands_for(self, who: str, right: Right) -> bool:
        """Whether somebody may ask in the holder's name."""
        member = right.holder == "sales" and who in self.members and who in self.active
        return member or self.is_holder(who, right)

    # --- Deciding

    def gains(self, who: str, holder: str) -> bool:
        """Whether access of a holder would be access of somebody."""
        if holder == "sales":
            return who in self.members
        return who == holder or (holder == "bot" and who == self.bot_owner)

    def is_impartial(self, who: str, asked: Asked) -> bool:
        """Whether nothing stands against somebody's word."""
        return not self.gains(who, asked.requester) and not self.gains(who, asked.holder)

    def stewards(self) -> set[str]:
        """The stewards who are here; the administrator where there is none."""
        here = {name for name in STEWARDS if name in self.active}
        return here or ({"root"} & self.active)

    def turn(self, asked: Asked) -> set[str]:
        """Whose stage it is, whether they gain or not."""
        by = asked.quorums[asked.stage - 1][0]
        people = self.stewards() if by == "stewards" else {"root"} & self.active
        if by == "stewards" and not any(
            self.is_impartial(name, asked) for name in STEWARDS if name in self.active
        ):
            people = people | ({"root"} & self.active)
        if asked.escalation >= 3:
            people = people | ({"root"} & self.active)
        return people

    def mandates(self, who: str, asked: Asked, now: datetime) -> list[str]:
        """In whose name somebody may decide, their own first."""
        if who not in self.active or who == "bot" or not self.is_impartial(who, asked):
            return []
        turn = self.turn(asked)
        found = [who] if who in turn else []
        for each in sorted(self.delegations.values(), key=lambda each: each.delegator):
            if (
                each.delegate == who
                and each.stands(now)
                and each.delegator in self.active & turn
                and self.is_impartial(each.delegator, asked)
            ):
                found.append(each.delegator)
        return found

    def verdict(self, who: str, asked: Asked, now: datetime) -> str:
        """What a vote of somebody meets: `refused`, `settled`, `spoken`, `stricter`, or the name they vote in."""
        mandates = self.mandates(who, asked, now)
        if not mandates:
            return "refused"
        if asked.state != "pending":
            return "settled"
        return next((name for name in mandates if name not in self.spoken(asked)), mandates[0])

    def spoken(self, asked: Asked) -> set[str]:
        """In whose names a word was given."""
        return {mandate for _, mandate, _ in asked.votes}

    def is_overtaken(self, asked: Asked) -> bool:
        """Whether the rules have become stricter since it was asked."""
        return (
            self.more_must_agree(asked.quorums, asked.dataset)
            or asked.duration > self.longest[asked.dataset]
        )

    def more_must_agree(self, then: tuple[tuple[str, int], ...], dataset: str) -> bool:
        """Whether more people have to agree now than did then."""
        today = self.quorums[dataset]
        return len(today) > len(then) or any(
            new[1] > old[1] for new, old in zip(today, then, strict=False)
        )

    def alike(self, holder: str, dataset: str, purpose: str) -> list[Right]:
        """The rights nobody has ended, for the same holder and purpose."""
        return [
            right
            for right in self.rights.values()
            if not right.ended
            and (right.holder, right.dataset, right.purpose) == (holder, dataset, purpose)
        ]

    def room(self, wanted: Right, now: datetime, replaces: bool = False) -> list[Right] | None:
        """The rights that make room for a new one; None when one of them gives something the new one would not."""
        before = self.alike(wanted.holder, wanted.dataset, wanted.purpose)
        for each in before:
            if each.expires_at > now and not replaces and not _covers(wanted, each, now):
                return None
        return before

    def give(self, wanted: Right, now: datetime, replaces: bool = False) -> bool:
        """A new right in the place of those alike; False when it may not be."""
        before = self.room(wanted, now, replaces)
        if before is None:
            return False
        for each in before:
            ran_out = each.expires_at <= now
            self.end(
                each, "expired" if ran_out else "replaced", each.expires_at if ran_out else now
            )
        self.rights[wanted.id] = wanted
        return True

    def end(self, right: Right, why: str, at: datetime) -> None:
        """Over, once and for all."""
        if not right.ended:
            right.ended, right.ended_at = why, at


def _covers(wanted: Right, held: Right, now: datetime) -> bool:
    columns = wanted.columns is None or (
        held.columns is not None and held.columns <= wanted.columns
    )
    lasts = wanted.expires_at >= held.expires_at and wanted.starts_at <= max(now, held.starts_at)
    return columns and lasts
