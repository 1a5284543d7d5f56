"""One server with passwords for all tests of native access in this process; one warehouse each test finds clean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from access.gate import plans
from access.models import Principal
from catalog.engines.postgresql_sessions import close_idle
from tests.access.provisioning import world as native
from tests.access.provisioning.world import World


@pytest.fixture(scope="session")
def password_server() -> Iterator[native.Server]:
    """A PostgreSQL that asks everybody for a password."""
    with native.server() as server:
        yield server
        close_idle()


@pytest.fixture(scope="module")
def urls(password_server: native.Server) -> tuple[str, str]:
    return native.build(password_server, "native_wh")


@pytest.fixture
def world(db: None, password_server: native.Server, urls: tuple[str, str]) -> Iterator[World]:
    plans.forget()
    made = World.at(password_server, *urls)
    yield made
    made.release()


@pytest.fixture
def ana(world: World) -> Principal:
    return world.person("ana")


@pytest.fixture
def ben(world: World) -> Principal:
    return world.person("ben")
