"""The moves of asking and deciding, each with what the model foretells of it."""

from datetime import timedelta

from access import grants
from access.asking import questions, requests
from access.deciding import decisions, delegation
from access.models import AccessRequest, Delegation, Grant, Question
from tests.access.interleavings.model import COLUMNS, Asked, Right, Stand
from tests.access.interleavings.story import Story
from tests.access.interleavings.world import AUTO_COLUMNS, AUTO_LONGEST
from tests.access.lifecycle import DAY

SUBSETS: tuple[frozenset[str] | None, ...] = (
    None,
    frozenset({"country"}),
    frozenset({"email", "country"}),
)


def _names(columns: frozenset[str] | None) -> list[str] | None:
    return None if columns is None else sorted(columns)


def ask(story: Story) -> None:
    chance = story.random
    actor = story.someone()
    holder = chance.choice([actor, actor, "sales", "bot"])
    now = story.now()
    asked = Asked(
        id=0,
        requester=actor,
        holder=holder,
        dataset=chance.choice(["plain", "plain", "strict"]),
        columns=chance.choice(SUBSETS),
        duration=chance.choice([5, 30, 60, 100]) * DAY,
        purpose=chance.choice(["Churn", "Audit"]),
        quorums=(),
        submitted_at=now,
        starts_at=now + 2 * DAY if chance.random() < 0.15 else None,
    )
    made = story.attempt(
        f"{actor} asks for {asked.dataset} {_names(asked.columns)} for {holder}, {asked.duration.days} days",
        may_ask(story, asked),
        lambda: requests.submit(
            story.world.datasets[asked.dataset],
            actor=story.world.people[actor],
            purpose=asked.purpose,
            duration=asked.duration,
            columns=_names(asked.columns),
            holder=story.world.holder(holder),
            starts_at=asked.starts_at,
            now=now,
        ),
    )
    if made is not None:
        placed(story, asked, made)


def may_ask(story: Story, asked: Asked) -> bool:
    """Whether it can be placed: who asks, for how long, and what is held or asked alike."""
    model, now = story.model, asked.submitted_at
    actor, holder = asked.requester, asked.holder
    speaks = holder == actor or (
        actor in model.members
        if holder == "sales"
        else holder == "bot" and actor == model.bot_owner
    )
    if actor not in model.active or not speaks or asked.duration > model.longest[asked.dataset]:
        return False
    for right in model.alike(holder, asked.dataset, asked.purpose):
        if right.expires_at > now:
            wider = asked.columns is None or (
                right.columns is not None and right.columns <= asked.columns
            )
            if (
                right.columns == asked.columns
                or not wider
                or now + asked.duration < right.expires_at
            ):
                return False
    if any(_is_same(asked, each) for each in model.requests.values()):
        return False
    if is_at_once(story, asked):
        return model.room(_wanted(asked, 0), now) is not None
    return True


def _is_same(asked: Asked, other: Asked) -> bool:
    mine, theirs = (
        (
            each.holder,
            each.dataset,
            each.columns,
            each.purpose,
            each.duration,
            each.starts_at,
            each.renews,
        )
        for each in (asked, other)
    )
    return other.state == "pending" and mine == theirs


def is_at_once(story: Story, asked: Asked) -> bool:
    """Whether the rule of `plain` covers it: a member of the team, a little, and nobody gains who writes the rules."""
    model = story.model
    writers = model.stewards()
    asking = {asked.requester, asked.holder}
    if asked.holder == "bot":
        asking.add(model.bot_owner)
    gaining = writers & asking or (asked.holder == "sales" and writers & model.members)
    return (
        asked.dataset == "plain"
        and (asked.holder == "sales" or asked.holder in model.members)
        and asked.columns is not None
        and asked.columns <= set(AUTO_COLUMNS)
        and asked.duration <= AUTO_LONGEST
        and not gaining
    )


def _wanted(asked: Asked, key: int) -> Right:
    start = max(asked.submitted_at, asked.starts_at or asked.submitted_at)
    return Right(
        key,
        asked.holder,
        asked.dataset,
        asked.purpose,
        asked.columns,
        start,
        start + asked.duration,
    )


def placed(story: Story, asked: Asked, made: AccessRequest) -> None:
    """It waits, or a rule has decided it at once."""
    asked.id, asked.quorums = made.pk, story.model.quorums[asked.dataset]
    at_once = is_at_once(story, asked)
    story.model.requests[asked.id] = asked
    made.refresh_from_db()
    if (made.state == "approved") != at_once:
        story.fail(f"a rule decided: {made.state}")
    if at_once:
        asked.state = "approved"
        asked.kept, asked.shortest = asked.columns, asked.duration
        given(story, asked, asked.submitted_at)


def vote(story: Story) -> None:
    asked = story.request()
    if asked is None:
        return
    model, now = story.model, story.now()
    able = [name for name in story.world.people if model.mandates(name, asked, now)]
    actor = story.random.choice(able) if able and story.random.random() < 0.7 else story.someone()
    columns, duration = None, None
    if story.random.random() < 0.15:
        columns = frozenset({story.random.choice(sorted(asked.columns or COLUMNS))})
    if story.random.random() < 0.15:
        duration = min(asked.duration, 3 * DAY)
    verdict = model.verdict(actor, asked, now)
    overtaken = verdict not in ("refused", "settled") and model.is_overtaken(asked)
    foretold = _may_vote(story, asked, actor, verdict, overtaken)
    left = _left(asked, columns)
    shortest = min(duration or asked.duration, asked.shortest or asked.duration)
    is_last = foretold is True and _is_last(asked)
    if is_last:
        foretold = left != frozenset() and _fits(story, asked, left, shortest)
    done = story.attempt(
        f"{actor} approves request {asked.id} ({verdict}) {_names(columns) or ''} {duration or ''}",
        foretold,
        lambda: decisions.approve(
            AccessRequest.objects.get(pk=asked.id),
            actor=story.world.people[actor],
            now=now,
            columns=_names(columns),
            duration=duration,
        ),
    )
    if overtaken:
        asked.state = "superseded"
    if done is None:
        return
    asked.votes.append((actor, verdict, asked.stage))
    asked.kept, asked.shortest = left, shortest
    if is_last:
        asked.state = "approved"
        given(story, asked, now)
    elif (
        sum(stage == asked.stage for *_, stage in asked.votes) >= asked.quorums[asked.stage - 1][1]
    ):
        asked.stage, asked.escalation = asked.stage + 1, 0


def _may_vote(story: Story, asked: Asked, actor: str, verdict: str, overtaken: bool) -> bool:
    if verdict in ("refused", "settled") or overtaken:
        return False
    spoken = story.model.spoken(asked)
    return verdict not in spoken and all(voter != actor for voter, *_ in asked.votes)


def _left(asked: Asked, columns: frozenset[str] | None) -> frozenset[str] | None:
    said = columns if columns is not None else asked.columns
    if not asked.votes or asked.kept is None:
        return said
    return asked.kept if said is None else asked.kept & said


def _is_last(asked: Asked) -> bool:
    here = sum(stage == asked.stage for *_, stage in asked.votes) + 1
    return here >= asked.quorums[asked.stage - 1][1] and asked.stage == len(asked.quorums)


def _fits(story: Story, asked: Asked, columns: frozenset[str] | None, duration: timedelta) -> bool:
    now = story.now()
    old = story.model.rights.get(asked.renews or 0)
    if old is not None and not old.ended and old.expires_at > now:
        return True
    if asked.holder == "bot" and story.model.bot_owner not in story.model.active:
        return False
    if old is not None:
        return True
    start = max(now, asked.starts_at or now)
    wanted = Right(0, asked.holder, asked.dataset, asked.purpose, columns, start, start + duration)
    return story.model.room(wanted, now) is not None


def given(story: Story, asked: Asked, now: object) -> None:
    """What an approval brought about, as the portal has it, against what the model makes of it."""
    moment = AccessRequest.objects.get(pk=asked.id).decided_at
    assert moment == now
    columns, duration = asked.kept, asked.shortest or asked.duration
    old = story.model.rights.get(asked.renews or 0)
    if old is not None and not old.ended and old.expires_at > moment:
        old.expires_at = max(old.expires_at, moment + duration)
        old.quorums = asked.quorums
        if old.columns is None:
            old.columns = columns
        elif columns is not None:
            old.columns = old.columns & columns
        return
    start = max(moment, asked.starts_at or moment)
    grant = Grant.objects.get(decision__request=asked.id)
    purpose = old.purpose if old is not None else asked.purpose
    right = Right(grant.pk, asked.holder, asked.dataset, purpose, columns, start, start + duration)
    right.quorums = asked.quorums
    if not story.model.give(right, moment, replaces=old is not None):
        story.fail("there was no room for it")


def deny(story: Story) -> None:
    asked = story.request()
    if asked is None:
        return
    actor, now = story.someone(), story.now()
    verdict = story.model.verdict(actor, asked, now)
    done = story.attempt(
        f"{actor} denies request {asked.id} ({verdict})",
        verdict not in ("refused", "settled"),
        lambda: decisions.deny(
            AccessRequest.objects.get(pk=asked.id),
            actor=story.world.people[actor],
            reason="No",
            now=now,
        ),
    )
    if done is not None:
        asked.state = "denied"


def withdraw(story: Story) -> None:
    asked = story.request()
    if asked is None:
        return
    actor = story.random.choice([asked.requester, asked.requester, story.someone()])
    mine = actor in (asked.requester, asked.holder) and actor in story.model.active
    done = story.attempt(
        f"{actor} withdraws request {asked.id}",
        mine and asked.state == "pending",
        lambda: requests.withdraw(
            AccessRequest.objects.get(pk=asked.id), actor=story.world.people[actor], now=story.now()
        ),
    )
    if done is not None:
        asked.state = "withdrawn"


def question(story: Story) -> None:
    asked = story.request()
    if asked is None:
        return
    actor, now = story.someone(), story.now()
    is_open = Question.objects.filter(
        request=asked.id, asker=story.world.people[actor], answered_at=None
    ).exists()
    may = asked.state == "pending" and bool(story.model.mandates(actor, asked, now)) and not is_open
    done = story.attempt(
        f"{actor} asks back about request {asked.id}",
        may,
        lambda: questions.ask_back(
            AccessRequest.objects.get(pk=asked.id),
            actor=story.world.people[actor],
            text="Why?",
            now=now,
        ),
    )
    if done is not None and asked.paused_at is None:
        asked.paused_at = now


def answer(story: Story) -> None:
    waiting = list(Question.objects.filter(answered_at=None).order_by("pk"))
    if not waiting:
        return
    chosen = story.random.choice(waiting)
    asked = story.model.requests[chosen.request_id]
    actor, now = story.random.choice([asked.requester, story.someone()]), story.now()
    speaks = actor in (asked.requester, asked.holder) or (
        actor in story.model.members
        if asked.holder == "sales"
        else asked.holder == "bot" and actor == story.model.bot_owner
    )
    done = story.attempt(
        f"{actor} answers about request {asked.id}",
        asked.state == "pending" and speaks and actor in story.model.active,
        lambda: questions.answer(chosen, actor=story.world.people[actor], text="Because.", now=now),
    )
    still = Question.objects.filter(request=asked.id, answered_at=None).exists()
    if done is not None and not still and asked.paused_at is not None:
        asked.paused += now - asked.paused_at
        asked.paused_at = None


def name_delegate(story: Story) -> None:
    model, now = story.model, story.now()
    actor = story.random.choice(["cyd", "dan", "root", story.someone()])
    delegate = story.someone()
    ends_at = now + story.random.choice([1, 5, 20]) * DAY
    decides = actor in model.stewards() | ({"root"} & model.active)
    meets = any(
        each.delegator == actor
        and not each.ended
        and each.starts_at < ends_at
        and each.ends_at > now
        for each in model.delegations.values()
    )
    made = story.attempt(
        f"{actor} names {delegate} until {ends_at:%d %b}",
        decides and delegate != actor and delegate in model.active and not meets,
        lambda: delegation.name_delegate(
            story.world.people[delegate], actor=story.world.people[actor], ends_at=ends_at, now=now
        ),
    )
    if made is not None:
        model.delegations[made.pk] = Stand(made.pk, actor, delegate, now, ends_at)


def end_delegation(story: Story) -> None:
    if not story.model.delegations:
        return
    stand = story.random.choice(list(story.model.delegations.values()))
    actor, now = story.random.choice([stand.delegator, story.someone()]), story.now()
    may = actor in story.model.active and actor in (stand.delegator, stand.delegate, "root")
    done = story.attempt(
        f"{actor} ends delegation {stand.id}",
        may and not stand.ended and stand.ends_at > now,
        lambda: delegation.end(
            Delegation.objects.get(pk=stand.id), actor=story.world.people[actor], now=now
        ),
    )
    stand.ended = stand.ended or done is not None


def renew(story: Story) -> None:
    right = story.right()
    if right is None:
        return
    model, now = story.model, story.now()
    actor = story.random.choice([right.holder, story.someone()])
    if actor not in story.world.people:
        actor = story.random.choice([*sorted(model.members), model.bot_owner])
    asked = Asked(
        id=0,
        requester=actor,
        holder=right.holder,
        dataset=right.dataset,
        columns=right.columns,
        duration=story.random.choice([8, 30, 100]) * DAY,
        purpose=right.purpose,
        quorums=(),
        submitted_at=now,
        renews=right.id,
    )
    waits = any(
        each.renews == right.id and each.state == "pending" for each in model.requests.values()
    )
    may = (
        model.stands_for(actor, right)
        and not right.ended
        and right.expires_at > now
        and right.kind != "break_glass"
        and not waits
        and asked.duration <= model.longest[right.dataset]
    )
    made = story.attempt(
        f"{actor} asks to keep grant {right.id} for {asked.duration.days} days",
        may,
        lambda: grants.request_renewal(
            Grant.objects.get(pk=right.id),
            actor=story.world.people[actor],
            duration=asked.duration,
            now=now,
        ),
    )
    if made is not None:
        placed(story, asked, made)


MOVES = {
    ask: 12,
    vote: 16,
    deny: 2,
    withdraw: 3,
    question: 2,
    answer: 2,
    name_delegate: 3,
    end_delegation: 1,
    renew: 4,
}
