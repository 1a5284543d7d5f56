"""The administrator's URL of a managed warehouse, as the files give and take it."""

import pytest

from access.models import AuditEvent
from catalog.models import Warehouse
from portal.configuration.errors import BrokenConfiguration
from tests.portal.configuration.conftest import Apply

PLAIN = "warehouses: [{name: pg, url: 'postgresql://reader@db/shop'}]"
MANAGED = PLAIN.replace("}]", ", manage: 'postgresql://admin:${file:/run/secrets/pg}@db/shop'}]")


def test_a_warehouse_becomes_managed_and_stops_being_so(applied: Apply) -> None:
    applied(PLAIN)
    applied(MANAGED)

    assert Warehouse.objects.get().manage == "postgresql://admin:${file:/run/secrets/pg}@db/shop"
    assert applied(MANAGED) == ()

    applied(PLAIN)

    assert Warehouse.objects.get().manage == ""


def test_neither_audit_nor_plan_repeat_the_address(applied: Apply) -> None:
    changes = applied(MANAGED), applied(PLAIN, plan=True)

    assert "secrets" not in str(changes)
    assert not any("secrets" in str(event.data) for event in AuditEvent.objects.all())


@pytest.mark.parametrize(
    "text",
    [
        "warehouses: [{name: wh, url: 'duckdb:///WAREHOUSE', manage: 'postgresql://admin@db/shop'}]",
        PLAIN.replace("}]", ", manage: 'duckdb:///WAREHOUSE'}]"),
    ],
)
def test_only_postgresql_is_managed(applied: Apply, text: str) -> None:
    with pytest.raises(BrokenConfiguration) as caught:
        applied(text)

    assert "administrator of the same database" in str(caught.value)
