"""`import_openlineage`: each event counts once, names lead to datasets we know, and nothing half-lands."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog import provenance
from catalog.errors import BrokenFile
from catalog.importers import import_dbt, import_openlineage, import_warehouse
from catalog.models import (
    Check,
    ColumnEdge,
    Dataset,
    Derivation,
    LineageEdge,
    QuarantinedName,
    RunEvent,
    Source,
    Warehouse,
)
from tests.catalog.contents import BAKERY, LATER, NOW, bake, contents, dataset
from tests.datasets import make_warehouse

pytestmark = pytest.mark.django_db

HOME = "duckdb:///srv/bakery.duckdb"


@pytest.fixture
def bakery(tmp_path: Path) -> Warehouse:
    """The bakery's warehouse, described."""
    warehouse = bake(tmp_path)
    import_warehouse(warehouse, now=NOW)
    return warehouse


def named(table: str, **facets: Any) -> dict[str, Any]:
    """A dataset as dbt's reporter names it, with facets."""
    return {"namespace": HOME, "name": f"bakery.{table}", "facets": facets}


def event(
    *inputs: dict[str, Any],
    outputs: tuple[dict[str, Any], ...] = (),
    state: str = "COMPLETE",
    run: str = "run-1",
    at: str = "2026-03-01T05:00:00Z",
    **job: Any,
) -> dict[str, Any]:
    """A run event."""
    return {
        "eventType": state,
        "eventTime": at,
        "run": {"runId": run},
        "job": {"namespace": "dbt", "name": "bakery.daily", "facets": job},
        "inputs": list(inputs),
        "outputs": list(outputs),
        "producer": "https://example.org/producer",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }


def edges() -> set[tuple[str, str]]:
    found = LineageEdge.objects.filter(source=Source.OPENLINEAGE)
    return set(found.values_list("upstream__table_name", "downstream__table_name"))


def column_edges() -> set[tuple[str, str, str]]:
    found = ColumnEdge.objects.filter(source=Source.OPENLINEAGE)
    return set(found.values_list("upstream__name", "downstream__name", "transformation"))


def test_inputs_and_outputs_become_edges_between_known_datasets(bakery: Warehouse) -> None:
    report = import_openlineage(
        [event(named("main.stg_sales"), named("raw.countries"), outputs=(named("main.daily"),))],
        now=NOW,
    )

    assert edges() == {("stg_sales", "daily"), ("countries", "daily")}
    assert Dataset.objects.count() == 6
    assert report.tallies["events"].added == 1


def test_an_event_posted_again_changes_no_row(bakery: Warehouse) -> None:
    told = event(named("raw.nowhere"), named("main.stg_sales"), outputs=(named("main.daily"),))
    import_openlineage([told], now=NOW)
    before = contents()

    report = import_openlineage([json.dumps(told, indent=None, sort_keys=True), told], now=LATER)

    assert contents() == before
    assert (report.added, report.changed, report.tallies["events"].unchanged) == (0, 0, 2)


def test_an_unknown_name_waits_and_becomes_no_dataset(bakery: Warehouse) -> None:
    import_openlineage([event(named("raw.nowhere"), outputs=(named("main.daily"),))], now=NOW)
    import_openlineage([event(named("raw.nowhere"), run="run-2")], now=LATER)

    waiting = QuarantinedName.objects.get()
    assert (waiting.name, waiting.n_seen) == ("bakery.raw.nowhere", 2)
    assert Dataset.objects.count() == 6


def test_events_about_a_table_nobody_knew_count_once_it_is_known(tmp_path: Path) -> None:
    import_openlineage([event(named("raw.sales"), outputs=(named("main.daily"),))], now=NOW)
    assert QuarantinedName.objects.count() == 2

    warehouse = bake(tmp_path)
    report = import_warehouse(warehouse, now=LATER)

    assert not QuarantinedName.objects.exists()
    assert edges() == {("sales", "daily")}
    assert "bakery.raw.sales, reported earlier, is wh.raw.sales." in report.notes


def test_a_run_that_broke_off_made_nothing(bakery: Warehouse) -> None:
    import_openlineage(
        [event(named("main.stg_sales"), outputs=(named("main.daily"),), state="FAIL")], now=NOW
    )

    assert edges() == set()
    assert dataset("main.daily").data_updated_at is None


def test_a_completed_run_dates_its_outputs_forward_only(bakery: Warehouse) -> None:
    for at in ("2026-03-01T05:00:00Z", "2026-02-01T05:00:00Z"):
        import_openlineage([event(outputs=(named("main.daily"),), at=at)], now=NOW)

    updated_at = dataset("main.daily").data_updated_at
    assert updated_at is not None
    assert updated_at.isoformat() == "2026-03-01T05:00:00+00:00"


def test_an_input_a_job_gave_up_is_forgotten(bakery: Warehouse) -> None:
    output = (named("main.daily"),)
    import_openlineage(
        [event(named("main.stg_sales"), named("raw.sales"), outputs=output)], now=NOW
    )

    import_openlineage([event(named("main.stg_sales"), outputs=output, run="run-2")], now=LATER)

    assert edges() == {("stg_sales", "daily")}


def test_a_run_may_tell_its_inputs_in_several_events(bakery: Warehouse) -> None:
    output = (named("main.daily"),)
    import_openlineage([event(named("raw.sales"), outputs=output, state="RUNNING")], now=NOW)

    import_openlineage([event(named("main.stg_sales"), outputs=output)], now=NOW)

    assert edges() == {("sales", "daily"), ("stg_sales", "daily")}


def test_sql_of_a_completed_run_gives_column_lineage(bakery: Warehouse) -> None:
    sql = {
        "query": "select sold_at::date as day, sum(amount) as revenue from bakery.main.stg_sales group by 1"
    }
    import_openlineage(
        [event(named("main.stg_sales"), outputs=(named("main.daily"),), sql=sql)], now=NOW
    )

    assert column_edges() == {
        ("sold_at", "day", "expression"),
        ("amount", "revenue", "aggregation"),
    }
    statuses = dict(
        Derivation.objects.filter(source=Source.OPENLINEAGE).values_list("column__name", "status")
    )
    assert statuses == {
        "day": "resolved",
        "revenue": "resolved",
        "country": "unresolved",
        "n_sales": "unresolved",
        "currency": "unresolved",
    }


def test_an_inserts_columns_go_by_place(bakery: Warehouse) -> None:
    sql = {"query": "insert into main.everything select sold_at, amount from main.stg_sales"}
    import_openlineage(
        [event(named("main.stg_sales"), outputs=(named("main.everything"),), sql=sql)], now=NOW
    )

    assert column_edges() == {("sold_at", "moment", "identity"), ("amount", "value", "identity")}


def test_the_column_lineage_facet_is_believed_over_sql(bakery: Warehouse) -> None:
    use = {"namespace": HOME, "name": "bakery.main.stg_sales", "field": "amount"}
    facet = {
        "fields": {
            "revenue": {
                "inputFields": [
                    {**use, "transformations": [{"type": "DIRECT", "subtype": "AGGREGATION"}]}
                ]
            },
            "country": {
                "inputFields": [
                    {
                        **use,
                        "field": "shop",
                        "transformations": [{"type": "INDIRECT", "subtype": "FILTER"}],
                    }
                ]
            },
            "ghost": {"inputFields": [use]},
        }
    }
    told = event(
        named("main.stg_sales"),
        outputs=(named("main.daily", columnLineage=facet),),
        sql={"query": "select 1 as revenue"},
    )

    import_openlineage([told], now=NOW)

    assert column_edges() == {("amount", "revenue", "aggregation")}


def test_words_of_an_event_are_weaker_than_dbts_and_a_persons(bakery: Warehouse) -> None:
    import_dbt(BAKERY, bakery, now=NOW)
    facets = {
        "documentation": {"description": "From a run."},
        "schema": {"fields": [{"name": "shop", "type": "VARCHAR", "description": "Which shop."}]},
    }

    import_openlineage([event(named("main.stg_sales", **facets))], now=NOW)

    assert dataset("main.stg_sales").description == "Sales, cleaned."
    assert dataset("main.stg_sales").columns.get(name="shop").description == "Which shop."
    assert dataset("main.stg_sales").schema_version == 1


def test_a_schema_facet_describes_a_table_nobody_described(bakery: Warehouse) -> None:
    bare = Dataset.objects.create(
        warehouse=bakery,
        schema_name="main",
        table_name="new",
        identity="main.new",
        name="wh.main.new",
    )
    fields = [{"name": "id", "type": "INTEGER", "fields": []}, {"name": "note"}]
    dataset_event = {
        "eventTime": "2026-03-01T05:00:00Z",
        "dataset": named("main.new", schema={"fields": fields}),
    }

    import_openlineage([dataset_event], now=NOW)

    assert list(bare.columns.values_list("name", "type")) == [("id", "INTEGER"), ("note", "")]


def test_owners_in_events_become_contacts(bakery: Warehouse) -> None:
    owners = {"owners": [{"name": "Ana <ana@x.example>", "type": "MAINTAINER"}]}

    import_openlineage([event(outputs=(named("main.daily", ownership=owners),))], now=NOW)

    contact = dataset("main.daily").contacts.get()
    assert (contact.name, contact.email, contact.role) == ("Ana", "ana@x.example", "MAINTAINER")


def asserted(table: str, **assertion: Any) -> dict[str, Any]:
    facet = {"assertions": [{"assertion": "unique", "success": True, **assertion}]}
    return {**named(table), "inputFacets": {"dataQualityAssertions": facet}}


def test_an_assertion_with_the_name_of_a_dbt_test_is_its_result(bakery: Warehouse) -> None:
    import_dbt(BAKERY, bakery, now=NOW)
    related = asserted(
        "raw.countries", name="relationships_stg_sales_country", success=False, actual="4"
    )

    import_openlineage([event(related, at="2026-03-02T05:00:00Z")], now=NOW)

    check = Check.objects.get(name="relationships_stg_sales_country")
    assert (check.dataset.name, check.last_status, check.last_failures) == (
        "wh.main.stg_sales",
        "fail",
        4,
    )
    assert Check.objects.count() == 5


def test_an_assertion_nobody_knows_is_a_check_of_its_own(bakery: Warehouse) -> None:
    import_openlineage([event(asserted("main.daily", column="day"))], now=NOW)
    import_openlineage(
        [
            event(
                asserted("main.daily", column="day", success=False, severity="warn"),
                run="run-2",
                at="2026-03-02T05:00:00Z",
            )
        ],
        now=LATER,
    )

    check = Check.objects.get()
    assert (check.name, check.column_name, check.last_status) == ("unique day", "day", "warn")
    assert check.results.count() == 2


def test_a_start_has_looked_at_nothing_yet(bakery: Warehouse) -> None:
    import_openlineage([event(asserted("main.daily"), state="START")], now=NOW)

    assert not Check.objects.exists()


def test_a_job_event_draws_lineage_without_a_run(bakery: Warehouse) -> None:
    job_event = event(named("main.stg_sales"), outputs=(named("main.daily"),))
    del job_event["run"], job_event["eventType"]

    import_openlineage([job_event], now=NOW)

    assert edges() == {("stg_sales", "daily")}
    assert RunEvent.objects.get().event_type == "JOB"


def test_a_person_is_not_overwritten(bakery: Warehouse) -> None:
    provenance.say(dataset("main.daily"), "description", "Ours.", source=Source.PERSON, now=NOW)

    import_openlineage(
        [event(outputs=(named("main.daily", documentation={"description": "Theirs."}),))], now=NOW
    )

    assert dataset("main.daily").description == "Ours."


def test_recorded_requests_stand_for_the_events_in_them(bakery: Warehouse) -> None:
    recording = {
        "path": "/api/v1/lineage",
        "headers": {},
        "body": event(outputs=(named("main.daily"),)),
    }

    import_openlineage([json.dumps(recording)], now=NOW)

    assert RunEvent.objects.get().job_name == "bakery.daily"


def test_nul_characters_are_dropped_and_break_nothing(bakery: Warehouse) -> None:
    words = {"description": "a\x00b"}

    import_openlineage(
        [event(outputs=(named("main.daily", documentation=words),), x="\x00")], now=NOW
    )

    assert dataset("main.daily").description == "ab"


BROKEN = {
    "no JSON": ("{", "line 2 column 2", "one JSON object per line"),
    "no object": ("[]", "line 2", "an event"),
    "no subject": ('{"eventTime": "2026-03-01T05:00:00Z"}', "line 2", "a run, a job or a dataset"),
    "no time": (json.dumps({**event(), "eventTime": None}), "line 2: eventTime", "an ISO time"),
    "another time": (
        json.dumps({**event(), "eventTime": "noon"}),
        "line 2: eventTime",
        "an ISO time",
    ),
    "another state": (json.dumps(event(state="DONE")), "line 2: eventType", "one of ABORT"),
    "a nameless input": (
        json.dumps(event({"namespace": HOME})),
        "line 2: inputs[0].name",
        "text",
    ),
    "a nameless job": (
        json.dumps({**event(), "job": {"namespace": "x"}}),
        "line 2: job.name",
        "text",
    ),
    "a long name": (
        json.dumps(event({"namespace": HOME, "name": "x" * 501})),
        "line 2: inputs[0].name",
        "at most 500",
    ),
    "no verdict": (
        json.dumps(event(asserted("main.daily", success="yes"))),
        "line 2: inputs[0].inputFacets.dataQualityAssertions.assertions[0].success",
        "true or false",
    ),
}


@pytest.mark.parametrize(("line", "where", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_event_is_named_by_line_and_field_and_nothing_lands(
    bakery: Warehouse, line: str, where: str, expected: str
) -> None:
    before = contents()
    good = json.dumps(event(named("main.stg_sales"), outputs=(named("main.daily"),)))

    with pytest.raises(BrokenFile) as refused:
        import_openlineage([good, line], now=NOW, path="events.jsonl")

    assert refused.value.where == where
    assert expected in refused.value.expected
    assert contents() == before


def test_the_same_name_in_two_warehouses_is_left_undecided(bakery: Warehouse) -> None:
    import_dbt(BAKERY, make_warehouse("other"), now=NOW)

    import_openlineage([event(outputs=(named("main.daily"),))], now=NOW)

    # Only the other warehouse has a relation called bakery.main.daily; that settles it.
    assert Dataset.objects.get(aliases__kind="openlineage").name == "other.main.daily"
    import_dbt(BAKERY, bakery, now=NOW)
    import_openlineage([event(outputs=(named("main.stg_sales"),))], now=NOW)
    assert QuarantinedName.objects.get().name == "bakery.main.stg_sales"
