"""One query and one person's policies in, one plan for the engine out."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlglot import exp

from access.errors import Refusal
from access.policies.policy import TablePolicy
from access.sql import nodes, parsing, rewriting, screens
from access.sql.clauses import ColumnClauses, settled, weak
from access.sql.dialects import render
from access.sql.findings import Findings
from access.sql.listings import Listing
from access.sql.pivot_values import ValueLookup, fill
from access.sql.rewriting import Screened
from access.sql.rules import frozen
from access.sql.scopes import Walk
from access.sql.sources import Relation
from access.sql.statements import spelled_out
from access.sql.views import Variables
from catalog.engines.screens import Screening

MASK_KEY = "mask_key"
"""The variable that carries the portal's secret for hash masks."""

_VERSION = "2"
# What some editors put in front of a file.
_BYTE_ORDER_MARK = "\ufeff"
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
    to the base columns the person asked for, `clauses` says in which clauses (see `access.sql.clauses`), and of the
    datasets in `starred` no column was named. `relations` are the only real tables in `sql`, own and looked into. When
    it `describes`, the answer is not the query's rows but the names and types of its columns. `screening` is what the
    engine has to keep for it, if anything.
    """

    sql: str
    output: tuple[str, ...]
    used: Mapping[str, frozenset[str]]
    starred: frozenset[str]
    grants: Mapping[str, frozenset[int]]
    fingerprint: str
    relations: frozenset[tuple[str, str]]
    shown: str
    clauses: Mapping[str, ColumnClauses] = field(default_factory=dict)
    describes: bool = False
    screening: Screening | None = None

    def named(self, found: Iterable[str]) -> tuple[str, ...]:
        """The names of the result's columns, where `found` are the engine's own."""
        told = tuple(found)
        return self.output if len(self.output) == len(told) else told


def guard(
    sql: str,
    *,
    dialect: str,
    lookup: TableLookup,
    default_schema: str,
    warehouse: str,
    variables: Mapping[str, Any],
    limit: int | None = None,
    listing: Listing | None = None,
    screened: Screened | None = None,
    values: ValueLookup | None = None,
) -> Plan:
    """The plan for running `sql` as one person.

    `variables` hold `principal` (text), `teams` (texts) and `mask_key` (the portal's secret for hashes). `listing`
    answers SHOW, DESCRIBE, SUMMARIZE and information_schema; without it they are refused. `screened` says which tables
    are read through a screen that PostgreSQL keeps (see `access.sql.screens`); by default none is. `values` answers
    the question that a PIVOT without IN asks first; without it such a PIVOT is refused.
    Errors: Refusal, with every dataset and column to ask for in `needs`; never anything else, whatever the text.
    Cost: no queries; about 3 ms for a query of ordinary size.
    """
    walk = Walk(dialect, lookup, default_schema, warehouse, listing, limit is not None)
    sql = sql.removeprefix(_BYTE_ORDER_MARK)
    try:
        spelled = spelled_out(sql, walk) if listing is not None else None
        if spelled is None:
            return _plan(sql, walk, variables, limit, screened, values)
        rows = 0 if spelled.describes else limit
        return spelled.finished(_plan(spelled.sql, walk, variables, rows, screened, values))
    except RecursionError:
        raise Refusal(nodes.TOO_DEEP, code="unsupported") from None
    except _UNFORESEEN as error:
        raise Refusal(_NOT_UNDERSTOOD, code="unsupported") from error


def _plan(
    sql: str,
    walk: Walk,
    variables: Mapping[str, Any],
    limit: int | None,
    screened: Screened | None,
    values: ValueLookup | None,
) -> Plan:
    dialect, warehouse = walk.dialect, walk.warehouse
    parsed = parsing.query(sql, dialect)
    root = exp.Subquery(this=parsed.root)
    met = fill(root, values) if values is not None and "pivot" in sql.lower() else None
    relation = walk.query(root.this, None, top=True)
    findings = walk.findings
    for output in relation.outputs:
        _count(findings, output)
    findings.verdict()
    if met is not None:
        raise met
    key = str(variables.get(MASK_KEY, ""))
    known = frozen(variables)
    rewriting.completed(parsed.inventory, findings)
    relations = rewriting.substitute(findings, dialect, warehouse, known, key, screened)
    text = render(rewriting.limited(root.this, limit), dialect)
    digest = fingerprint(findings.policies.values(), known, key, dialect)
    plan = _described(text, relation, findings, relations, digest, key)
    behind = [policy for policy in findings.policies.values() if screened and screened(policy)]
    return replace(plan, screening=screens.screening(behind, warehouse, known, key))


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
    asked = settled(findings.clauses)
    return Plan(
        sql=text,
        output=() if relation.open else tuple(output.name for output in relation.outputs),
        used={name: frozenset(columns) for name, columns in findings.used.items()},
        starred=frozenset(name for name, found in asked.items() if weak(found)),
        grants={name: _authority(policy, findings.used[name]) for name, policy in policies.items()},
        fingerprint=digest,
        relations=relations,
        shown=text.replace(key, "…") if key else text,
        clauses=asked,
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
