"""The demo as a newcomer finds it: loaded once and whole, every person with a story that is true at the gate."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from access import campaigns, gate, grants, sweep
from access.asking import requests
from access.audit import sealing
from access.errors import NotFound, Refusal
from access.models import (
    AccessRequest,
    AuditEvent,
    Campaign,
    CampaignItem,
    Grant,
    GrantUse,
    Notice,
    Principal,
    QueryRecord,
    Surface,
)
from catalog.freshness import freshness
from catalog.models import Check, Column, Dataset, SchemaVersion, Warehouse
from portal import demo
from portal.configuration.applying import apply
from portal.dashboards.definition import parse_definition
from portal.dashboards.filters import chosen, filled, values
from portal.demo import people, reviews
from portal.home import Home
from portal.models import Dashboard

FILES = sorted(Path(demo.__file__).parent.glob("*.yaml"))
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home.at(tmp_path_factory.mktemp("a home"))
    made.make()
    before = os.environ["PORTAL_HOME"]
    os.environ["PORTAL_HOME"] = str(made.root)
    yield made
    os.environ["PORTAL_HOME"] = before


@pytest.fixture(scope="module")
def loaded(
    home: Home, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[datetime]:
    """The demo, loaded once for all tests of this file and rolled back after them; the moment it was begun at.

    The first attempt stops in the midst of its history, so that every test here is also one of a load that was taken up again.
    """
    now = datetime.now(UTC)
    with django_db_blocker.unblock(), transaction.atomic():
        _load_and_lose_power(home, now)
        demo.load(home, now=now + timedelta(hours=1))
        yield now
        transaction.set_rollback(True)


def _load_and_lose_power(home: Home, now: datetime) -> None:
    def stop(as_of: datetime) -> None:
        assert AccessRequest.objects.exists()
        raise RuntimeError("the power went out")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviews, "review", stop)
        with pytest.raises(RuntimeError):
            demo.load(home, now=now)
    assert not AccessRequest.objects.exists()


def ask(username: str, sql: str, schema: str = "commerce") -> list[tuple[Any, ...]]:
    person = Principal.objects.get(username=username)
    warehouse = Warehouse.objects.get(name="tarnfell")
    result = gate.open(person, sql, warehouse=warehouse, schema=schema, surface=Surface.WORKBENCH)
    with result:
        return list(result.rows())


def counts() -> dict[str, int]:
    kinds = (Dataset, Column, SchemaVersion, Check, Principal, Grant, GrantUse, AccessRequest)
    more = (AuditEvent, Notice, QueryRecord, Dashboard)
    return {model.__name__: model.objects.count() for model in (*kinds, *more)}


def test_loading_again_adds_nothing(loaded: datetime, home: Home) -> None:
    before = counts()

    demo.load(home)

    assert counts() == before


def test_the_files_say_what_is_there(loaded: datetime) -> None:
    assert apply(FILES, now=loaded, plan=True) == ()


def test_every_dataset_has_a_title_a_description_and_a_domain(loaded: datetime) -> None:
    datasets = list(Dataset.objects.all())

    assert len(datasets) == 39
    assert not [each.name for each in datasets if not (each.title and each.description)]
    assert not [each.name for each in datasets if each.domain is None]


def test_every_column_of_the_marts_is_described_and_personal_ones_are_tagged(
    loaded: datetime,
) -> None:
    marts = Column.objects.filter(
        dataset__schema_name__in=["commerce", "operations", "people"], removed_at=None
    )

    assert not marts.filter(description="").values_list("dataset__name", "name")
    assert marts.filter(tags__contains=["pii"]).count() > 20


def test_three_tables_have_changed_their_columns_since_the_beginning(loaded: datetime) -> None:
    changed = SchemaVersion.objects.filter(number=2).values_list("dataset__name", flat=True)

    assert sorted(changed) == [
        "tarnfell.commerce.customer_value",
        "tarnfell.commerce.orders",
        "tarnfell.operations.stock_levels",
    ]


def test_grants_are_in_every_state_and_ended_for_every_reason(loaded: datetime) -> None:
    found = Counter((grant.state_at(loaded), grant.end_reason) for grant in Grant.objects.all())

    assert {state for state, _ in found} == {"scheduled", "live", "suspended", "expired", "ended"}
    assert {reason for _, reason in found} >= {"expired", "returned", "revoked", "unused", "left"}


def test_requests_are_in_every_state_somebody_can_see(loaded: datetime) -> None:
    states = Counter(AccessRequest.objects.values_list("state", flat=True))

    assert states["pending"] == 4
    assert states["denied"] == 1
    assert states["withdrawn"] == 1
    assert states["approved"] > 10


@pytest.mark.parametrize(
    ("steward", "waiting"), [("ines", 2), ("nora", 1), ("bram", 1), ("greta", 0), ("karim", 0)]
)
def test_requests_wait_in_the_inbox_of_whoever_may_decide_them(
    loaded: datetime, steward: str, waiting: int
) -> None:
    assert requests.waiting_for(Principal.objects.get(username=steward)).count() == waiting


def test_one_review_of_access_is_over_and_one_goes_on(loaded: datetime) -> None:
    going_on, over = Campaign.objects.order_by("-opens_at")
    mine, past = (
        campaigns.progress_of(CampaignItem.objects.filter(campaign=each))
        for each in (going_on, over)
    )

    assert going_on.closed_at is None
    assert going_on.due_at > loaded + timedelta(days=9)
    assert mine.kept >= 4
    assert campaigns.n_waiting_for(Principal.objects.get(username="ines")) > 5
    assert campaigns.n_waiting_for(Principal.objects.get(username="marit")) > 0
    assert over.closed_at is not None
    assert (past.kept, past.revoked, past.suspended, past.open) == (4, 1, 0, 0)
    assert CampaignItem.objects.filter(campaign=over, suspended_at__isnull=False).count() == 1


def test_tonight_ends_one_idle_grant_and_touches_no_other(loaded: datetime) -> None:
    tonight = sweep.plan(sweep.next_due(loaded))

    assert not tonight.stopped
    changes = [(row.holder, row.dataset, row.action) for row in tonight.rows]
    assert ("user:nora", "tarnfell.people.employees", "revoke") in changes
    assert {action for *_, action in changes if action != "expire"} == {"revoke"}
    assert len([action for *_, action in changes if action == "revoke"]) == 1


def test_the_review_of_last_night_is_done_so_that_nothing_ends_at_once(loaded: datetime) -> None:
    assert not sweep.is_due(loaded)


def test_one_grant_has_been_warned_of_and_is_not_due_yet(loaded: datetime) -> None:
    warned = Grant.objects.filter(ended_at=None, revoke_due_at__gt=loaded + timedelta(days=2))

    assert [grant.holder.label for grant in warned] == ["user:aino"]


def test_the_unused_grant_can_be_restored(loaded: datetime) -> None:
    ended = Grant.objects.get(end_reason="unused")

    restored = grants.restore(
        ended, actor=Principal.objects.get(username="elena"), now=loaded + timedelta(seconds=1)
    )

    assert restored.expires_at == ended.expires_at


def test_sales_teams_see_their_own_countries_from_one_rule(loaded: datetime) -> None:
    sql = "select distinct country from customers order by country"

    assert ask("jonas", sql) == [("AT",), ("DE",)]
    assert ask("paul", sql) == [("FR",)]


def test_the_same_column_looks_different_to_different_people(loaded: datetime) -> None:
    sql = "select email from customers where customer_id = 2901"
    clear = ask("newsletter", "select email, customer_id from customers order by 2 limit 1")[0]
    seen = f"select email from customers where customer_id = {clear[1]}"

    (hashed,) = ask("aino", seen)[0]

    assert "@" in clear[0]
    assert len(hashed) == 64
    with pytest.raises(Refusal) as refusal:
        ask("elena", sql)
    assert refusal.value.code == "no_grant"


def test_an_adviser_reads_her_own_conversations_and_the_opening_words_of_others(
    loaded: datetime,
) -> None:
    sql = "select agent, max(length(message)) from service_tickets group by agent"

    longest = dict(ask("ola", sql, "operations"))

    assert longest.pop("Ola") > 40
    assert set(longest.values()) == {20}
    assert min(dict(ask("nora", sql, "operations")).values()) > 40


@pytest.mark.parametrize("table", ["commerce.daily_sales", "commerce.customers", "erp.stores"])
def test_the_contractor_reads_nothing_and_may_ask(loaded: datetime, table: str) -> None:
    with pytest.raises(Refusal) as refusal:
        ask("karim", f"select * from {table}")

    assert refusal.value.code == "no_grant"
    assert refusal.value.needs


@pytest.mark.parametrize("who", ["karim", "lena", "jonas"])
def test_outsiders_do_not_even_know_of_the_raw_payroll(loaded: datetime, who: str) -> None:
    with pytest.raises(Refusal) as refusal:
        ask(who, "select * from hr.payroll")

    assert refusal.value.code == "unknown_table"
    with pytest.raises(NotFound):
        requests.submit(
            Dataset.objects.get(name="tarnfell.hr.payroll"),
            actor=Principal.objects.get(username=who),
            purpose="Curiosity",
            duration=timedelta(days=1),
            now=loaded,
        )


@pytest.mark.parametrize("who", ["marit", "ines", "greta"])
def test_running_the_portal_or_answering_for_data_is_not_reading_it(
    loaded: datetime, who: str
) -> None:
    for table in ("commerce.customers", "people.payroll_costs"):
        with pytest.raises(Refusal):
            ask(who, f"select * from {table}")


def test_suspended_access_reads_nothing(loaded: datetime) -> None:
    with pytest.raises(Refusal):
        ask("yusuf", "select count(customer_id) from customers")


def test_marketing_gets_customers_at_once_if_it_leaves_out_the_address(loaded: datetime) -> None:
    advice = requests.advise(
        Dataset.objects.get(name="tarnfell.commerce.customers"),
        actor=Principal.objects.get(username="lena"),
        columns=["customer_id", "city", "country", "email"],
        duration=timedelta(days=30),
    )

    assert advice.at_once == ("customer_id", "city", "country")
    assert [str(person) for person in advice.deciders] == ["Ines Duarte"]


@pytest.mark.parametrize(
    ("name", "owner"), [("sales-pulse", "ines"), ("delivery-and-care", "tomas")]
)
@pytest.mark.parametrize("query", [{}, {"country": "AT", "period": "90d"}])
def test_every_tile_of_a_dashboard_draws_for_its_owner(
    loaded: datetime, name: str, owner: str, query: dict[str, str]
) -> None:
    definition = parse_definition(Dashboard.objects.get(name=name).definition)
    given = values(chosen(definition, query, loaded))

    for tile in definition.tiles:
        for sql in filter(None, (tile.sql, tile.trend)):
            rows = ask(owner, filled(sql, "duckdb", given), definition.schema_name or "")
            assert rows, tile.name
            assert rows[0][0] is not None, tile.name


def test_a_check_fails_a_table_is_stale_and_one_is_deprecated(loaded: datetime) -> None:
    failed = Check.objects.filter(last_status="fail").values_list("dataset__name", flat=True)
    stale = [
        each.name for each in Dataset.objects.all() if freshness(each, loaded).state == "stale"
    ]
    old = Dataset.objects.get(deprecated_at__isnull=False)

    assert list(failed) == ["tarnfell.operations.returns"]
    assert stale == ["tarnfell.erp.supplier_ratings", "tarnfell.operations.supplier_scorecard"]
    assert (old.table_name, old.successor and old.successor.table_name) == (
        "customer_ltv",
        "customer_value",
    )


def test_the_audit_of_the_past_is_sound_and_in_order(loaded: datetime) -> None:
    assert sealing.verify().is_sound
    past = list(AuditEvent.objects.order_by("id").values_list("at", flat=True))
    assert past == sorted(past)


def test_people_sign_in_with_the_shared_password_in_a_demo_only(
    loaded: datetime, settings: Any
) -> None:
    assert people.give_passwords() == people.SHARED
    assert Principal.objects.get(username="lena").check_password(people.SHARED)

    settings.IS_PRODUCTION = True

    assert people.give_passwords() != people.SHARED
    assert not Principal.objects.get(username="lena").check_password(people.SHARED)


def test_the_greeting_names_every_person_who_can_sign_in(loaded: datetime) -> None:
    words = people.welcome("secret")

    persons = Principal.objects.filter(kind="person", is_active=True)
    assert not [each.username for each in persons if f"  {each.username} " not in words]
