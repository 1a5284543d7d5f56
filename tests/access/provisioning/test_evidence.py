"""What people run with their own tools counts as use of their grants, each run once; what cannot be seen is not held against them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from access.clock import database_now
from access.models import GrantUse, NativeAccess, Principal, QueryRecord, Team
from access.provisioning import evidence
from access.provisioning.reading_text import reads
from access.sweep.facts import facts
from access.usage import count
from tests.access.provisioning.world import World, view

VIEWS = {
    "sales__customers": ("id", "email", "country"),
    "sales__orders": ("id", "amount"),
    "Odd": ("Café",),
}
TEXTS: list[tuple[str, dict[str, Any]]] = [
    ("select id from sales__customers", {"sales__customers": {"id": {"selected"}}}),
    ("SELECT * FROM gatehouse_ana_1.SALES__CUSTOMERS", {"sales__customers": {"id": {"starred"}, "email": {"starred"}, "country": {"starred"}}}),
    ("select c.* from sales__customers c", {"sales__customers": {"id": {"starred"}, "email": {"starred"}, "country": {"starred"}}}),
    ("select count(*) from sales__customers", {"sales__customers": {}}),
    ("select 2 * amount from sales__orders", {"sales__orders": {"amount": {"selected"}}}),
    ("select email from sales__customers where country = $1 order by id",
     {"sales__customers": {"email": {"selected"}, "country": {"filtered"}, "id": {"ordered"}}}),
    ("select country, count(*) from sales__customers group by country having count(*) > $1",
     {"sales__customers": {"country": {"selected", "grouped"}}}),
    ("select amount from sales__orders o join sales__customers c on o.id = c.id",
     {"sales__customers": {"id": {"joined"}}, "sales__orders": {"id": {"joined"}, "amount": {"selected"}}}),
    ("COPY (SELECT email FROM sales__customers) TO STDOUT", {"sales__customers": {"email": {"selected"}}}),
    ("DECLARE c CURSOR FOR SELECT id FROM sales__customers", {"sales__customers": {"id": {"selected"}}}),
    ("PREPARE p AS SELECT id FROM sales__customers", {"sales__customers": {"id": {"selected"}}}),
    ("DO $$ BEGIN PERFORM email FROM sales__customers; END $$", {"sales__customers": {"email": {"selected"}}}),
    ("EXPLAIN ANALYZE SELECT id FROM sales__customers", {"sales__customers": {"id": {"selected"}}}),
    ("EXPLAIN SELECT id FROM sales__customers", {}),
    ('select "Café" from "Odd"', {"Odd": {"Café": {"selected"}}}),
    ("select 'sales__customers'", {}),
    ("select 1 -- sales__customers", {}),
    ("select 1 from pg_class where relname = 'sales__customers'", {}),
    ("select 'unfinished from sales__customers", {}),
    ("", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=[text[:40] for text, _ in TEXTS])
def test_what_a_text_reads_is_told_from_its_words(text: str, expected: dict[str, Any]) -> None:
    found = reads(text, VIEWS)
    assert {
        name: {column: set(words) for column, words in read.columns.items()}
        for name, read in found.items()
    } == expected


def test_a_very_long_text_is_not_read() -> None:
    assert reads("select id from sales__customers " + " " * 200_000, VIEWS) == {}


@pytest.mark.django_db(transaction=True)
class TestCounting:
    def test_a_run_counts_once_for_the_grants_behind_it(self, world: World, ana: Principal) -> None:
        wide = world.grant(ana, rows="country = 'DE'", purpose="Wide")
        narrow = world.grant(ana, columns=["id", "country"], purpose="Narrow")
        role = world.login(ana)
        world.ask(role, f"SELECT email FROM {view()} WHERE id < 20")
        world.ask(role, f"SELECT email FROM {view()} WHERE id < 30")

        assert evidence.collect(world.access, now=database_now()) >= 1
        assert evidence.collect(world.access, now=database_now()) == 0
        count()

        used = {
            (use.grant_id, use.column_name): (use.n_queries, use.n_selected, use.n_filtered)
            for use in GrantUse.objects.filter(principal=ana)
        }
        assert used == {
            (wide.pk, ""): (1, 0, 0),
            (wide.pk, "email"): (1, 1, 0),
            (wide.pk, "id"): (1, 0, 1),
            (narrow.pk, ""): (1, 0, 0),
            (narrow.pk, "id"): (1, 0, 1),
        }
        record = QueryRecord.objects.get(surface="native")
        assert (record.principal, record.code) == (ana, "")
        assert "$1" in record.sql

    def test_more_runs_count_again_and_other_text_never(self, world: World, ana: Principal) -> None:
        world.grant(ana)
        role = world.login(ana)
        for _ in range(2):
            world.ask(role, f"SELECT id FROM {view()}")
            world.ask(role, "SELECT 1")
            evidence.collect(world.access, now=database_now())

        assert QueryRecord.objects.filter(surface="native").count() == 2

    def test_a_server_that_began_to_count_anew_is_understood(
        self, world: World, ana: Principal
    ) -> None:
        world.grant(ana)
        role = world.login(ana)
        for _ in range(3):
            world.ask(role, f"SELECT id FROM {view()}")
        evidence.collect(world.access, now=database_now())
        world.do("SELECT pg_stat_statements_reset()")
        world.ask(role, f"SELECT id FROM {view()}")
        evidence.collect(world.access, now=database_now())

        assert list(QueryRecord.objects.filter(surface="native").order_by("started_at").values_list("rows", flat=True)) == [180, 60]  # fmt: skip

    def test_the_review_does_not_call_them_idle(self, world: World, ana: Principal) -> None:
        grant = world.grant(ana, starts_in=timedelta(days=-200), ends_in=timedelta(days=100))
        role = world.login(ana)
        evidence.collect(world.access, now=database_now())
        assert _verdict(grant.pk) == "warn"

        world.ask(role, f"SELECT id FROM {view()}")
        evidence.collect(world.access, now=database_now())

        assert _verdict(grant.pk) == "keep"

    def test_what_nobody_can_see_is_not_held_against_them(
        self, world: World, ana: Principal
    ) -> None:
        blue = Team.objects.create(name="blue")
        ana.groups.add(blue)
        grant = world.grant(blue, starts_in=timedelta(days=-200), ends_in=timedelta(days=100))
        world.login(ana)
        world.do("DROP EXTENSION pg_stat_statements")
        try:
            evidence.collect(world.access, now=database_now())
        finally:
            world.do("CREATE EXTENSION pg_stat_statements")

        access = NativeAccess.objects.get()
        assert "CREATE EXTENSION" in access.evidence_failure
        assert access.evidence_at is None
        (found,) = list(facts(database_now(), [grant.pk]))
        assert found.is_unseen
        assert _verdict(grant.pk) == "keep"


def _verdict(grant: int) -> str:
    """What the review would do about a grant tonight."""
    count()
    from access.sweep.verdicts import judge

    now = database_now()
    found = list(facts(now, [grant]))
    return judge(found[0], now).action.value if found else "keep"
