"""One query and one person's policies in, one plan for the engine out."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlglot import exp

from access.errors import Refusal
from access.policies import TablePolicy
from access.sql import nodes, parsing, rewriting
from access.sql.dialects import render
from access.sql.findings import Findings
from access.sql.rules import frozen
from access.sql.scopes import Walk
from access.sql.sources import Relation
from access.sql.views import Variables

MASK_KEY = "mask_key"
"""The variable that carries the portal's secret for hash masks."""

_VERSION = "1"
_NOT_UNDERSTOOD = (
    "The gate does not understand this query, so it did not run. Write it more simply."
)
# What a tree of unexpected shape may cause in code that reads it. Closed by default: refused, with the cause chained.
_UNFORESEEN = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
# sqlglot warns by quoting the text it parses, which may hold what only its author should read.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


class TableLookup(Protocol):
    """Finds what a person may see of a table; None when, for this person, it does not exist.

    `schema` and `table` arrive folded as the engine folds them: for DuckDB in lower case, to be compared without
    case; for PostgreSQL exactly as the catalog spells them. `warehouse` is None unless the query named it.
    """

    def __call__(
        self, schema: str | None, table: str, warehouse: str | None
    ) -> TablePolicy | None: ...


@dataclass(frozen=True)
class Plan:
    """A query as it may run, with what it reads and by whose authority.

    `output` is empty when only the engine can name the columns (after a pivot or COLUMNS). `used` maps each dataset
    to the base columns the person asked for. `relations` are the only real tables in `sql`, own and looked into.
    """

    sql: str
    output: tuple[str, ...]
    used: Mapping[str, frozenset[str]]
    starred: frozenset[str]
    grants: Mapping[str, frozenset[int]]
    fingerprint: str
    relations: frozenset[tuple[str, str]]
    shown: str


def guard(
    sql: str,
    *,
    dialect: str,
    lookup: TableLookup,
    default_schema: str,
    warehouse: str,
    variables: Mapping[str, Any],
    limit: int | None = None,
) -> Plan:
    """The plan for running `sql` as one person.

    `variables` hold `principal` (text), `teams` (texts) and `mask_key` (the portal's secret for hashes).
    Errors: Refusal, with every dataset and column to ask for in `needs`; never anything else, whatever the text.
    Cost: no queries; about 2 ms for a query of ordinary size.
    """
    try:
        return _plan(sql, dialect, lookup, default_schema, warehouse, variables, limit)
    except RecursionError:
        raise Refusal(nodes.TOO_DEEP, code="unsupported") from None
    except _UNFORESEEN as error:
        raise Refusal(_NOT_UNDERSTOOD, code="unsupported") from error


def _plan(
    sql: str,
    dialect: str,
    lookup: TableLookup,
    default_schema: str,
    warehouse: str,
    variables: Mapping[str, Any],
    limit: int | None,
) -> Plan:
    parsed = parsing.query(sql, dialect)
    root = exp.Subquery(this=parsed.root)
    walk = Walk(dialect, lookup, default_schema, warehouse)
    relation = walk.query(root.this, None, top=True)
    findings = walk.findings
    for output in relation.outputs:
        _count(findings, output)
    findings.verdict()
    key = str(variables.get(MASK_KEY, ""))
    values = frozen(variables)
    rewriting.completed(parsed.inventory, findings)
    relations = rewriting.substitute(findings, dialect, warehouse, values, key)
    text = render(rewriting.limited(root.this, limit), dialect)
    return _described(
        text,
        relation,
        findings,
        relations,
        fingerprint(findings.policies.values(), values, key, dialect),
        key,
    )


def _count(findings: Findings, output: Any) -> None:
    """What reaches the result counts as used; through a star unless it was also named."""
    findings.use(output, star=True)


def _described(
    text: str,
    relation: Relation,
    findings: Findings,
    relations: frozenset[tuple[str, str]],
    digest: str,
    key: str,
) -> Plan:
    policies = findings.policies
    return Plan(
        sql=text,
        output=() if relation.open else tuple(output.name for output in relation.outputs),
        used={name: frozenset(columns) for name, columns in findings.used.items()},
        starred=frozenset(findings.stars - findings.named),
        grants={name: _authority(policy, findings.used[name]) for name, policy in policies.items()},
        fingerprint=digest,
        relations=relations,
        shown=text.replace(key, "…") if key else text,
    )


def _authority(policy: TablePolicy, used: set[str]) -> frozenset[int]:
    """The grants that covered something the query read; all of them when it read only that rows exist."""
    return frozenset(
        grant.grant_id
        for grant in policy.grants
        if not used or any(grant.covers(column) for column in used)
    )


def fingerprint(policies: Any, variables: Variables, key: str, dialect: str) -> str:
    """A digest that changes whenever the rewritten query could: policies, variables, key, engine, version."""
    parts = [_VERSION, dialect, repr(variables), hashlib.sha256(key.encode()).hexdigest()]
    parts += sorted(policy.fingerprint for policy in policies)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
