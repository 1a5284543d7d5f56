"""Two at once, and what somebody knew a moment ago: people come, leave and change charges while others act on them."""

from functools import partial

import pytest

from access import grants
from access.clock import database_now
from access.deciding import decisions, delegation
from access.errors import AccessError, Conflict, Invalid, NotAllowed
from access.models import AccessRequest, AuditEvent, Delegation, Exemption, Principal, Token
from access.people import principals, stewardship, teams, tokens
from tests.access.lifecycle import DAY, ask, granted, stewarded
from tests.access.racing import race
from tests.people import make_person, make_team

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5
# Leaving takes longer than asking, and few rounds meet.
MORE_ROUNDS = 25


@pytest.mark.parametrize("kind", ["added", "removed"])
def test_a_membership_that_several_change_at_once_changes_once(kind: str) -> None:
    change = teams.add_member if kind == "added" else teams.remove_member
    for number in range(ROUNDS):
        member = make_person(f"m{number}")
        team = make_team(f"t{number}", *([] if kind == "added" else [member]))

        one = partial(change, team, member, actor=None, now=database_now())
        told = race(one, one, one)

        assert sorted(map(str, told)) == ["False", "False", "True"]
        events = AuditEvent.objects.filter(kind=f"member.{kind}", subject=f"team:t{number}")
        assert events.count() == 1


def test_a_charge_that_two_give_at_once_is_given_once() -> None:
    dataset = stewarded(make_person("eve"))
    before = AuditEvent.objects.filter(kind="steward.appointed").count()
    for number in range(ROUNDS):
        person = make_person(f"s{number}")

        give = partial(stewardship.appoint, person, actor=None, now=database_now(), dataset=dataset)

        assert sorted(map(str, race(give, give, give))) == ["False", "False", "True"]
        events = AuditEvent.objects.filter(kind="steward.appointed")
        assert events.count() == before + number + 1


def test_two_who_stand_in_for_each_other_at_once_do_not_wait_for_each_other() -> None:
    for number in range(ROUNDS):
        one, other = make_person(f"a{number}"), make_person(f"b{number}")
        for person in (one, other):
            stewarded(person, f"sales.{person.username}")
        ends_at, now = database_now() + 3 * DAY, database_now()

        told = race(
            partial(delegation.name_delegate, other, actor=one, ends_at=ends_at, now=now),
            partial(delegation.name_delegate, one, actor=other, ends_at=ends_at, now=now),
        )

        assert all(isinstance(each, Delegation) for each in told), told


def test_two_administrators_who_dismiss_each_other_at_once_leave_one() -> None:
    for number in range(ROUNDS):
        Principal.objects.filter(is_superuser=True).update(is_superuser=False)
        one = make_person(f"a{number}", administrator=True)
        other = make_person(f"b{number}", administrator=True)

        told = race(
            partial(principals.deactivate, other, actor=one, now=database_now()),
            partial(principals.deactivate, one, actor=other, now=database_now()),
        )

        assert [each for each in told if isinstance(each, AccessError)], told
        assert Principal.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_the_last_administrator_stays_one() -> None:
    root = make_person("root", administrator=True)

    with pytest.raises(Conflict, match="only administrator"):
        principals.amend(root, actor=None, now=database_now(), is_superuser=False)

    assert Principal.objects.get(pk=root.pk).is_superuser


def test_a_form_opened_before_somebody_left_does_not_bring_them_back() -> None:
    seen_before = make_person("ann")
    principals.deactivate(Principal.objects.get(username="ann"), actor=None, now=database_now())

    principals.amend(seen_before, actor=None, now=database_now(), name="Ann B.")

    ann = Principal.objects.get(username="ann")
    assert (ann.is_active, str(ann)) == (False, "Ann B.")


def test_whoever_leaves_does_not_come_to_answer_for_anything() -> None:
    owner, steward = make_person("ann"), make_person("eve")
    seen_before = make_person("ben")
    bot = principals.create_service("bot", owner=owner, actor=None, now=database_now())
    principals.deactivate(Principal.objects.get(username="ben"), actor=None, now=database_now())

    with pytest.raises(Invalid, match="a person who is active"):
        principals.amend(bot, actor=None, now=database_now(), owner=seen_before)
    waiting = ask(stewarded(steward), owner, holder=bot)
    principals.amend(bot, actor=None, now=database_now(), owner=make_person("dan"))
    principals.deactivate(Principal.objects.get(username="dan"), actor=None, now=database_now())

    with pytest.raises(Conflict, match="Nobody answers for service:bot"):
        decisions.approve(waiting, actor=steward, now=database_now())


def test_nobody_asks_or_decides_who_left_a_moment_ago() -> None:
    ann, eve = make_person("ann"), make_person("eve")
    dataset = stewarded(eve)
    waiting = ask(dataset, make_person("ben"))
    for person in ("ann", "eve"):
        principals.deactivate(
            Principal.objects.get(username=person), actor=None, now=database_now()
        )

    with pytest.raises(Conflict, match="not active"):
        ask(dataset, ann)
    with pytest.raises(NotAllowed):
        decisions.deny(waiting, actor=eve, reason="No", now=database_now())


def test_no_token_is_made_for_somebody_who_left_a_moment_ago() -> None:
    seen_before = make_person("ann")
    principals.deactivate(Principal.objects.get(username="ann"), actor=None, now=database_now())

    with pytest.raises(Conflict, match="not active"):
        tokens.issue(seen_before, actor=seen_before, now=database_now())

    assert not Token.objects.exists()


def test_what_somebody_asks_for_while_they_leave_does_not_wait() -> None:
    dataset = stewarded(make_person("eve"))
    for number in range(MORE_ROUNDS):
        person = make_person(f"p{number}")

        race(
            partial(ask, dataset, person),
            partial(
                principals.deactivate,
                Principal.objects.get(pk=person.pk),
                actor=None,
                now=database_now(),
            ),
        )

        assert not AccessRequest.objects.filter(requester=person, state="pending").exists()


def test_a_grant_that_two_stewards_exempt_at_once_has_one_exemption() -> None:
    one, other = make_person("eve"), make_person("dan")
    dataset = stewarded(one)
    stewardship.appoint(other, actor=None, now=database_now(), dataset=dataset)
    for number in range(ROUNDS):
        grant = granted(dataset, make_person(f"p{number}"), one)
        ends_at, now = database_now() + 20 * DAY, database_now()

        told = race(
            partial(grants.exempt, grant, actor=one, reason="Season", ends_at=ends_at, now=now),
            partial(grants.exempt, grant, actor=other, reason="Season", ends_at=ends_at, now=now),
        )

        assert all(isinstance(each, Exemption) for each in told), told
        assert Exemption.objects.filter(grant=grant, withdrawn_at=None).count() == 1
