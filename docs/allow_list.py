"""Writes docs/reference/allow-list.md from the code: `python docs/allow_list.py`, or `make allowlist`."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from access.sql import casts, nodes
from access.sql.functions import FUNCTIONS, Function

PAGE = Path(__file__).parent / "reference" / "allow-list.md"
ENGINES = {"duckdb": "DuckDB", "postgres": "PostgreSQL", "spark": "Spark", "trino": "Trino"}
WIDTH = 120
HEAD = """# What a query may hold

Made from the code by `make allowlist`; a test sees to it that it is current. Whatever is not on a list is refused, so a
construct or function that an engine learns stays outside until somebody writes down why it is safe.

Every reason rests on one fact: after rewriting, a table in a query can only be a policy view. Functions in *italics* cannot
raise on arguments of the right kinds, whatever the values are; conditions made of these alone may run below a row filter.
All others wait until the rows that nobody may see are gone. See [how the gate can fail](../explanation/threat-model.md).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, *(part for dialect in FUNCTIONS for part in _engine(dialect))]
    return "\n".join(parts) + "\n"


def _engine(dialect: str) -> Iterator[str]:
    yield f"## {ENGINES[dialect]}\n"
    yield "### Syntax\n"
    yield from _listed(_syntax(dialect))
    yield "### Functions\n"
    yield from _listed(_functions(dialect))
    yield "### Types to cast to\n"
    yield _wrapped(", ".join(sorted(kind.value.lower() for kind in casts.CASTS[dialect]))) + "\n"


def _syntax(dialect: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, reason in nodes.documented(dialect):
        found[reason].append(name)
    return found


def _functions(dialect: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for function in sorted(FUNCTIONS[dialect].values(), key=lambda each: each.name):
        found[function.reason].append(_shown(function))
    return found


def _shown(function: Function) -> str:
    return f"*{function.name}*" if function.leakproof else function.name


def _listed(found: dict[str, list[str]]) -> Iterator[str]:
    for reason in sorted(found):
        yield f"**{reason}**\n"
        yield _wrapped(", ".join(found[reason])) + "\n"


def _wrapped(text: str) -> str:
    # A name keeps its underscores: in Markdown they would make it slanted.
    return "\n".join(wrap(text.replace("_", r"\_"), WIDTH, break_long_words=False))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
