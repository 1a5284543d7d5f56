"""Rules of approval: the most specific word wins, stages follow one another, nobody writes rules for themself."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from access.asking import requests
from access.clock import database_now
from access.deciding import approval, approvers, decisions
from access.deciding.approval import AutoRule, Said, Stage
from access.errors import AccessError, Conflict, Invalid, NotAllowed
from access.models import AccessRequest, AuditEvent, Decision, Grant, Notice, Principal, Vote
from access.policies import rules
from catalog.models import Dataset, Sensitivity
from tests.access.lifecycle import DAY, approve, ask, stewarded
from tests.datasets import make_domain
from tests.people import make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db
TWO_STAGES = (Stage(("stewards",)), Stage(("domain",)))


@pytest.fixture
def chief(db: None) -> Principal:
    """The steward of the domain."""
    person = make_person("chief", name="Clara Chief")
    put_in_charge(person, make_domain("commerce"))
    return person


@pytest.fixture
def dataset(steward: Principal, chief: Principal) -> Dataset:
    """Confidential, with a steward of its own and one of its domain."""
    return stewarded(steward, domain=make_domain("commerce"))


def say(about: object, **said: object) -> bool:
    return approval.say(about, Said(**said), actor=None, now=database_now())  # type: ignore[arg-type]


# --- Which word wins


def test_of_each_member_the_most_specific_word_wins(dataset: Dataset) -> None:
    say(Sensitivity.CONFIDENTIAL, longest=60 * DAY, stages=TWO_STAGES)
    say(make_domain("commerce"), longest=40 * DAY)
    say(Sensitivity.RESTRICTED, longest=DAY)

    found = approval.approval_of(dataset)

    assert (found.longest, found.sources["longest"]) == (40 * DAY, "domain")
    assert (found.stages, found.sources["stages"]) == (TWO_STAGES, "sensitivity")
    say(dataset, longest=10 * DAY)
    assert approval.approval_of(dataset).longest == 10 * DAY


def test_where_nobody_says_anything_one_steward_decides(dataset: Dataset) -> None:
    found = approval.approval_of(dataset)

    assert (found.stages, found.longest) == ((Stage(("stewards",), 1),), 180 * DAY)
    assert (found.responders, dict(found.sources)) == ((), {})


def test_an_empty_list_said_here_silences_what_the_domain_says(dataset: Dataset) -> None:
    make_team("sales")
    say(make_domain("commerce"), auto_approve=(AutoRule("sales"),))

    say(dataset, auto_approve=())

    assert approval.approval_of(dataset).auto_approve == ()


def test_saying_the_same_again_changes_nothing(dataset: Dataset) -> None:
    assert say(dataset, longest=DAY)
    assert not say(dataset, longest=DAY)
    assert AuditEvent.objects.filter(kind="approval.changed").count() == 1


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("longest", {"longest": timedelta(0)}),
        ("stages", {"stages": ()}),
        ("stages", {"stages": (Stage(),) * 6}),
        ("stages", {"stages": (Stage(("user:nobody",)),)}),
        ("stages", {"stages": (Stage((), 1),)}),
        ("approvals", {"stages": (Stage(approvals=0),)}),
        ("auto_approve", {"auto_approve": (AutoRule("nobody"),)}),
        ("responders", {"responders": ("team:nobody",)}),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(
    dataset: Dataset, field: str, said: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        say(dataset, **said)

    assert refused.value.field == field


# --- Who may say it


def test_only_who_answers_for_it_says_how_it_is_decided(
    dataset: Dataset,
    steward: Principal,
    chief: Principal,
    outsider: Principal,
    administrator: Principal,
) -> None:
    now = database_now()
    allowed = {
        dataset: {steward, chief},
        make_domain("commerce"): {chief, administrator},
        Sensitivity.RESTRICTED: {administrator},
    }
    for number, (about, people) in enumerate(allowed.items(), start=1):
        for person in (steward, chief, outsider, administrator):
            said = Said(longest=number * DAY + timedelta(hours=person.pk))
            if person in people:
                assert approval.say(about, said, actor=person, now=now)
            else:
                with pytest.raises(NotAllowed):
                    approval.say(about, said, actor=person, now=now)


def test_nobody_lists_themself_or_their_team_as_responders(
    dataset: Dataset, steward: Principal, analyst: Principal
) -> None:
    make_team("on-call", steward, analyst)
    now = database_now()

    for label in (steward.label, "team:on-call"):
        with pytest.raises(NotAllowed, match="yourself"):
            approval.say(dataset, Said(responders=(label,)), actor=steward, now=now)
    assert approval.say(dataset, Said(responders=(analyst.label,)), actor=steward, now=now)


# --- Stages


def test_stages_follow_one_another_and_only_the_last_gives_the_grant(
    dataset: Dataset, analyst: Principal, steward: Principal, chief: Principal
) -> None:
    say(dataset, stages=TWO_STAGES)
    asked = ask(dataset, analyst)

    assert (
        decisions.approve(asked, actor=steward, columns=["email", "country"], now=database_now())
        is None
    )
    assert (asked.stage, asked.state, asked.waits_for) == (2, "pending", ["domain"])
    assert not Grant.objects.exists()
    with pytest.raises(NotAllowed, match="Clara Chief"):
        approve(asked, steward)
    grant = approve(asked, chief, columns=["country"])

    assert grant.columns == ["country"]
    assert grant.decision.decider == chief
    kinds = AuditEvent.objects.filter(kind__startswith="request.").values_list("kind", flat=True)
    assert {"request.advanced", "request.voted", "request.approved"} <= set(kinds)


def test_the_inbox_holds_only_what_waits_for_me_now(
    dataset: Dataset, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    say(dataset, stages=(Stage(("stewards",)), Stage((outsider.label,))))
    asked = ask(dataset, analyst)

    assert list(requests.waiting_for(steward)) == [asked]
    assert not requests.waiting_for(outsider).exists()
    assert asked not in requests.visible_to(outsider)
    decisions.approve(asked, actor=steward, now=database_now())

    assert not requests.waiting_for(steward).exists()
    assert list(requests.waiting_for(outsider)) == [asked]
    assert Notice.objects.filter(recipient=outsider, kind="request.submitted").count() == 1
    assert approve(asked, outsider).principal == analyst
    assert asked in requests.visible_to(outsider)


def test_a_stage_of_a_team_is_closed_by_its_quorum(
    dataset: Dataset, analyst: Principal, scientist: Principal, outsider: Principal
) -> None:
    make_team("privacy", scientist, outsider)
    say(dataset, stages=(Stage(("team:privacy",), 2),))
    asked = ask(dataset, analyst)

    assert decisions.approve(asked, actor=scientist, now=database_now()) is None
    with pytest.raises(Conflict):
        decisions.approve(asked, actor=scientist, now=database_now())
    assert approve(asked, outsider).principal == analyst


def test_one_human_has_one_vote_over_all_stages(
    dataset: Dataset, analyst: Principal, steward: Principal, administrator: Principal
) -> None:
    say(dataset, stages=(Stage(("stewards",)), Stage((steward.label,))))
    asked = ask(dataset, analyst)

    decisions.approve(asked, actor=steward, now=database_now())

    # Nobody is left in the second stage, so it falls to the administrators.
    assert asked.waits_for == [steward.label, "administrators"]
    with pytest.raises(Conflict):
        decisions.approve(asked, actor=steward, now=database_now())
    assert approve(asked, administrator).principal == analyst


def test_a_denial_in_any_stage_settles_it(
    dataset: Dataset, analyst: Principal, steward: Principal, chief: Principal
) -> None:
    say(dataset, stages=TWO_STAGES)
    asked = ask(dataset, analyst)
    decisions.approve(asked, actor=steward, now=database_now())

    decisions.deny(asked, actor=chief, reason="Not this year.", now=database_now())

    assert asked.state == "denied"


def test_a_request_keeps_the_stages_it_was_placed_with(
    dataset: Dataset, analyst: Principal, steward: Principal, chief: Principal
) -> None:
    say(dataset, stages=TWO_STAGES)
    asked = ask(dataset, analyst)

    say(dataset, stages=(Stage(("administrators",)),))

    assert decisions.approve(asked, actor=steward, now=database_now()) is None
    assert approve(asked, chief).principal == analyst


@pytest.mark.parametrize(
    "stricter",
    [{"stages": TWO_STAGES}, {"stages": (Stage(approvals=2),)}, {"longest": 29 * DAY}],
    ids=["a stage more", "a larger quorum", "a shorter time"],
)
def test_a_request_that_stricter_rules_overtook_is_put_aside(
    dataset: Dataset,
    analyst: Principal,
    steward: Principal,
    outsider: Principal,
    stricter: dict[str, object],
) -> None:
    asked = ask(dataset, analyst)
    say(dataset, **stricter)

    with pytest.raises(NotAllowed):
        approve(asked, outsider)
    with pytest.raises(Conflict, match="put aside"):
        approve(asked, steward)

    asked.refresh_from_db()
    assert asked.state == "superseded"
    assert Notice.objects.filter(recipient=analyst, kind="request.superseded").count() == 1
    assert not Grant.objects.exists()
    assert ask(dataset, analyst, duration=DAY).state == "pending"


def test_a_request_for_data_that_became_more_sensitive_is_put_aside(
    dataset: Dataset, analyst: Principal, steward: Principal
) -> None:
    asked = ask(dataset, analyst, duration=180 * DAY)
    Dataset.objects.filter(pk=dataset.pk).update(sensitivity="restricted")

    with pytest.raises(Conflict, match="at most 90 days"):
        approve(asked, steward)


def test_the_database_lets_no_stage_be_skipped(
    dataset: Dataset, analyst: Principal, steward: Principal, chief: Principal
) -> None:
    say(dataset, stages=(*TWO_STAGES, Stage(("administrators",))))
    asked = ask(dataset, analyst)
    here = AccessRequest.objects.filter(pk=asked.pk)
    now = database_now()

    for change in ({"stage": 2}, {"stage": 3}, {"stage": 0}, {"stages": []}):
        with pytest.raises(IntegrityError), transaction.atomic():
            here.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(request=asked, voter=chief, approves=True, stage=2, cast_at=now)
    decisions.approve(asked, actor=steward, now=now)
    here.update(state="approved", decided_at=now)
    with pytest.raises(IntegrityError, match="quorum"), transaction.atomic():
        Decision.objects.create(
            request=asked,
            kind="person",
            approves=True,
            decider=chief,
            requester=analyst,
            duration=DAY,
            decided_at=now,
        )


def test_the_administrators_decide_a_stage_in_which_everybody_would_gain(
    dataset: Dataset, scientist: Principal, administrator: Principal
) -> None:
    say(dataset, stages=(Stage((scientist.label,)),))

    asked = ask(dataset, scientist)

    assert approvers.deciders_of(asked) == (administrator,)
    assert list(requests.waiting_for(administrator)) == [asked]


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_close_a_stage_once(
    dataset: Dataset, analyst: Principal, steward: Principal, chief: Principal
) -> None:
    say(dataset, stages=(Stage(("stewards",)), Stage(("administrators",))))
    asked = ask(dataset, analyst)
    barrier = threading.Barrier(2)

    def vote(person: Principal) -> None:
        barrier.wait()
        try:
            decisions.approve(asked, actor=person, now=database_now())
        except AccessError:
            pass
        finally:
            connection.close()

    racers = [threading.Thread(target=vote, args=(person,)) for person in (steward, chief)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    asked.refresh_from_db()
    assert (asked.stage, Vote.objects.count()) == (2, 1)
    assert AuditEvent.objects.filter(kind="request.advanced").count() == 1


# --- Rules that grant at once


def _tagged(dataset: Dataset) -> None:
    dataset.columns.filter(name="email").update(tags=["pii"])


def test_a_rule_of_the_domain_grants_all_but_tagged_columns(
    dataset: Dataset, analyst: Principal
) -> None:
    _tagged(dataset)
    make_team("sales", analyst)
    say(make_domain("commerce"), auto_approve=(AutoRule("sales", except_tags=("pii",)),))

    assert ask(dataset, analyst, columns=["customer_id", "country"]).state == "approved"
    assert ask(dataset, analyst, purpose="More", columns=["email"]).state == "pending"
    # All columns means those of tomorrow too, whose tags nobody knows yet.
    assert ask(dataset, analyst, purpose="All").state == "pending"
    advice = requests.advise(dataset, actor=analyst)
    assert advice.at_once == ("customer_id", "country")


def test_a_rule_never_decides_for_whoever_could_have_written_it(
    dataset: Dataset,
    steward: Principal,
    chief: Principal,
    administrator: Principal,
    analyst: Principal,
) -> None:
    make_team("all", steward, chief, administrator, analyst)
    for about, writers in (
        (Sensitivity.CONFIDENTIAL, (steward, chief, administrator)),
        (dataset, (steward, chief)),
    ):
        say(about, auto_approve=(AutoRule("all"),))
        for person in writers:
            assert ask(dataset, person, purpose=f"{about} {person}").state == "pending"
        assert ask(dataset, analyst, purpose=f"{about}").state == "approved"


def test_an_administrator_profits_from_no_rule_of_an_ownerless_dataset(
    administrator: Principal,
) -> None:
    dataset = stewarded(None)
    make_team("all", administrator)
    rules.set_policy(
        dataset, actor=administrator, auto_approve=[AutoRule("all")], now=database_now()
    )

    assert ask(dataset, administrator).state == "pending"
