"""The second wall for Spark: what its own parser made of the rewritten text, judged against a list of its own.

Spark shows a plan as indented text (`EXPLAIN EXTENDED`), which it makes without running anything. The parsed plan
names every operator, every relation and every function that Spark read; nothing here knows how the text was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from access.errors import Refusal
from access.sql import names
from access.sql.functions import FUNCTIONS
from access.sql.guarded import FENCE

_SECTION = "== {} Logical Plan ==\n"
_BRANCH = re.compile(r"^(?:[: ]  )*(?:[+:]- )?")
_OPERATOR = re.compile(r"'?([A-Z][A-Za-z]*)")
_RELATION = re.compile(r"'?UnresolvedRelation \[(.*?)\], \[\], false$")
_FUNCTION = re.compile(r"(?<![\w'])'([A-Za-z_][\w.]*)\(")
_MEASURED = FENCE.split("(")[0]

_OPERATORS = frozenset(
    [
        "Aggregate",
        "CTE",
        "CTERelationDef",
        "CTERelationRef",
        "Deduplicate",
        "Distinct",
        "Except",
        "Expand",
        "Filter",
        "Generate",
        "GlobalLimit",
        "Intersect",
        "Join",
        "LateralJoin",
        "LocalLimit",
        "LocalRelation",
        "Offset",
        "OneRowRelation",
        "Pivot",
        "Project",
        "Sample",
        "Sort",
        "SubqueryAlias",
        "Union",
        "UnresolvedHaving",
        "UnresolvedInlineTable",
        "UnresolvedRelation",
        "UnresolvedSubqueryColumnAliases",
        "UnresolvedTableValuedFunction",
        "UnresolvedTVFAliases",
        "UnresolvedWith",
        "Unpivot",
        "Window",
        "WithWindowDefinition",
    ]
)
_INTERNAL = frozenset(
    ["between", "case", "cast", "coalesce", "when", "if", "struct", "named_struct", "array", "map", "date_add", "date_sub", "extract", "position", "substring", "substr", "trim", "ltrim", "rtrim", "btrim", "overlay", "shiftleft", "shiftright", "percentile_cont", "percentile_disc", "listagg", "like", "ilike", "rlike", "in", "not"]
)  # fmt: skip


class Planned(Protocol):
    """What the wall needs of a plan."""

    @property
    def relations(self) -> frozenset[tuple[str, str]]: ...

    @property
    def sql(self) -> str: ...


def verify(explained: str, plan: Planned) -> None:
    """Refuses unless Spark reads the plan's SQL as one query over the plan's relations and nothing else.

    Errors: Refusal unsupported.
    """
    if any(letter in plan.sql for letter in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"):
        raise Refusal(
            "The query holds a text with a line break, after which Spark's reading of it cannot be checked. Write it "
            "as concat('...', chr(10), '...').",
            code="unsupported",
        )
    for line in _section(explained, "Parsed", "Analyzed").splitlines():
        _operator(_BRANCH.sub("", line), plan)
        _functions(line)
    optimized = _section(explained, "Optimized", "")
    if FENCE in plan.sql and "Relation " in optimized and _MEASURED not in optimized:
        raise _refused("it takes a guard away")


def _section(explained: str, name: str, following: str) -> str:
    _, found, rest = explained.partition(_SECTION.format(name))
    if not found:
        # Spark explains what it cannot analyze by the error's text, which quotes the statement.
        raise _refused("it is not one query it can plan")
    return rest.partition(_SECTION.format(following) if following else "== Physical Plan ==")[0]


def _operator(text: str, plan: Planned) -> None:
    if not text:
        return
    found = _OPERATOR.match(text)
    if found is None or found[1] not in _OPERATORS:
        raise _refused(found[1] if found else "it has an unknown part")
    if found[1] == "UnresolvedRelation" and not _is_planned(text, plan):
        raise _refused("it reads something else")


def _is_planned(text: str, plan: Planned) -> bool:
    relation = _RELATION.match(text)
    if relation is None:
        return False
    name = relation[1]
    own = name.startswith(names.RESERVED) and ", " not in name
    return own or name in {f"{schema}, {table}" for schema, table in plan.relations}


def _functions(line: str) -> None:
    for name in _called(line):
        if name not in FUNCTIONS[names.SPARK] and name not in _INTERNAL and name != _MEASURED:
            raise _refused("it calls something else")


def _called(line: str) -> Iterator[str]:
    """The functions a line of the plan calls; Spark marks what it has not looked up yet by a quote."""
    for found in _FUNCTION.finditer(line):
        yield found[1].lower()


def _refused(reason: str) -> Refusal:
    return Refusal(
        f"The engine reads this query differently than the gate does ({reason[:60].lower()}). Write it more simply.",
        code="unsupported",
    )
