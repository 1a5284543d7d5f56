"""What the engine says it will read, against what the guard says was asked: never more than that and the policy's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from access.policies.policy import TablePolicy
from access.sql import Plan
from tests.access.sql.company import DuckCompany, plan, policies
from tests.access.sql.corpus import sections

CORPUS = sections("benign.sql")
WORD = re.compile(r"\w+")
TEXT = re.compile(r"'(?:[^']|'')*'")


def read_by_duckdb(company: DuckCompany, sql: str) -> dict[str, set[str]]:
    """The columns of each table that DuckDB's plan scans, filters pushed into the scan included."""
    row = company.real.execute(f"explain (format json) {sql}").fetchone()
    assert row is not None
    found: dict[str, set[str]] = {}
    for node in _nodes(json.loads(row[1])):
        facts = node.get("extra_info") or {}
        if "Table" not in facts:
            continue
        table = facts["Table"].rsplit(".", 1)[-1]
        known = (
            {column.name for column in policies()[table].columns} if table in policies() else set()
        )
        words = _words(facts.get("Projections")) | _words(facts.get("Filters"))
        found.setdefault(table, set()).update(words & known)
    return found


def _nodes(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _nodes(node.get("children") or [])


def _words(said: object) -> set[str]:
    texts = said if isinstance(said, list) else [said or ""]
    return {word for text in texts for word in WORD.findall(TEXT.sub("", str(text)))}


def allowed(made: Plan, known: Mapping[str, TablePolicy]) -> dict[str, set[str]]:
    """The columns asked for, with those that the policy of each table looks at."""
    found: dict[str, set[str]] = {}
    for policy in known.values():
        if policy.dataset not in made.used:
            continue
        texts = [policy.rows, *(grant.rows for grant in policy.grants)]
        texts += [mask.sql for mask in policy.masks.values()]
        own = {word for text in texts if text for word in WORD.findall(TEXT.sub("", text))}
        found[policy.table] = set(made.used[policy.dataset]) | own
    return found


# Here DuckDB scans more columns of a table than it uses: beside a recursive WITH, in a materialized one, and below a
# correlated comparison that also finds NULLs.
UNPRUNED = ("recursive", "materialized", "is not distinct from c1")
PRUNED = [
    sql for sql in CORPUS["both"] + CORPUS["duckdb"] if not any(words in sql for words in UNPRUNED)
]


@pytest.mark.parametrize("sql", PRUNED)
def test_nothing_is_read_that_was_neither_asked_for_nor_the_policys_own(
    duck_company: DuckCompany, sql: str
) -> None:
    made = duck_company.planned(sql)
    may_read = allowed(made, policies())

    for table, columns in read_by_duckdb(duck_company, made.sql).items():
        assert columns <= may_read.get(table, set()), (table, columns - may_read.get(table, set()))


def test_the_comparison_notices_a_column_that_nobody_asked_for(duck_company: DuckCompany) -> None:
    made = plan("select id from customers")

    read = read_by_duckdb(duck_company, made.sql.replace('"id" AS "id"', '"ssn" AS "id"'))

    assert not read["customers"] <= allowed(made, policies())["customers"]
