"""The company in both engines, built once per run."""

import os
from collections.abc import Iterator

import pytest

from tests.access.sql.company import DuckCompany, PostgresCompany


@pytest.fixture(scope="session")
def duck_company() -> DuckCompany:
    return DuckCompany()


@pytest.fixture(scope="session")
def postgres_company(postgres_url: str) -> Iterator[PostgresCompany]:
    company = PostgresCompany(postgres_url, f"{os.getpid()}")
    yield company
    company.close()
