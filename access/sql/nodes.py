"""The syntax that may pass: node types, and for each the arguments it may carry.

Whatever is not listed is refused, so a construct that a new parser learns stays outside until somebody writes down
here why it is safe. Listing arguments matters as much as listing nodes: `SELECT ... INTO` and `FOR UPDATE` are
arguments of a plain SELECT. Every reason rests on one fact: after rewriting, a table can only be a policy view, so
syntax that rearranges rows and columns cannot reach more than its input. Functions are in `functions`, cast targets
in `casts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlglot import exp

from access.errors import Refusal
from access.sql import casts, names, nodes_distributed
from access.sql.dialects import ARROWS, DUCKDB, POSTGRES, SPARK, TRINO
from access.sql.functions import allowed
from access.sql.refusals import EXPLANATIONS
from access.sql.verbatim import Raised, Unpacked


class Rule(NamedTuple):
    """The arguments a node may carry, those it cannot be without, and why the node is safe."""

    arguments: frozenset[str]
    required: tuple[str, ...]
    reason: str


def _rules(reason: str, entries: Mapping[type[exp.Expr], str]) -> dict[type[exp.Expr], Rule]:
    return {
        node: Rule(frozenset(words.split()), _required(node), reason)
        for node, words in entries.items()
    }


def _required(node: type[exp.Expr]) -> tuple[str, ...]:
    return tuple(name for name, required in node.arg_types.items() if required)


_BINARY = "this expression"

_QUERIES = _rules(
    "Reads only the relations below it, each of which becomes a policy view.",
    {
        exp.Select: "with_ expressions distinct from_ joins pivots laterals where group having qualify windows order"
        " limit offset sample",
        exp.Union: "with_ this expression distinct by_name order limit offset",
        exp.Except: "with_ this expression distinct order limit offset",
        exp.Intersect: "with_ this expression distinct order limit offset",
        exp.Subquery: "with_ this alias joins pivots sample order limit offset",
        exp.Values: "expressions alias order limit offset",
        exp.With: "expressions recursive",
        exp.CTE: "this alias materialized",
        exp.TableAlias: "this columns",
        exp.From: "this",
        exp.Table: "this alias db catalog joins pivots sample ordinality laterals",
        exp.Join: "this on side kind using method pivots",
        exp.Lateral: "this alias ordinality",
        exp.Unnest: "expressions alias offset",
    },
)
_CLAUSES = _rules(
    "A clause over rows that already passed their policy view.",
    {
        exp.Where: "this",
        exp.Having: "this",
        exp.Qualify: "this",
        exp.Group: "expressions grouping_sets cube rollup all",
        exp.Cube: "expressions",
        exp.Rollup: "expressions",
        exp.GroupingSets: "expressions",
        exp.Order: "this expressions",
        exp.Ordered: "this desc nulls_first",
        exp.Limit: "expression limit_options",
        exp.Fetch: "direction count limit_options",
        exp.LimitOptions: "percent rows with_ties",
        exp.Offset: "expression",
        exp.Distinct: "expressions on",
        exp.Window: "this partition_by order spec alias over",
        exp.WindowSpec: "kind start start_side end end_side exclude",
        exp.Filter: "this expression",
        exp.WithinGroup: "this expression",
        exp.IgnoreNulls: "this",
        exp.RespectNulls: "this",
    },
)
_VALUES = _rules(
    "A value, or a name that the gate resolves itself.",
    {
        exp.Column: "this table db catalog",
        exp.Identifier: "this quoted",
        exp.Literal: "this is_string",
        exp.RawString: "this",
        exp.ByteString: "this",
        exp.Boolean: "this",
        exp.Null: "",
        exp.Star: "except_ replace rename",
        exp.Var: "this",
        exp.Alias: "this alias",
        exp.Paren: "this",
        exp.Tuple: "expressions",
        exp.Array: "expressions value_constructor",
        exp.Bracket: "this expressions offset safe",
        exp.Slice: "this expression step",
        exp.Dot: _BINARY,
        exp.Interval: "this unit",
        exp.IntervalSpan: "this expression",
        exp.Kwarg: _BINARY,
        exp.PropertyEQ: _BINARY,
    },
)
_OPERATORS = _rules(
    "Computes from its operands alone.",
    {
        **dict.fromkeys(
            (
                exp.Add,
                exp.Sub,
                exp.Mul,
                exp.Mod,
                exp.IntDiv,
                exp.EQ,
                exp.NEQ,
                exp.GT,
                exp.GTE,
                exp.LT,
                exp.LTE,
                exp.NullSafeEQ,
                exp.NullSafeNEQ,
                exp.And,
                exp.Or,
                exp.Is,
                exp.DPipe,
                exp.BitwiseAnd,
                exp.BitwiseOr,
                exp.BitwiseXor,
                exp.BitwiseLeftShift,
                exp.BitwiseRightShift,
                exp.Pow,
                exp.Like,
                exp.ILike,
                exp.SimilarTo,
                exp.Escape,
                exp.Overlaps,
                exp.ArrayContainsAll,
                exp.ArrayContainedBy,
                exp.ArrayOverlaps,
                exp.Collate,
                exp.AtTimeZone,
            ),
            _BINARY + " zone safe negate",
        ),
        exp.Div: "this expression typed safe",
        exp.RegexpLike: _BINARY + " negate",
        exp.RegexpILike: _BINARY + " negate",
        **dict.fromkeys(ARROWS, _BINARY),
        exp.Not: "this",
        exp.Neg: "this",
        exp.BitwiseNot: "this",
        exp.Abs: "this",
        exp.Sqrt: "this",
        exp.Cbrt: "this",
        exp.Between: "this low high symmetric negate",
        exp.In: "this expressions query unnest field negate",
        exp.Exists: "this",
        exp.Any: "this",
        exp.All: "this",
        exp.Case: "this ifs default",
        exp.If: "this true false",
        exp.StartsWith: _BINARY,
    },
)
_CALLS = _rules(
    "A call whose name or target type is checked against its own allow-list.",
    {
        exp.Anonymous: "this expressions",
        exp.Cast: "this to",
        exp.TryCast: "this to safe requires_string",
        exp.DataType: "this expressions nested values",
        exp.DataTypeParam: "this",
        exp.Extract: "this expression",
        exp.StrPosition: "this substr",
        exp.Substring: "this start length",
        exp.Trim: "this expression position",
        exp.CurrentDate: "",
        exp.CurrentTime: "",
        exp.CurrentTimestamp: "",
        exp.Localtime: "",
        exp.Localtimestamp: "",
    },
)
_DUCKDB = _rules(
    "DuckDB syntax over the columns of its own input.",
    {
        exp.Pivot: "this alias expressions fields unpivot using group columns include_nulls into with_",
        exp.UnpivotColumns: "this expressions",
        exp.PivotAlias: "this alias",
        exp.TableSample: "method percent rows size seed",
        exp.PositionalColumn: "this",
        exp.Struct: "expressions",
        exp.ToMap: "this",
        exp.Map: "keys values",
        exp.Lambda: "this expressions",
        exp.Comprehension: "this expression position iterator condition",
        exp.ColumnDef: "this kind",
        exp.Glob: _BINARY,
        exp.Distance: _BINARY,
        exp.CTE: "this alias materialized key_expressions",
        Unpacked: "this",
        Raised: _BINARY,
    },
)
_POSTGRES = _rules(
    "PostgreSQL syntax over its own operands.",
    {
        exp.Overlay: "this expression from_ for_",
        exp.Variadic: "this",
        exp.BitString: "this",
        exp.HexString: "this",
        exp.JSON: "this with_ unique",
        exp.MatchAgainst: "this expressions",
        **dict.fromkeys(
            (
                exp.Adjacent,
                exp.ExtendsLeft,
                exp.ExtendsRight,
                exp.Distance,
                exp.JSONBPathExists,
                exp.JSONBDeleteAtPath,
                exp.JSONBContainsAnyTopKeys,
                exp.JSONBContainsAllTopKeys,
            ),
            _BINARY,
        ),
        exp.DataType: "this expressions nested values kind",
    },
)
_POSTGRES_ROWS = _rules(
    "PostgreSQL syntax that orders, numbers, draws or names rows of its own input.",
    {
        exp.Table: "this alias db catalog joins pivots sample ordinality laterals rows_from",
        exp.TableSample: "method percent size seed",
        exp.ColumnDef: "this kind",
        exp.With: "expressions recursive search",
        exp.RecursiveWithSearch: "kind this expression to default using",
    },
)

_SPARK = _rules("Spark syntax over the columns of its own input.", nodes_distributed.SPARK)

_COMMON = {**_QUERIES, **_CLAUSES, **_VALUES, **_OPERATORS, **_CALLS}
_DISTRIBUTED = {
    node: rule for node, rule in _COMMON.items() if node not in nodes_distributed.ABSENT
}
NODES: Mapping[str, Mapping[type[exp.Expr], Rule]] = {
    DUCKDB: {**_COMMON, **_DUCKDB},
    POSTGRES: {**_COMMON, **_POSTGRES, **_POSTGRES_ROWS},
    SPARK: {**_DISTRIBUTED, **_SPARK},
    TRINO: {**_DISTRIBUTED, **_rules("Trino syntax over its operands.", nodes_distributed.TRINO)},
}

# Arguments the parser fills with facts about its own reading, which print as nothing.
_SILENT = frozenset(
    {
        "identify_pivot_strings",
        "prefixed_pivot_columns",
        "pivot_column_naming",
        "value_columns_first",
    }
)
_SPINES = (exp.Binary, exp.SetOperation)
DEEPEST_TREE = 150
INCOMPLETE = "The query breaks off in the middle of something. Check its spelling."
TOO_DEEP = "The query is nested too deeply. Split it into WITH parts."
_WORDS = re.compile(r"[A-Za-z_]+(?: [A-Za-z_]+)*")
_FREE_TEXT = (
    exp.Identifier,
    exp.Literal,
    exp.RawString,
    exp.ByteString,
    exp.Anonymous,
    exp.Placeholder,
)

_DIGITS: Mapping[type[exp.Expr], re.Pattern[str]] = {
    exp.Literal: re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"),
    exp.BitString: re.compile("[01]*"),
    exp.HexString: re.compile("[0-9a-fA-F]*"),
}


class Inventory(NamedTuple):
    """What one tree holds of columns and tables, so that the walk can be checked against it."""

    columns: list[exp.Column]
    tables: list[exp.Table]


def check(root: exp.Expr, dialect: str) -> Inventory:
    """Refuses the tree unless every node and argument in it is allowed; normalises identifiers on the way.

    After it every identifier is folded and quoted, so the engine reads exactly the name the gate judged. A tree too
    deep for later recursion is refused; long flat chains of one operator count once.
    """
    rules = NODES[dialect]
    found = Inventory([], [])
    pending = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        node.comments = None
        if isinstance(node, exp.Identifier):
            _identifier(node, dialect)
            continue
        rule = rules.get(type(node))
        if rule is None:
            raise _refusal(node)
        if depth > DEEPEST_TREE:
            raise Refusal(TOO_DEEP, code="unsupported")
        if isinstance(node, exp.Column):
            found.columns.append(node)
        elif isinstance(node, exp.Table):
            found.tables.append(node)
        elif isinstance(node, exp.Anonymous):
            allowed(node.name, dialect)
        elif isinstance(node, exp.DataType):
            casts.check(node, dialect)
        _arguments(node, rule, depth, pending)
    return found


def _arguments(node: exp.Expr, rule: Rule, depth: int, pending: list[tuple[exp.Expr, int]]) -> None:
    """Checks a node's arguments and queues what hangs below it."""
    if any(node.args.get(argument) is None for argument in rule.required):
        raise Refusal(INCOMPLETE, code="unsupported")
    spine = isinstance(node, _SPINES)
    for argument, value in node.args.items():
        if value is None or value is False or value == [] or argument in _SILENT:
            continue
        if argument not in rule.arguments:
            raise _refusal(node, argument, value)
        if isinstance(value, exp.Expr):
            flat = spine and argument == "this" and isinstance(value, _SPINES)
            pending.append((value, depth if flat else depth + 1))
        elif type(value) is str:
            _text(node, value)
        elif isinstance(value, list):
            pending += [(part, depth + 1) for part in value if isinstance(part, exp.Expr)]


def _identifier(node: exp.Identifier, dialect: str) -> None:
    name, quoted = node.this, bool(node.args.get("quoted"))
    problem = names.problem(name, quoted, dialect)
    if problem:
        raise Refusal(f"The query {problem}. Choose a plain name.", code="unsupported")
    if not quoted:
        if dialect == POSTGRES:
            node.set("this", names.lower(name))
        node.set("quoted", True)


def _text(node: exp.Expr, value: str) -> None:
    """Refuses words in the tree that would print as anything but words."""
    if isinstance(node, _FREE_TEXT) and not node.is_number:
        if "\0" in value:
            raise Refusal("The query holds a NUL character. Remove it.", code="unsupported")
        return
    if not _DIGITS.get(type(node), _WORDS).fullmatch(value):
        raise _refusal(node)


def _refusal(node: exp.Expr, argument: str | None = None, value: Any = None) -> Refusal:
    offender = value[0] if isinstance(value, list) and value else value
    for candidate in (offender, node):
        if type(candidate) in EXPLANATIONS:
            return Refusal(EXPLANATIONS[type(candidate)], code="unsupported")
    what = _spoken(type(offender)) if isinstance(offender, exp.Expr) else (argument or "")
    where = _spoken(type(node))
    part = f"{what.strip('_')} in {where}" if what else where
    return Refusal(
        f"This query uses a construct that the gate does not support ({part}). Write it another way.",
        code="unsupported",
    )


def _spoken(node: type) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", node.__name__).lower()


def documented(dialect: str) -> Iterable[tuple[str, str]]:
    """Each allowed construct with its reason, by name; the reference documentation is made from it."""
    return sorted((_spoken(node), rule.reason) for node, rule in NODES[dialect].items())
