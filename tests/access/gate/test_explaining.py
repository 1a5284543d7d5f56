"""Why these rows and columns: told to whoever reads, and no more than they may know."""

from __future__ import annotations

import uuid

import pytest

from access.errors import Refusal
from access.gate import explaining
from access.gate.explaining import explain
from access.models import DatasetPolicy, GrantUse, Principal, QueryRecord
from access.policies.policy import CLEAR, MASKED
from catalog.models import Dataset, Visibility
from tests.access.gate.house import House
from tests.people import put_in_charge

pytestmark = pytest.mark.django_db

SQL = "SELECT id, email FROM customers WHERE country = 'DE'"


def explained(house: House, viewer: Principal, sql: str = SQL) -> explaining.Explanation:
    return explain(viewer, sql, warehouse=house.warehouse, schema="sales")


def test_a_result_names_the_grants_the_masks_and_the_clauses(
    house: House, analyst: Principal
) -> None:
    house.policy(masks={"email": "email"})
    grant = house.grant(analyst, columns=["id", "email", "country"])

    (seen,) = explained(house, analyst).datasets

    assert [basis.grant for basis in seen.bases] == [grant]
    assert seen.bases[0].approved_by == "The configuration"
    assert (seen.n_visible, seen.n_total) == (3, 4)
    assert {(c.view.name, c.view.how, c.clauses) for c in seen.columns} == {
        ("id", CLEAR, ("selected",)),
        ("email", MASKED, ("selected",)),
        ("country", CLEAR, ("filtered",)),
    }
    assert seen.policy == "1 column masked"


def test_explaining_runs_nothing_and_counts_for_nobody(house: House, analyst: Principal) -> None:
    house.grant(analyst)
    house.warehouse.url = (
        house.warehouse.url if house.warehouse.engine == "duckdb" else "postgresql://nobody@/x"
    )

    found = explained(house, analyst)

    assert found.refusal is None
    assert not QueryRecord.objects.exists()
    assert not GrantUse.objects.exists()


def test_the_holder_reads_their_own_filter_but_not_the_owners(
    house: House, analyst: Principal
) -> None:
    house.policy(rows="spent < 100")
    house.grant(analyst, rows="country <> 'XX'")

    found = explained(house, analyst)
    (seen,) = found.datasets

    assert seen.bases[0].rows == "country <> 'XX'"
    assert (seen.owner_filter, found.rewritten) == ("", "")
    assert "100" not in repr(found)
    assert len(seen.rows) == 2


def test_a_filter_that_names_an_unknown_table_is_not_spelled_out(
    house: House, analyst: Principal
) -> None:
    text = "country IN (SELECT country FROM sales.territories WHERE person = :principal)"
    house.grant(analyst, rows=text)
    assert explained(house, analyst).datasets[0].bases[0].rows == text
    Dataset.objects.filter(table_name="territories").update(visibility=Visibility.HIDDEN)

    (basis,) = explained(house, analyst).datasets[0].bases

    assert (basis.rows, basis.rows_withheld) == ("", True)


def test_the_rewritten_text_is_for_whoever_decides_about_every_dataset_in_it(
    house: House, analyst: Principal
) -> None:
    house.policy(rows="spent < 100")
    house.grant(analyst)
    house.grant(analyst, "events")
    put_in_charge(analyst, house.datasets["customers"])

    one = explained(house, analyst)
    both = explained(house, analyst, "SELECT c.id FROM customers c JOIN events e USING (id)")

    assert "spent" in one.rewritten
    assert one.datasets[0].owner_filter == "spent < 100"
    assert both.rewritten == ""
    assert [seen.owner_filter for seen in both.datasets] == ["spent < 100", ""]


def test_a_steward_is_not_shown_text_that_names_a_table_hidden_from_them(
    house: House, analyst: Principal
) -> None:
    house.policy(rows="country IN (SELECT country FROM sales.territories)")
    house.grant(analyst)
    put_in_charge(analyst, house.datasets["customers"])
    assert "territories" in explained(house, analyst).rewritten
    Dataset.objects.filter(table_name="territories").update(visibility=Visibility.HIDDEN)

    assert explained(house, analyst).rewritten == ""


def test_a_refusal_says_what_is_missing_beside_what_is_held(
    house: House, analyst: Principal
) -> None:
    house.grant(analyst, columns=["id"])

    found = explained(house, analyst)

    assert found.refusal is not None
    assert found.refusal.code == "column_not_granted"
    assert [need.dataset for need in found.needs] == ["wh.sales.customers"]
    assert [(seen.n_visible, seen.n_total) for seen in found.datasets] == [(1, 4)]


def test_an_outsider_learns_nothing_of_what_is_hidden(house: House) -> None:
    Dataset.objects.update(visibility=Visibility.HIDDEN)
    otto = house.person("otto")

    hidden = explained(house, otto)
    absent = explained(house, otto, SQL.replace("customers", "nothing"))

    assert hidden.datasets == absent.datasets == ()
    assert hidden.refusal is not None
    assert absent.refusal is not None
    assert (hidden.refusal.code, hidden.needs) == (absent.refusal.code, absent.needs)


# Queries of the past


def test_a_query_is_explained_later_and_says_whether_the_policy_is_the_same(
    house: House, analyst: Principal
) -> None:
    house.policy(rows="spent < 100")
    grant = house.grant(analyst)
    with house.open(analyst, SQL) as result:
        list(result.rows())
    record = explaining.record_for(analyst, result.id)
    assert record is not None
    first = explaining.told(analyst, record)

    DatasetPolicy.objects.update(rows="spent < 5")
    second = explaining.told(analyst, record)

    assert first.columns == {
        "wh.sales.customers": {
            "country": ("filtered",), "email": ("selected",), "id": ("selected",),
        }
    }  # fmt: skip
    assert [basis.grant for basis in first.bases] == [grant]
    assert (first.is_as_then, second.is_as_then) == (True, False)


def test_a_refusal_carries_the_number_under_which_it_was_written_down(
    house: House, analyst: Principal
) -> None:
    with pytest.raises(Refusal) as caught:
        house.rows(analyst, SQL)

    assert caught.value.query_id is not None
    record = explaining.record_for(analyst, caught.value.query_id)
    assert record is not None
    assert record.code == "no_grant"
    assert explaining.told(analyst, record).now is not None


def test_the_record_is_for_whoever_asked_and_the_owner_of_a_service_account(house: House) -> None:
    owner = house.person("owner")
    loader = house.person("loader", kind="service", owner=owner)
    outsider = house.person("otto")
    administrator = house.person("root", is_superuser=True)
    house.grant(loader)
    with house.open(loader, SQL) as result:
        list(result.rows())

    found = {
        who.username: explaining.record_for(who, result.id) is not None
        for who in (loader, owner, outsider, administrator)
    }

    assert found == {"loader": True, "owner": True, "otto": False, "root": False}
    assert explaining.record_for(owner, uuid.uuid4()) is None
