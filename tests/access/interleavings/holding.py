"""The moves of holding and losing: return, revoke, sleep and wake, use, review, emergencies, people who come and go, time."""

from datetime import timedelta

from django.db.models import F

from access import clock, grants, sweep
from access.deciding import approval, emergencies, silence
from access.deciding.approval import Stage
from access.deciding.silence import after_working_days
from access.grants import stamp_expired
from access.models import (
    AccessRequest,
    AuditEvent,
    BreakGlassReview,
    Dormancy,
    Exclusion,
    Exemption,
    Grant,
    Notice,
    Principal,
)
from access.people import principals, teams
from access.policies import rules
from access.sweep import Action
from access.sweep.applying import carry_out
from access.sweep.runs import ORDER
from access.sweep.verdicts import GRACE, Verdict
from tests.access.interleavings.model import Right
from tests.access.interleavings.story import Story
from tests.access.interleavings.world import RESPONDER
from tests.access.lifecycle import DAY, use

HOUR = timedelta(hours=1)
CLOCK = (HOUR, HOUR, DAY, 3 * DAY, 5 * DAY, 16 * DAY, 40 * DAY, -10 * HOUR / 60, -DAY, -3 * DAY)


def _grant(right: Right) -> Grant:
    return Grant.objects.get(pk=right.id)


def give_back(story: Story) -> None:
    right = story.right()
    if right is None:
        return
    actor = story.random.choice([right.holder, story.someone()])
    actor = actor if actor in story.world.people else story.model.bot_owner
    for _ in range(2):
        before = AuditEvent.objects.count(), Notice.objects.count()
        was = right.ended
        now = story.now()
        done = story.attempt(
            f"{actor} gives back grant {right.id}",
            story.model.is_holder(actor, right),
            lambda now=now: grants.give_back(
                _grant(right), actor=story.world.people[actor], now=now
            ),
        )
        if done is not None:
            story.model.end(right, "returned", now)
        if was and (AuditEvent.objects.count(), Notice.objects.count()) != before:
            story.fail("the second time was not silent")


def revoke(story: Story) -> None:
    right = story.right()
    if right is None:
        return
    actor = story.random.choice(["cyd", "root", story.someone()])
    for _ in range(2):
        before = AuditEvent.objects.count(), Notice.objects.count()
        was, now = right.ended, story.now()
        done = story.attempt(
            f"{actor} revokes grant {right.id}",
            _in_charge(story, actor),
            lambda now=now: grants.revoke(
                _grant(right), actor=story.world.people[actor], reason="Enough", now=now
            ),
        )
        if done is not None:
            story.model.end(right, "revoked", now)
        if was and (AuditEvent.objects.count(), Notice.objects.count()) != before:
            story.fail("the second time was not silent")


def _in_charge(story: Story, actor: str) -> bool:
    return actor in story.model.stewards() | ({"root"} & story.model.active)


def suspend(story: Story) -> None:
    right = story.right()
    if right is None:
        return
    actor = story.random.choice(["cyd", story.someone()])
    done = story.attempt(
        f"{actor} suspends grant {right.id}",
        _in_charge(story, actor),
        lambda: grants.suspend(
            _grant(right),
            actor=story.world.people[actor],
            reason="Looking into it",
            now=story.now(),
        ),
    )
    if done is not None and not right.ended:
        right.asleep = "steward"


def resume(story: Story) -> None:
    right = story.right()
    if right is None:
        return
    actor, now = story.random.choice(["cyd", "dan", story.someone()]), story.now()
    over = bool(right.ended) or right.expires_at <= now
    done = story.attempt(
        f"{actor} resumes grant {right.id}",
        _in_charge(story, actor) and not story.model.gains(actor, right.holder) and not over,
        lambda: grants.resume(_grant(right), actor=story.world.people[actor], now=now),
    )
    if done is not None:
        right.asleep = ""


def wake(story: Story) -> None:
    sleeping = [each for each in story.model.rights.values() if each.asleep]
    right = story.random.choice(sleeping) if sleeping else story.right()
    if right is None:
        return
    actor, now = story.random.choice([right.holder, story.someone()]), story.now()
    actor = actor if actor in story.world.people else story.model.bot_owner
    awake = not right.ended and not right.asleep
    can = right.asleep == "review" and not right.ended and right.expires_at > now
    stands = story.model.stands_for(actor, right)
    done = story.attempt(
        f"{actor} wakes grant {right.id} ({right.asleep or 'awake'})",
        # Whether the rules changed since it fell asleep is the portal's to know: then it stays asleep.
        None if stands and can else stands and awake,
        lambda: grants.wake(_grant(right), actor=story.world.people[actor], now=now),
    )
    if done is not None:
        right.asleep = ""


def restore(story: Story) -> None:
    lost = [each for each in story.model.rights.values() if each.ended == "unused"]
    right = story.random.choice(lost) if lost else story.right()
    if right is None:
        return
    model, now = story.model, story.now()
    actor = story.random.choice([right.holder, right.holder, story.someone()])
    actor = actor if actor in story.world.people else model.bot_owner
    expires_at = min(right.expires_at, now + model.longest[right.dataset])
    wanted = Right(
        0, right.holder, right.dataset, right.purpose, right.columns, now, expires_at, "restore"
    )
    can = (
        model.stands_for(actor, right)
        and right.ended == "unused"
        and right.ended_at is not None
        and now < right.ended_at + 30 * DAY
        and right.expires_at > now
        and not right.restored
        and not (right.quorums and model.more_must_agree(right.quorums, right.dataset))
    )
    made = story.attempt(
        f"{actor} restores grant {right.id}",
        can and model.room(wanted, now) is not None,
        lambda: grants.restore(_grant(right), actor=story.world.people[actor], now=now),
    )
    if made is not None:
        right.restored = True
        wanted.id, wanted.quorums = made.pk, right.quorums
        model.give(wanted, now)


def exempt(story: Story) -> None:
    right = story.right()
    if right is None:
        return
    actor, now = story.random.choice(["cyd", story.someone()]), story.now()
    may = _in_charge(story, actor) and not story.model.gains(actor, right.holder)
    act = story.random.choice(["exempt", "exempt", "withdraw"])
    person = story.world.people[actor]
    if act == "exempt":
        story.attempt(
            f"{actor} exempts grant {right.id}",
            may if not right.ended else None,
            lambda: grants.exempt(
                _grant(right), actor=person, reason="Season", ends_at=now + 20 * DAY, now=now
            ),
        )
    else:
        story.attempt(
            f"{actor} withdraws the exemption of grant {right.id}",
            _in_charge(story, actor),
            lambda: grants.withdraw(_grant(right), actor=person, now=now),
        )


def use_it(story: Story) -> None:
    """Whoever reads something reads it, sometimes a year ago: then they come with the season."""
    now = story.now()
    for who, person in (*story.world.people.items(), ("bot", story.world.bot)):
        for dataset in story.world.datasets:
            for key in sorted(story.model.reads(who, dataset, now)):
                if who in story.model.active and story.random.random() < 0.3:
                    at = now - 360 * DAY if story.random.random() < 0.2 else now
                    use(Grant.objects.get(pk=key), at, person)
                    story.trail.append(f"{who} uses grant {key} at {at:%Y-%m-%d}")


def come_and_go(story: Story) -> None:
    model = story.model
    who = story.random.choice(["ann", "ben", "cyd", "dan", "eve", "rio", "root"])
    person, now = story.world.people[who], story.now()
    if who in model.active:
        done = story.attempt(
            f"{who} leaves",
            who != "root",
            lambda: principals.deactivate(person, actor=None, now=now),
        )
        if done is not None:
            _left(story, who)
    else:
        story.attempt(
            f"{who} is back", True, lambda: principals.reactivate(person, actor=None, now=now)
        )
        model.active.add(who)
    person.refresh_from_db()


def _left(story: Story, who: str) -> None:
    model, now = story.model, story.now()
    model.active.discard(who)
    for right in model.rights.values():
        if right.holder == who:
            model.end(right, "left", now)
        elif right.holder == "bot" and model.bot_owner == who and not right.ended:
            right.asleep = right.asleep or "orphan"
    for asked in model.requests.values():
        if asked.requester == who and asked.state == "pending":
            asked.state = "withdrawn"


def change_team(story: Story) -> None:
    model = story.model
    who = story.random.choice(["ann", "ben", "cyd", "eve", "rio"])
    person, now = story.world.people[who], story.now()
    if who in model.members:
        story.attempt(
            f"{who} leaves the team",
            True,
            lambda: teams.remove_member(story.world.team, person, actor=None, now=now),
        )
        model.members.discard(who)
    else:
        done = story.attempt(
            f"{who} joins the team",
            who in model.active,
            lambda: teams.add_member(story.world.team, person, actor=None, now=now),
        )
        if done is not None:
            model.members.add(who)


def adopt(story: Story) -> None:
    model, who = story.model, story.random.choice(["ann", "ben", "eve"])
    now = story.now()
    done = story.attempt(
        f"{who} answers for the service account",
        who in model.active,
        lambda: principals.amend(
            story.world.bot, actor=None, now=now, owner=story.world.people[who]
        ),
    )
    story.world.bot = Principal.objects.get(pk=story.world.bot.pk)
    if done is None:
        return
    model.bot_owner = who
    for right in model.rights.values():
        if right.holder == "bot" and right.asleep == "orphan" and right.expires_at > now:
            right.asleep = "" if not right.ended else right.asleep


def break_glass(story: Story) -> None:
    model, now = story.model, story.now()
    actor = story.random.choice([RESPONDER, RESPONDER, story.someone()])
    dataset = story.random.choice(["plain", "strict"])
    owes = any(
        who == actor and due <= now and not done for who, due, done in model.reviews.values()
    )
    at = now if model.mark is None else max(now, model.mark)
    is_open = any(
        right.kind == "break_glass"
        and right.holder == actor
        and right.dataset == dataset
        and right.covers(at)
        for right in model.rights.values()
    )
    listed = actor == RESPONDER and actor in model.active
    made = story.attempt(
        f"{actor} breaks glass for {dataset}",
        listed and not owes and not is_open and actor not in model.stewards(),
        lambda: emergencies.break_glass(
            story.world.datasets[dataset], actor=story.world.people[actor], reason="Fire", now=now
        ),
    )
    if made is not None:
        right = Right(
            made.pk, actor, dataset, made.purpose, None, now, now + 4 * HOUR, "break_glass"
        )
        model.give(right, now)
        model.reviews[made.pk] = (actor, after_working_days(now, 3), False)


def review_emergency(story: Story) -> None:
    model, now = story.model, story.now()
    if not model.reviews:
        return
    key = story.random.choice(list(model.reviews))
    responder, due, is_done = model.reviews[key]
    actor = story.random.choice(["cyd", responder, story.someone()])
    at = now if model.mark is None else max(now, model.mark)
    may = _in_charge(story, actor) and actor != responder
    done = story.attempt(
        f"{actor} reviews emergency {key}",
        may and not is_done and not model.rights[key].covers(at),
        lambda: emergencies.review_emergency(
            BreakGlassReview.objects.get(grant=key),
            actor=story.world.people[actor],
            is_justified=True,
            note="Seen",
            now=now,
        ),
    )
    if done is not None:
        model.reviews[key] = (responder, due, True)


def change_rules(story: Story) -> None:
    """Stricter or weaker rules of `plain`: another quorum, a shorter longest time, more sensitive."""
    model, world, now = story.model, story.world, story.now()
    dataset = world.datasets["plain"]
    quorum = story.random.choice([1, 1, 2])
    longest = story.random.choice([180, 180, 20]) * DAY
    said = approval.said_by(dataset)
    story.attempt(
        f"plain needs {quorum} and lasts {longest.days} days",
        True,
        lambda: rules.set_policy(
            dataset,
            actor=None,
            now=now,
            stages=[Stage(("stewards",), quorum)],
            longest=longest,
            responders=said.responders,
            auto_approve=said.auto_approve,
        ),
    )
    model.quorums["plain"], model.longest["plain"] = (("stewards", quorum),), longest


def move_clock(story: Story) -> None:
    by = story.random.choice(CLOCK)
    story.move_clock(by)
    story.trail.append(f"the clock moves by {by} to {story.now():%Y-%m-%d %H:%M}")


def tick(story: Story) -> None:
    """The parts of the periodic work, in any order, and each twice as two beats would."""
    parts = [_stamp, _mark, _lapse, _escalate, _remind]
    story.random.shuffle(parts)
    for part in parts[:3]:
        for _ in range(2):
            part(story)


def _stamp(story: Story) -> None:
    now = story.now()
    due = [
        each for each in story.model.rights.values() if not each.ended and each.expires_at <= now
    ]
    n = stamp_expired(as_of=now)
    story.trail.append(f"{n} grants stamped as expired")
    if n != len(due):
        story.fail(f"{len(due)} should have been stamped")
    for right in due:
        story.model.end(right, "expired", right.expires_at)


def _mark(story: Story) -> None:
    story.model.mark = clock.advance()
    story.trail.append(f"the mark of the clock is {story.model.mark:%Y-%m-%d %H:%M}")


def _lapse(story: Story) -> None:
    now = story.now()
    due = [each for each in story.model.requests.values() if each.has_lapsed(now)]
    n = silence.lapse(now)
    story.trail.append(f"{n} requests lapse")
    if n != len(due):
        story.fail(f"{len(due)} should have lapsed: {[each.id for each in due]}")
    for asked in due:
        asked.state = "lapsed"


def _escalate(story: Story) -> None:
    now = story.now()
    n = silence.escalate(now)
    story.trail.append(f"{n} requests escalate")
    rows = AccessRequest.objects.annotate(level=F("escalation")).values_list("pk", "level", "state")
    for key, level, state in rows:
        asked = story.model.requests[key]
        if level > asked.escalation and (
            state != "pending" or asked.paused_at or now < asked.submitted_at + 2 * DAY
        ):
            story.fail(f"request {key} escalated too early")
        asked.escalation = level


def _remind(story: Story) -> None:
    story.trail.append(f"{emergencies.remind(story.now())} reviews are overdue")


def review(story: Story) -> None:
    """The nightly review, and a second beat that had planned the same night: what it does is checked against its rules."""
    as_of = story.now()
    _heartbeat(story)
    first = sweep.plan(as_of, beyond_brake=True)
    second = sweep.plan(as_of, beyond_brake=True)
    if first != second:
        story.fail("two plans of one night differ")
    for verdict in first.of(Action.REVOKE) + first.of(Action.SLEEP):
        _may_take(story, verdict)
    n_first = sum(carry_out(action, first.of(action), as_of) for action in ORDER)
    n_second = sum(carry_out(action, second.of(action), as_of) for action in ORDER)
    story.trail.append(f"the review of {as_of:%Y-%m-%d} does {n_first}: {first.counts}")
    if n_second or n_first != sum(len(first.of(action)) for action in ORDER):
        story.fail(f"planned {first.counts}, done {n_first}, and by a second beat {n_second}")
    for verdict in first.rows:
        _follow(story, verdict)
    if story.random.random() < 0.3 and sweep.plan(as_of, beyond_brake=True).counts.keys() & {
        "revoke",
        "expire",
        "leave",
        "warn",
        "sleep",
    }:
        story.fail("a third look at the same night finds something to do")


def _heartbeat(story: Story) -> None:
    """Somebody read something lately, or no evidence would be trusted."""
    if not Grant.objects.filter(decision__reason="busy").exists():
        return
    use(Grant.objects.get(decision__reason="busy"), story.now())


def _may_take(story: Story, verdict: Verdict) -> None:
    """Nothing is taken without a warning a grace ago, after a use since, or under an exemption."""
    as_of, grant = story.now(), Grant.objects.get(pk=verdict.grant)
    used = grant_uses(grant)
    grace = GRACE[grant.dataset.sensitivity]
    exempt_now = Exemption.objects.filter(
        grant=grant, withdrawn_at=None, ends_at__gt=as_of
    ).exists()
    if grant.warned_at is None or grant.warned_at + grace > as_of + DAY or exempt_now:
        story.fail(f"{verdict} without its warning and grace, or under an exemption")
    if used is not None and used > grant.warned_at:
        story.fail(f"{verdict} though it was used at {used}")


def grant_uses(grant: Grant) -> object:
    """The last use."""
    from access.models import GrantUse

    rows = GrantUse.objects.filter(grant=grant).order_by("-last_used_at")
    return rows.values_list("last_used_at", flat=True).first()


def _follow(story: Story, verdict: Verdict) -> None:
    right = story.model.rights.get(verdict.grant)
    if right is None or verdict.action is Action.KEEP:
        return
    grant = Grant.objects.get(pk=verdict.grant)
    if verdict.member is not None:
        out = Exclusion.objects.filter(grant=grant, excluded_at__isnull=False, lifted_at=None)
        right.left_out = set(out.values_list("member__username", flat=True))
    elif verdict.action in (Action.EXPIRE, Action.REVOKE, Action.LEAVE):
        assert grant.ended_at is not None
        story.model.end(right, grant.end_reason, grant.ended_at)
    elif verdict.action is Action.SLEEP:
        assert Dormancy.objects.filter(grant=grant, woken_at=None).exists()
        right.asleep = "review"


def readmit(story: Story) -> None:
    """A member who was left out comes back by themself."""
    for right in story.model.rights.values():
        for who in sorted(right.left_out):
            stands = story.model.stands_for(who, right)
            done = story.attempt(
                f"{who} comes back to grant {right.id}",
                stands,
                lambda right=right, who=who: grants.readmit(
                    _grant(right), actor=story.world.people[who], now=story.now()
                ),
            )
            if done is not None:
                right.left_out.discard(who)
            return


MOVES = {
    give_back: 2,
    revoke: 2,
    suspend: 2,
    resume: 2,
    wake: 2,
    restore: 3,
    exempt: 2,
    use_it: 4,
    come_and_go: 3,
    change_team: 3,
    adopt: 1,
    break_glass: 3,
    review_emergency: 3,
    change_rules: 2,
    move_clock: 12,
    tick: 6,
    review: 6,
    readmit: 1,
}
