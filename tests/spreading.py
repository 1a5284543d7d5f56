"""How a run spreads over processes: what shares a server or a database stays together, what waits goes first.

Loaded by `-p` in pyproject.toml. `make test` asks for one process more than there are processors, up to four: each waits
a sixth of its time, for a page to settle or a server to start. Each has a browser, warehouse workers and a database of its
own, so that more of them only wait for one another.
"""

import gc
import os
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

MOST = 4
# What starts servers or drives a browser takes minutes a file, so it must not come last.
LONG = (
    "tests/access/gate/",
    "tests/catalog/engines/",
    "tests/journeys/",
    "tests/portal/embedded/",
    "tests/portal/routes/",
    "tests/portal/demo/",
    "tests/portal/pages/test_browser",
    "tests/access/sql/generated/",
    "tests/catalog/test_jaffle.py",
)


# The files of these folders make one warehouse of one name on the server that every process asks.
SHARING = ("tests/access/gate", "tests/catalog/engines", "tests/journeys")


class BySubject(LoadFileScheduling):  # type: ignore[misc]
    """Hands out whole files; those about Spark, and those of a folder that shares a warehouse, as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.split("::", 1)[0])
        if "spark" in file.name:
            return "spark"
        return str(file.parent if str(file.parent) in SHARING else file)


def pytest_configure(config: pytest.Config) -> None:
    """Lets the order of the tests stand, instead of the files with most tests first."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files first, where several processes share the work."""
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Ten thousand tests stay in memory to the end: garbage collection need not look through them again and again."""
    gc.collect()
    gc.freeze()


def _turn(item: pytest.Item) -> int:
    file = item.nodeid.split("::", 1)[0]
    if "spark" in PurePosixPath(file).name:
        return 0
    return 1 if file.startswith(LONG) else 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySubject:
    """The scheduler of every run that has more than one process."""
    return BySubject(config, log)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means."""
    return min(MOST, 1 + len(os.sched_getaffinity(0)))
