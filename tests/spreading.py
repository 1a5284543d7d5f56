"""How a run spreads over processes: a file's tests stay together, and all that ask Spark share one server.

Loaded by `-p` in pyproject.toml. `make test` asks for as many processes as there are processors, up to four: each has a
browser, warehouse workers and a database of its own.
"""

import os
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

MOST = 4


class BySubject(LoadFileScheduling):  # type: ignore[misc]
    """Hands out whole files, and those about Spark as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.split("::", 1)[0])
        return "spark" if "spark" in file.name else str(file)


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySubject:
    """The scheduler of every run that has more than one process."""
    return BySubject(config, log)


@pytest.hookimpl
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means."""
    return min(MOST, len(os.sched_getaffinity(0)))
