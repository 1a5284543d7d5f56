"""Breaking glass: at once, for hours, loudly, and looked at by somebody else."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from access import grants
from access.clock import database_now
from access.deciding import approval, emergencies
from access.deciding.approval import Said
from access.deciding.silence import after_working_days
from access.errors import AccessError, AlreadyDecided, Conflict, Invalid, NotAllowed, NotFound
from access.models import (
    AuditEvent,
    BreakGlassReview,
    Decision,
    Grant,
    Notice,
    Principal,
    QueryRecord,
)
from catalog.models import Dataset, Sensitivity
from tests.access.lifecycle import DAY, granted, stewarded
from tests.people import make_person, make_team, put_in_charge

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def responder(db: None) -> Principal:
    """Is on call."""
    return make_person("rita", name="Rita Responder")


@pytest.fixture
def dataset(steward: Principal, responder: Principal) -> Dataset:
    """Lists the responder."""
    dataset = stewarded(steward)
    said = Said(responders=(responder.label,))
    approval.say(dataset, said, actor=steward, now=database_now())
    return dataset


def take(dataset: Dataset, actor: Principal, **fields: object) -> Grant:
    fields = {"reason": "Orders fail", "now": database_now(), **fields}
    return emergencies.break_glass(dataset, actor=actor, **fields)  # type: ignore[arg-type]


def over(grant: Grant) -> BreakGlassReview:
    """The review of an emergency that the responder has given back."""
    grants.give_back(grant, actor=grant.principal, now=database_now())  # type: ignore[arg-type]
    return BreakGlassReview.objects.get(grant=grant)


def test_a_listed_responder_has_access_at_once_and_everybody_hears_of_it(
    dataset: Dataset, responder: Principal, steward: Principal, administrator: Principal
) -> None:
    now = database_now()

    grant = take(dataset, responder, now=now)

    assert grant in grants.live()
    assert grant.expires_at == now + 4 * HOUR
    assert (grant.decision.kind, grant.decision.requester) == ("break_glass", responder)
    for person in (steward, administrator):
        notice = Notice.objects.get(recipient=person, kind="glass.broken")
        assert "Orders fail" in notice.body
    assert not Notice.objects.filter(recipient=responder, kind="glass.broken").exists()
    review = BreakGlassReview.objects.get()
    assert review.due_at == after_working_days(now, 3)
    assert AuditEvent.objects.filter(kind="glass.broken", actor=responder).count() == 1


def test_a_team_on_call_is_listed_as_one(dataset: Dataset, outsider: Principal) -> None:
    make_team("on-call", outsider)
    approval.say(
        Sensitivity.CONFIDENTIAL, Said(responders=("team:on-call",)), actor=None, now=database_now()
    )
    with pytest.raises(NotAllowed):
        take(dataset, outsider)
    approval.say(dataset, Said(), actor=None, now=database_now())

    assert take(dataset, outsider).principal == outsider


def test_who_is_not_listed_hears_how_to_ask(
    dataset: Dataset, outsider: Principal, steward: Principal, administrator: Principal
) -> None:
    for stranger in (outsider, steward, administrator):
        with pytest.raises(NotAllowed, match="Ask for access"):
            take(dataset, stranger)


def test_a_hidden_dataset_is_not_named_to_a_responder_who_may_not_know_of_it(
    dataset: Dataset, responder: Principal
) -> None:
    Dataset.objects.filter(pk=dataset.pk).update(visibility="hidden")

    with pytest.raises(NotFound):
        take(dataset, responder)


@pytest.mark.parametrize("place", ["dataset", "sensitivity"])
def test_whoever_could_have_written_the_list_cannot_use_it(
    dataset: Dataset, steward: Principal, administrator: Principal, place: str
) -> None:
    about = dataset if place == "dataset" else Sensitivity.CONFIDENTIAL
    approval.say(dataset, Said(), actor=None, now=database_now())
    said = Said(responders=(steward.label, administrator.label))
    approval.say(about, said, actor=None, now=database_now())

    with pytest.raises(NotAllowed, match="somebody else"):
        take(dataset, steward)
    if place == "sensitivity":
        with pytest.raises(NotAllowed, match="somebody else"):
            take(dataset, administrator)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("reason", {"reason": " "}),
        ("duration", {"duration": 4 * HOUR + timedelta(seconds=1)}),
        ("duration", {"duration": timedelta(0)}),
        ("columns", {"columns": ["nothing"]}),
    ],
)
def test_an_emergency_is_short_and_says_why(
    dataset: Dataset, responder: Principal, field: str, said: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        take(dataset, responder, **said)

    assert refused.value.field == field
    assert not Grant.objects.exists()


def test_one_emergency_at_a_time_on_one_dataset(dataset: Dataset, responder: Principal) -> None:
    grant = take(dataset, responder)

    with pytest.raises(Conflict):
        take(dataset, responder)
    over(grant)
    assert take(dataset, responder).pk != grant.pk


def test_an_emergency_is_not_prolonged(
    dataset: Dataset, responder: Principal, steward: Principal
) -> None:
    grant = take(dataset, responder)

    with pytest.raises(Conflict, match="not prolonged"):
        grants.request_renewal(grant, actor=responder, duration=DAY, now=database_now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(expires_at=grant.expires_at + HOUR)


def test_a_steward_ends_it(dataset: Dataset, responder: Principal, steward: Principal) -> None:
    grant = take(dataset, responder)

    grants.revoke(grant, actor=steward, reason="Solved", now=database_now())

    assert not grants.live().exists()


# --- The review


def test_the_review_lists_each_statement_and_column_read(
    dataset: Dataset, responder: Principal
) -> None:
    before = granted_elsewhere(responder)
    grant = take(dataset, responder, columns=["email", "country"])
    for sql, columns, used in (
        ("select email from customers", ["email"], grant.pk),
        ("select 1", [], before),
    ):
        QueryRecord.objects.create(
            id=uuid.uuid4(),
            principal=responder,
            surface="workbench",
            sql=sql,
            columns={dataset.name: columns},
            grants=[used],
            started_at=database_now(),
            rows=3,
        )

    [statement] = emergencies.statements_of(BreakGlassReview.objects.get())

    assert (statement.sql, statement.columns, statement.rows) == (
        "select email from customers",
        ("email",),
        3,
    )


def granted_elsewhere(person: Principal) -> int:
    other = make_person("sven")
    return granted(stewarded(other, "sales.other"), person, other).pk


def test_a_steward_reviews_it_and_the_responder_hears_it(
    dataset: Dataset, responder: Principal, steward: Principal, outsider: Principal
) -> None:
    review = over(take(dataset, responder))
    now = database_now()

    assert list(emergencies.reviews_for(steward)) == [review]
    for stranger in (responder, outsider):
        assert review not in emergencies.reviews_for(stranger)
        with pytest.raises(NotAllowed):
            emergencies.review_emergency(
                review, actor=stranger, is_justified=True, note="Fine", now=now
            )
    with pytest.raises(Invalid):
        emergencies.review_emergency(review, actor=steward, is_justified=True, note=" ", now=now)
    emergencies.review_emergency(review, actor=steward, is_justified=True, note="Fine", now=now)

    assert (review.reviewer, review.is_justified) == (steward, True)
    assert Notice.objects.filter(recipient=responder, kind="glass.reviewed").count() == 1
    with pytest.raises(AlreadyDecided):
        emergencies.review_emergency(review, actor=steward, is_justified=False, note="No", now=now)


def test_a_responder_who_has_become_a_steward_does_not_review_themself(
    dataset: Dataset, responder: Principal
) -> None:
    review = over(take(dataset, responder))
    put_in_charge(responder, dataset)

    with pytest.raises(NotAllowed, match="your emergency"):
        emergencies.review_emergency(
            review, actor=responder, is_justified=True, note="Fine", now=database_now()
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        BreakGlassReview.objects.update(
            reviewer=responder, reviewed_at=database_now(), is_justified=True, note="Fine"
        )


def test_what_is_still_open_is_not_reviewed_yet(
    dataset: Dataset, responder: Principal, steward: Principal
) -> None:
    take(dataset, responder)
    review = BreakGlassReview.objects.get()

    with pytest.raises(Invalid, match="still open"):
        emergencies.review_emergency(
            review, actor=steward, is_justified=True, note="Fine", now=database_now()
        )


def test_a_review_not_made_in_time_suspends_the_right_and_making_it_gives_it_back(
    dataset: Dataset, responder: Principal, steward: Principal
) -> None:
    review = over(take(dataset, responder))
    late = review.due_at

    assert emergencies.reason_not_to(responder, dataset, late - timedelta(seconds=1)) == ""
    with pytest.raises(NotAllowed, match="suspended"):
        take(dataset, responder, now=late)
    with pytest.raises(IntegrityError, match="suspended"), transaction.atomic():
        _take_behind_our_back(dataset, responder, late)
    assert [emergencies.remind(late), emergencies.remind(late)] == [1, 0]
    assert Notice.objects.filter(kind="glass.overdue").count() == 2
    emergencies.review_emergency(review, actor=steward, is_justified=True, note="Late", now=late)

    assert take(dataset, responder, now=late).principal == responder


def _take_and_commit(dataset: Dataset, responder: Principal, **terms: object) -> None:
    """As if the transaction ended here, when the deferred constraints speak."""
    _take_behind_our_back(dataset, responder, database_now(), **terms)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _take_behind_our_back(
    dataset: Dataset, responder: Principal, now: object, **terms: object
) -> Grant:
    lasts = terms.pop("lasts", HOUR)
    decision = Decision.objects.create(
        kind="break_glass",
        approves=True,
        requester=responder,
        duration=4 * HOUR,
        reason="Because",
        decided_at=now,  # type: ignore[misc]
    )
    fields = {"principal": responder, "starts_at": now, "created_at": now, **terms}
    return Grant.objects.create(
        dataset=dataset,
        decision=decision,
        purpose="Because",
        expires_at=now + lasts,  # type: ignore[operator]
        **fields,
    )


@pytest.mark.parametrize("terms", ["longer", "for another", "for a team", "unreviewed"])
def test_the_database_holds_an_emergency_to_its_terms(
    dataset: Dataset, responder: Principal, outsider: Principal, terms: str
) -> None:
    more: dict[str, object] = {
        "longer": {"lasts": 4 * HOUR + timedelta(seconds=1)},
        "for another": {"principal": outsider},
        "for a team": {"principal": None, "team": make_team("sales", responder)},
        "unreviewed": {},
    }[terms]

    with pytest.raises(IntegrityError), transaction.atomic():
        _take_and_commit(dataset, responder, **more)


@pytest.mark.parametrize(
    "change",
    [
        {"duration": 5 * HOUR},
        {"reason": ""},
        {"requester": None},
        {"approves": False},
    ],
)
def test_the_database_knows_what_an_emergency_is(
    responder: Principal, change: dict[str, object]
) -> None:
    said = {
        "kind": "break_glass",
        "approves": True,
        "requester": responder,
        "duration": HOUR,
        "reason": "Because",
        "decided_at": database_now(),
        **change,
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(**said)


@pytest.mark.django_db(transaction=True)
def test_two_emergencies_at_once_are_one(dataset: Dataset, responder: Principal) -> None:
    barrier = threading.Barrier(2)

    def race() -> None:
        barrier.wait()
        try:
            take(dataset, responder)
        except AccessError:
            pass
        finally:
            connection.close()

    racers = [threading.Thread(target=race) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert (Grant.objects.count(), BreakGlassReview.objects.count()) == (1, 1)
