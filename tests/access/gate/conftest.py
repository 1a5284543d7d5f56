"""Each gate test runs on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from access.gate import plans
from access.models import Principal
from catalog.engines import duckdb_pool
from tests.access.gate.house import House, build_duckdb, build_postgresql


@pytest.fixture(scope="session")
def warehouse_urls(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> Iterator[dict[str, str]]:
    yield {
        "duckdb": build_duckdb(tmp_path_factory.mktemp("warehouse")),
        "postgresql": build_postgresql(postgres_url),
    }
    duckdb_pool.close_all()


@pytest.fixture(params=["duckdb", "postgresql"])
def house(request: pytest.FixtureRequest, db: None, warehouse_urls: dict[str, str]) -> House:
    plans.forget()
    return House.at(warehouse_urls[request.param])


@pytest.fixture
def analyst(house: House) -> Principal:
    return house.person("analyst")
