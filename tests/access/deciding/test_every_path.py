"""The table of every path by which somebody could decide what they would gain; a path that is not in it fails here.

Two walls. The names a path must have are written down, and each tries to gain and must not. And the code is read: every
function that writes a vote, a decision or a grant is a door, and every door names the paths that try it.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from access import grants
from access.asking import questions, requests
from access.clock import database_now
from access.deciding import approval, approvers, decisions, delegation, emergencies
from access.deciding.approval import AutoRule, Said, Stage
from access.deciding.silence import after_working_days, escalate
from access.errors import AccessError, NotAllowed
from access.models import (
    AccessRequest,
    BreakGlassReview,
    Delegation,
    Grant,
    Principal,
    Vote,
)
from access.people import stewardship
from catalog.models import Dataset, Sensitivity
from portal.settings import BASE_DIR
from tests.access.lifecycle import DAY, ask, granted, stewarded
from tests.people import make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Cast:
    """`gainer` tries to get at the dataset by themself; they are its only steward unless a path says otherwise."""

    gainer: Principal
    dataset: Dataset
    colleague: Principal
    administrator: Principal


@pytest.fixture
def cast(steward: Principal, scientist: Principal, administrator: Principal) -> Cast:
    """With the steward as the one who tries."""
    return Cast(steward, stewarded(steward), scientist, administrator)


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(NotAllowed):
        act()


def decide(asked: AccessRequest, actor: Principal) -> None:
    """Every verdict there is, refused to this person; nor does it wait for them."""
    now = database_now()
    refused(lambda: decisions.approve(asked, actor=actor, now=now))
    refused(lambda: decisions.deny(asked, actor=actor, reason="No", now=now))
    refused(lambda: questions.ask_back(asked, actor=actor, text="Why?", now=now))
    assert asked not in requests.waiting_for(actor)
    assert actor not in approvers.deciders_of(asked)


# --- The paths


def requester(cast: Cast) -> None:
    decide(ask(cast.dataset, cast.gainer), cast.gainer)


def beneficiary(cast: Cast) -> None:
    asked = ask(cast.dataset, cast.colleague)
    AccessRequest.objects.filter(pk=asked.pk).update(state="withdrawn", decided_at=database_now())
    asked = AccessRequest.objects.create(
        requester=cast.colleague,
        principal=cast.gainer,
        dataset=cast.dataset,
        purpose="A present",
        duration=DAY,
        content_hash="b" * 64,
        submitted_at=database_now(),
    )
    decide(asked, cast.gainer)


def team_member(cast: Cast) -> None:
    team = make_team("sales", cast.gainer, cast.colleague)
    decide(ask(cast.dataset, cast.colleague, holder=team), cast.gainer)


def service_owner(cast: Cast) -> None:
    robot = Principal.objects.create(username="loader", kind="service", owner=cast.gainer)
    decide(ask(cast.dataset, cast.gainer, holder=robot), cast.gainer)
    decide(ask(cast.dataset, robot, purpose="By itself"), cast.gainer)


def named_in_a_stage(cast: Cast) -> None:
    said = Said(stages=(Stage((cast.gainer.label, "administrators")),))
    approval.say(cast.dataset, said, actor=None, now=database_now())
    decide(ask(cast.dataset, cast.gainer), cast.gainer)


def second_stage(cast: Cast) -> None:
    said = Said(stages=(Stage(), Stage((cast.gainer.label,))))
    approval.say(cast.dataset, said, actor=None, now=database_now())
    put_in_charge(cast.colleague, cast.dataset)
    asked = ask(cast.dataset, cast.gainer)
    decisions.approve(asked, actor=cast.colleague, now=database_now())
    assert asked.stage == 2
    decide(asked, cast.gainer)


def delegate(cast: Cast) -> None:
    """Who stands in for a steward does not decide their own request."""
    dana = make_person("dana")
    now = database_now()
    delegation.name_delegate(dana, actor=cast.gainer, ends_at=now + DAY, now=now)
    decide(ask(cast.dataset, dana), dana)


def delegator(cast: Cast) -> None:
    """Nor the request of the steward they stand in for, nor one for a team with that steward in it."""
    dana = make_person("dana")
    now = database_now()
    delegation.name_delegate(dana, actor=cast.gainer, ends_at=now + DAY, now=now)
    decide(ask(cast.dataset, cast.gainer), dana)
    team = make_team("sales", cast.gainer, cast.colleague)
    decide(ask(cast.dataset, cast.colleague, holder=team), dana)


def delegate_of_a_delegate(cast: Cast) -> None:
    dana, now = make_person("dana"), database_now()
    delegation.name_delegate(dana, actor=cast.gainer, ends_at=now + DAY, now=now)
    Delegation.objects.create(
        delegator=dana, delegate=cast.colleague, starts_at=now, ends_at=now + DAY, created_at=now
    )
    decide(ask(cast.dataset, dana), cast.colleague)


def auto_rule_author(cast: Cast) -> None:
    make_team("sales", cast.gainer)
    now = database_now()
    said = Said(auto_approve=(AutoRule("sales"),))
    approval.say(cast.dataset, said, actor=cast.gainer, now=now)
    assert ask(cast.dataset, cast.gainer).state == "pending"


def auto_rule_author_through_a_team(cast: Cast) -> None:
    team = make_team("sales", cast.gainer, cast.colleague)
    now = database_now()
    said = Said(auto_approve=(AutoRule("sales"),))
    approval.say(cast.dataset, said, actor=cast.gainer, now=now)
    assert ask(cast.dataset, cast.colleague, holder=team).state == "pending"


def escalation(cast: Cast) -> None:
    """Silence brings an administrator's own request to the others, never to themself."""
    asked = ask(cast.dataset, cast.administrator)
    moment = asked.submitted_at
    for _ in range(3):
        moment = after_working_days(moment, 2)
        escalate(moment)
    asked.refresh_from_db()
    decide(asked, cast.administrator)


def administrator(cast: Cast) -> None:
    orphan = stewarded(None, "sales.orphan")
    decide(ask(orphan, cast.administrator), cast.administrator)
    now = database_now()
    refused(
        lambda: grants.grant_directly(
            cast.administrator,
            orphan,
            actor=cast.administrator,
            expires_at=now + DAY,
            reason="Because",
            now=now,
        )
    )


def administrator_who_takes_a_dataset(cast: Cast) -> None:
    orphan = stewarded(None, "sales.orphan")
    stewardship.take(orphan, actor=cast.administrator, now=database_now())
    decide(ask(orphan, cast.administrator), cast.administrator)


def break_glass_author(cast: Cast) -> None:
    """Whoever writes the list of responders neither lists themself nor uses a list that others wrote."""
    now = database_now()
    mine = Said(responders=(cast.gainer.label,))
    refused(lambda: approval.say(cast.dataset, mine, actor=cast.gainer, now=now))
    approval.say(cast.dataset, mine, actor=None, now=now)
    refused(
        lambda: emergencies.break_glass(cast.dataset, actor=cast.gainer, reason="Fire", now=now)
    )
    approval.say(cast.dataset, Said(), actor=None, now=now)
    everywhere = Said(responders=(cast.administrator.label,))
    approval.say(Sensitivity.CONFIDENTIAL, everywhere, actor=None, now=now)
    refused(
        lambda: emergencies.break_glass(
            cast.dataset, actor=cast.administrator, reason="Fire", now=now
        )
    )


def break_glass_responder(cast: Cast) -> None:
    """A responder does not review themself, not even as a steward, and gets nothing longer out of it."""
    rita, now = make_person("rita"), database_now()
    approval.say(cast.dataset, Said(responders=(rita.label,)), actor=None, now=now)
    grant = emergencies.break_glass(cast.dataset, actor=rita, reason="Fire", now=now)
    with pytest.raises(AccessError):
        grants.request_renewal(grant, actor=rita, duration=DAY, now=now)
    grants.give_back(grant, actor=rita, now=now)
    put_in_charge(rita, cast.dataset)
    review = BreakGlassReview.objects.get()
    refused(
        lambda: emergencies.review_emergency(
            review, actor=rita, is_justified=True, note="Fine", now=now
        )
    )


def renewal(cast: Cast) -> None:
    second = make_person("sven")
    put_in_charge(second, cast.dataset)
    grant = granted(cast.dataset, cast.gainer, second)
    asked = grants.request_renewal(grant, actor=cast.gainer, duration=30 * DAY, now=database_now())
    decide(asked, cast.gainer)
    grants.give_back(grant, actor=cast.gainer, now=database_now())


def resumption(cast: Cast) -> None:
    second = make_person("sven")
    put_in_charge(second, cast.dataset)
    grant = granted(cast.dataset, cast.gainer, second)
    grants.suspend(grant, actor=second, reason="Looking", now=database_now())
    refused(lambda: grants.resume(grant, actor=cast.gainer, now=database_now()))


def restoration(cast: Cast) -> None:
    """What ended for lack of use comes back to its holder alone, and never longer than somebody else decided."""
    second = make_person("sven")
    put_in_charge(second, cast.dataset)
    start = database_now() - 20 * DAY
    grant = granted(cast.dataset, cast.colleague, second, now=start)
    Grant.objects.filter(pk=grant.pk).update(ended_at=database_now(), end_reason="unused")
    grant.refresh_from_db()
    refused(lambda: grants.restore(grant, actor=cast.gainer, now=database_now()))
    back = grants.restore(grant, actor=cast.colleague, now=database_now())
    assert back.expires_at <= grant.expires_at


PATHS: dict[str, Callable[[Cast], None]] = {
    each.__name__: each
    for each in (
        requester,
        beneficiary,
        team_member,
        service_owner,
        named_in_a_stage,
        second_stage,
        delegate,
        delegator,
        delegate_of_a_delegate,
        auto_rule_author,
        auto_rule_author_through_a_team,
        escalation,
        administrator,
        administrator_who_takes_a_dataset,
        break_glass_author,
        break_glass_responder,
        renewal,
        resumption,
        restoration,
    )
}

# Who the design says must never decide for themself.
REQUIRED = {
    "requester",
    "beneficiary",
    "team_member",
    "service_owner",
    "delegate",
    "break_glass_responder",
    "auto_rule_author",
    "escalation",
    "renewal",
    "administrator",
}

# Every function that writes a vote, a decision or a grant, and the paths that try it.
DOORS = {
    "access/deciding/decisions.py:_cast": {
        "requester",
        "beneficiary",
        "team_member",
        "delegate",
        "delegator",
    },
    "access/deciding/decisions.py:_settle": {
        "requester",
        "auto_rule_author",
        "escalation",
        "second_stage",
    },
    "access/deciding/decisions.py:_give": {"requester", "renewal", "administrator"},
    "access/deciding/emergencies.py:_give": {"break_glass_author", "break_glass_responder"},
    "access/grants/issuing.py:issue": set(PATHS),
    "access/grants/issuing.py:grant_directly": {"administrator"},
    "access/grants/prolonging.py:prolong": {"renewal"},
    "access/grants/restoring.py:restore": {"restoration"},
}
WRITERS = ("Vote.objects", "Decision.objects", "Grant.objects")
WRITES = ("create", "bulk_create", "get_or_create", "update_or_create")
MAKERS = ("issue", "prolong", "issuing.issue", "prolonging.prolong")


def doors(path: str, text: str) -> set[str]:
    """The functions of a module that write a vote, a decision or a grant, as `path:name`."""
    found = set()
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef):
            calls = (each for each in ast.walk(function) if isinstance(each, ast.Call))
            if any(_writes(ast.unparse(call.func)) for call in calls):
                found.add(f"{path}:{function.name}")
    return found


def _writes(called: str) -> bool:
    owner, _, verb = called.rpartition(".")
    return called in MAKERS or (verb in WRITES and owner.endswith(WRITERS))


@pytest.mark.parametrize("path", PATHS)
def test_nobody_gains_by_their_own_word(path: str, cast: Cast) -> None:
    PATHS[path](cast)

    gainers = [cast.gainer, cast.administrator]
    assert not any(grants.live_of(person).exists() for person in gainers)
    own = Vote.objects.filter(voter__in=gainers, request__requester__in=gainers)
    assert not own.exists()


def test_no_path_that_the_design_names_is_missing() -> None:
    assert REQUIRED - PATHS.keys() == set()


def test_every_door_is_in_the_table_and_tried() -> None:
    found = set()
    for room in ("access", "portal", "catalog"):
        for file in sorted((BASE_DIR / room).rglob("*.py")):
            if "migrations" not in file.parts:
                path = str(file.relative_to(BASE_DIR))
                found |= doors(path, file.read_text(encoding="utf-8"))

    assert found == DOORS.keys()
    assert set().union(*DOORS.values()) == PATHS.keys()


@pytest.mark.parametrize(
    "text",
    [
        "def quick(request):\n    Decision.objects.create(approves=True)",
        "def quick(request):\n    models.Grant.objects.bulk_create([])",
        "def quick(request):\n    return issue(decision, terms, actor=None, now=now)",
    ],
)
def test_a_new_door_is_found(text: str) -> None:
    assert doors("portal/quick.py", text) == {"portal/quick.py:quick"}
    assert doors("portal/quick.py", "def quick():\n    Dataset.objects.create()") == set()
