"""Pages around a decision: rules, delegates, questions, emergencies, the bulk verdict, datasets nobody answers for."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from access import grants
from access.asking import questions, terms
from access.clock import database_now
from access.deciding import approval
from access.deciding.approval import AutoRule, Said, Stage
from access.models import Delegation, Grant, Principal, Question, TermsAcceptance
from catalog.models import Dataset
from tests.access.lifecycle import ask, stewarded
from tests.people import make_person, make_team

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Principal], Client]


@pytest.fixture
def signed_in() -> SignedIn:
    """A client as somebody."""

    def sign_in(person: Principal) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def dataset(steward: Principal) -> Dataset:
    """With a steward."""
    return stewarded(steward, title="Customers")


def page(dataset: Dataset, what: str) -> str:
    return f"/datasets/{dataset.name}/{what}/"


# --- Rules


def rules_form(**said: str) -> dict[str, str]:
    """What the form sends when nothing is typed, and what is."""
    empty = {
        "stage-TOTAL_FORMS": "3",
        "stage-INITIAL_FORMS": "3",
        "rule-TOTAL_FORMS": "1",
        "rule-INITIAL_FORMS": "1",
        "longest": "",
        "responders": "",
        "terms": "",
    }
    return {**empty, **said}


def test_a_steward_says_how_requests_are_decided(
    dataset: Dataset, steward: Principal, analyst: Principal, signed_in: SignedIn
) -> None:
    make_team("privacy")
    said = rules_form(
        **{
            "stage-0-by": "stewards",
            "stage-0-approvals": "1",
            "stage-1-by": "privacy, administrators",
            "stage-1-approvals": "2",
            "rule-0-team": "privacy",
            "rule-0-except_tags": "pii",
            "rule-0-longest": "30d",
            "longest": "60d",
            "responders": "alice",
            "terms": "Stays here.",
        }
    )

    answer = signed_in(steward).post(page(dataset, "rules"), said)

    assert answer.status_code == 302
    found = approval.said_by(dataset)
    assert found.stages == (Stage(("stewards",), 1), Stage(("team:privacy", "administrators"), 2))
    assert found.auto_approve == (
        AutoRule("privacy", longest=timedelta(days=30), except_tags=("pii",)),
    )
    assert (found.longest, found.responders) == (timedelta(days=60), ("user:alice",))
    wanted = terms.terms_of(dataset)
    assert wanted is not None
    assert wanted.text == "Stays here."
    again = signed_in(steward).get(page(dataset, "rules")).content.decode()
    assert "privacy, administrators" in again
    assert "60 days" in again


def test_what_is_left_empty_is_left_to_the_domain(
    dataset: Dataset, steward: Principal, signed_in: SignedIn
) -> None:
    signed_in(steward).post(page(dataset, "rules"), rules_form())

    assert approval.said_by(dataset) == Said()
    signed_in(steward).post(page(dataset, "rules"), rules_form(no_rules="on", no_responders="on"))
    assert approval.said_by(dataset) == Said(auto_approve=(), responders=())


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"stage-0-by": "nobody-here"}, "nobody-here"),
        ({"longest": "soon"}, "Write a span"),
        ({"responders": "olga"}, "You cannot list yourself"),
    ],
)
def test_what_cannot_be_saved_says_why(
    dataset: Dataset,
    steward: Principal,
    signed_in: SignedIn,
    field: dict[str, str],
    words: str,
) -> None:
    answer = signed_in(steward).post(page(dataset, "rules"), rules_form(**field))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert approval.said_by(dataset) == Said()


def test_an_outsider_does_not_see_the_rules_page(
    dataset: Dataset, outsider: Principal, signed_in: SignedIn
) -> None:
    assert signed_in(outsider).get(page(dataset, "rules")).status_code == 403
    assert "Stages, rules" not in signed_in(outsider).get(page(dataset, "x")[:-2]).content.decode()


# --- Asking


def test_the_form_asks_for_the_terms_and_keeps_who_accepted(
    dataset: Dataset, analyst: Principal, steward: Principal, signed_in: SignedIn
) -> None:
    terms.set_terms(dataset, "Never leaves the house.", actor=steward, now=database_now())
    said = {"purpose": "Churn", "duration": "30d", "columns": ["email"], "origin": "dataset"}
    client = signed_in(analyst)

    assert "Never leaves the house." in client.get(page(dataset, "request")).content.decode()
    assert client.post(page(dataset, "request"), said).status_code == 422
    assert client.post(page(dataset, "request"), {**said, "terms": "1"}).status_code == 302
    assert TermsAcceptance.objects.get().principal == analyst


def test_the_form_says_which_stages_follow_and_what_would_do_instead(
    dataset: Dataset, analyst: Principal, steward: Principal, signed_in: SignedIn
) -> None:
    approval.say(
        dataset,
        Said(stages=(Stage(), Stage(("administrators",)))),
        actor=steward,
        now=database_now(),
    )
    alike = stewarded(steward, "sales.leads", title="Leads")
    grants.grant_directly(
        analyst,
        alike,
        actor=None,
        expires_at=database_now() + timedelta(days=3),
        reason="Leads",
        now=database_now(),
    )

    text = signed_in(analyst).get(page(dataset, "request")).content.decode()

    assert "then an administrator" in text
    assert "You can already read" in text
    assert "Leads" in text


def test_a_later_start_is_kept(dataset: Dataset, analyst: Principal, signed_in: SignedIn) -> None:
    day = (database_now() + timedelta(days=9)).date()
    said = {
        "purpose": "Churn",
        "duration": "30d",
        "columns": ["email"],
        "starts_on": day.isoformat(),
    }

    signed_in(analyst).post(page(dataset, "request"), said)

    made = dataset_requests(dataset)[0]
    assert made.starts_at is not None
    assert made.starts_at.date() == day


def dataset_requests(dataset: Dataset) -> list:  # type: ignore[type-arg]
    from access.models import AccessRequest

    return list(AccessRequest.objects.filter(dataset=dataset))


# --- Asking back


def test_a_question_and_its_answer_stand_on_the_request(
    dataset: Dataset,
    analyst: Principal,
    steward: Principal,
    outsider: Principal,
    signed_in: SignedIn,
) -> None:
    asked = ask(dataset, analyst)
    where = f"/requests/{asked.pk}/"

    signed_in(steward).post(f"{where}question/", {"text": "What is it for?", "from": "inbox"})
    inbox = signed_in(steward).get("/inbox/").content.decode()
    assert "Waiting for an answer" in inbox
    mine = signed_in(analyst).get(where).content.decode()
    assert "What is it for?" in mine
    assert "Your answer" in mine
    question = Question.objects.get()
    assert (
        signed_in(outsider).post(f"/questions/{question.pk}/answer/", {"text": "x"}).status_code
        == 404
    )
    signed_in(analyst).post(f"/questions/{question.pk}/answer/", {"text": "For mail."})

    assert "For mail." in signed_in(steward).get("/inbox/").content.decode()


# --- One verdict on several


def test_one_verdict_on_several_requests(
    dataset: Dataset,
    analyst: Principal,
    scientist: Principal,
    steward: Principal,
    signed_in: SignedIn,
) -> None:
    asked = [ask(dataset, person) for person in (analyst, scientist)]
    said = {"verdict": "approve", "requests": [each.pk for each in asked]}

    answer = signed_in(steward).post("/inbox/decisions/", said, follow=True)

    assert "Approved 2 requests." in answer.content.decode()
    assert Grant.objects.count() == 2


def test_several_are_not_denied_without_a_reason(
    dataset: Dataset, analyst: Principal, steward: Principal, signed_in: SignedIn
) -> None:
    asked = ask(dataset, analyst)

    answer = signed_in(steward).post(
        "/inbox/decisions/", {"verdict": "deny", "requests": [asked.pk]}, follow=True
    )

    assert "Say why" in answer.content.decode()
    asked.refresh_from_db()
    assert asked.state == "pending"


def test_nobody_decides_by_the_handful_what_does_not_wait_for_them(
    dataset: Dataset, analyst: Principal, outsider: Principal, signed_in: SignedIn
) -> None:
    asked = ask(dataset, analyst)

    for person in (outsider, analyst):
        signed_in(person).post("/inbox/decisions/", {"verdict": "approve", "requests": [asked.pk]})

    assert not Grant.objects.exists()


# --- Delegates


def test_a_steward_names_a_delegate_whose_inbox_says_for_whom(
    dataset: Dataset, analyst: Principal, steward: Principal, signed_in: SignedIn
) -> None:
    dana = make_person("dana")
    asked = ask(dataset, analyst)
    last = (database_now() + timedelta(days=5)).date().isoformat()

    named = signed_in(steward).post("/delegations/", {"delegate": "dana", "last": last})
    text = signed_in(dana).get("/inbox/").content.decode()

    assert named.status_code == 302
    assert "You decide for Olga Owner" in text
    assert "on behalf of Olga Owner" in text
    signed_in(dana).post(f"/requests/{asked.pk}/decision/", {"verdict": "approve"})
    assert (
        "on behalf of Olga Owner"
        in signed_in(analyst).get(f"/requests/{asked.pk}/").content.decode()
    )
    made = Delegation.objects.get()
    assert signed_in(steward).post(f"/delegations/{made.pk}/end/").status_code == 302
    assert "You decide for" not in signed_in(dana).get("/inbox/").content.decode()


def test_a_delegation_that_cannot_be_made_says_why(
    dataset: Dataset, steward: Principal, outsider: Principal, signed_in: SignedIn
) -> None:
    last = (database_now() + timedelta(days=5)).date().isoformat()

    for delegate, words in (("olga", "Name somebody else"), ("nobody", "There is nobody called")):
        answer = signed_in(steward).post("/delegations/", {"delegate": delegate, "last": last})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    answer = signed_in(outsider).post("/delegations/", {"delegate": "olga", "last": last})
    assert answer.status_code == 422
    assert not Delegation.objects.exists()


# --- Nobody answers for it


def test_an_administrator_takes_on_what_nobody_answers_for(
    administrator: Principal, analyst: Principal, signed_in: SignedIn
) -> None:
    orphan = stewarded(None, "sales.orphan", title="Orphan")

    assert "Orphan" in signed_in(administrator).get("/unowned/").content.decode()
    assert "Orphan" not in signed_in(analyst).get("/unowned/").content.decode()
    assert signed_in(analyst).post(page(orphan, "steward")).status_code == 403
    assert signed_in(administrator).post(page(orphan, "steward")).status_code == 302
    assert "Orphan" not in signed_in(administrator).get("/unowned/").content.decode()
    assert signed_in(administrator).post(page(orphan, "steward")).status_code == 409


# --- The inbox


def test_the_inbox_tells_what_helps_to_decide(
    dataset: Dataset,
    analyst: Principal,
    scientist: Principal,
    steward: Principal,
    signed_in: SignedIn,
) -> None:
    now = database_now()
    expires_at = now + timedelta(days=3)
    for person in (scientist, analyst):
        grant = grants.grant_directly(
            person, dataset, actor=None, expires_at=expires_at, reason="Before", now=now
        )
    grants.revoke(grant, actor=steward, reason="Over", now=now)
    approval.say(
        dataset, Said(stages=(Stage(), Stage(("administrators",)))), actor=steward, now=now
    )
    asked = ask(dataset, analyst)
    other = make_person("sven")
    hidden = stewarded(other, "sales.secret", title="Secret plans", visibility="hidden")
    grants.grant_directly(
        analyst, hidden, actor=None, expires_at=expires_at, reason="Plans", now=now
    )

    text = signed_in(steward).get("/inbox/").content.decode()

    assert "Stage 1 of 2: a steward" in text
    assert "Samir Scientist" in text
    assert "(1 with all of this)" in text
    assert "never used" in text
    assert "1 dataset you may not know of" in text
    assert "Secret plans" not in text
    assert questions.thread(asked).count() == 0
