"""Reads the corpora: text files of one query a line under [section] headings."""

from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def sections(name: str | Path) -> dict[str, list[str]]:
    """The queries of a corpus file by section; `\\n` in a line stands for a line break."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            current = found.setdefault(line[1:-1], [])
        elif line.strip() and not line.startswith("#"):
            current.append(line.replace("\\n", "\n"))
    return found


def share(queries: list[str], every: int) -> list[Any]:
    """The queries as parameters of a test: one of so many runs by default, the others wait for `make drill`."""
    return [
        sql if number % every == 0 else pytest.param(sql, marks=pytest.mark.drill)
        for number, sql in enumerate(queries)
    ]
