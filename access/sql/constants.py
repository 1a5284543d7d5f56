"""Constant expressions that certainly evaluate, so that they may stand beside a hidden row.

A constant that fails (`CAST('abc' AS DATE)`) is as telling as a failing column: an optimiser that cannot fold it
leaves it to run on whatever rows arrive. Only what can be read here in full is taken as safe.
"""

from __future__ import annotations

import re

from sqlglot import exp

from access.sql import kinds

_CLOCK_CALLS = {
    "now": kinds.TIMESTAMPTZ,
    "current_timestamp": kinds.TIMESTAMPTZ,
    "transaction_timestamp": kinds.TIMESTAMPTZ,
    "today": kinds.DATE,
    "current_date": kinds.DATE,
}
_UNITS = frozenset({"year", "month", "week", "day", "hour", "minute", "second"})
_TRUNCATIONS = frozenset({"year", "quarter", "month", "week", "day", "hour"})
_SMALL = re.compile(r"\d{1,4}")
# How many days a unit may have at most; what is shorter than a day counts as one.
_DAYS = {"year": 366, "month": 31, "week": 7}
# What four bytes hold, the narrowest of the targets below.
_WHOLE = re.compile(r"[+-]?\d{1,9}")
_LARGEST_FACTOR = 1_000_000
_DEEPEST = 6
# A moment may be moved so far, as often as `_DEEPEST` allows: PostgreSQL knows no day before 4714 BC, and whether a
# constant beyond it fails there would depend on whether any row comes by.
_FARTHEST_DAYS = 200_000
_TARGETS = {
    exp.DType.DATE: kinds.DATE,
    exp.DType.TIMESTAMP: kinds.TIMESTAMP,
    exp.DType.TIMESTAMPNTZ: kinds.TIMESTAMP,
    exp.DType.TIMESTAMPTZ: kinds.TIMESTAMPTZ,
    exp.DType.INT: kinds.INT,
    exp.DType.BIGINT: kinds.INT,
    exp.DType.DOUBLE: kinds.FLOAT,
    exp.DType.TEXT: kinds.TEXT,
    exp.DType.VARCHAR: kinds.TEXT,
    exp.DType.BOOLEAN: kinds.BOOL,
}


def certain(node: exp.Expr, depth: int = 0) -> str | None:
    """The family of a constant that cannot raise, or None when that is not certain."""
    if depth > _DEEPEST:
        return None
    if isinstance(node, exp.Paren):
        return certain(node.this, depth + 1)
    if isinstance(node, (exp.Cast, exp.TryCast)):
        return _cast(node, depth)
    if isinstance(node, exp.Interval):
        return _interval(node)
    if isinstance(node, (exp.Add, exp.Sub)):
        return _shifted(node, depth)
    if isinstance(node, exp.Anonymous):
        return _call(node, depth)
    if isinstance(node, exp.CurrentDate):
        return kinds.DATE
    if isinstance(node, exp.CurrentTimestamp):
        return kinds.TIMESTAMPTZ
    return None


def _cast(node: exp.Cast, depth: int) -> str | None:
    family = _TARGETS.get(node.to.this)
    inner = node.this
    if family is None:
        return None
    if isinstance(inner, exp.Literal) and inner.is_string:
        reads = kinds.fits(family, inner.name) or (
            family == kinds.INT and _WHOLE.fullmatch(inner.name)
        )
        return family if reads else None
    source = certain(inner, depth + 1)
    return family if source in kinds.MOMENTS and family in kinds.MOMENTS else None


def _interval(node: exp.Interval) -> str | None:
    amount, unit = node.this, node.args.get("unit")
    if not isinstance(amount, exp.Literal) or not _SMALL.fullmatch(amount.name):
        return None
    known = unit.name.lower().removesuffix("s") if isinstance(unit, exp.Var) else ""
    if known not in _UNITS:
        return None
    days = int(amount.name) * _DAYS.get(known, 1)
    return kinds.INTERVAL if days <= _FARTHEST_DAYS else None


def _shifted(node: exp.Add | exp.Sub, depth: int) -> str | None:
    """A moment moved by a small span, or arithmetic on small numbers."""
    left, right = _operand(node.this, depth), _operand(node.expression, depth)
    if left in kinds.MOMENTS and right == kinds.INTERVAL:
        return left if left == kinds.TIMESTAMPTZ else kinds.TIMESTAMP
    if left == kinds.DATE and right == kinds.INT:
        return kinds.DATE if _is_near(node.expression) else None
    if left == right == kinds.INT:
        return kinds.INT
    return None


def _is_near(days: exp.Expr) -> bool:
    return isinstance(days, exp.Literal) and int(days.name) <= _FARTHEST_DAYS


def _operand(node: exp.Expr, depth: int) -> str | None:
    if isinstance(node, exp.Literal) and not node.is_string:
        small = node.name.isdigit() and int(node.name) <= _LARGEST_FACTOR
        return kinds.INT if small else None
    return certain(node, depth + 1)


def _call(node: exp.Anonymous, depth: int) -> str | None:
    name, arguments = node.name.lower(), node.expressions
    if not arguments:
        return _CLOCK_CALLS.get(name)
    if name == "date_trunc" and len(arguments) == 2 and isinstance(arguments[0], exp.Literal):
        family = certain(arguments[1], depth + 1)
        return (
            family
            if arguments[0].name.lower() in _TRUNCATIONS and family in kinds.MOMENTS
            else None
        )
    return None
