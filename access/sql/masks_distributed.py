"""The named masks for Spark and Trino; neither may raise, so arithmetic and conversions are the trying kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from access.policies.masks import MOMENTS, kept
from access.sql import kinds, names
from access.sql.names import SPARK

if TYPE_CHECKING:
    from access.sql.masks import Value

_LARGEST_FLOAT = "1e15"
# Widest whole part of any integer with room for the fraction of a bucket's width.
_WIDE = "DECIMAL(28, 9)"


def written(value: Value) -> str:
    """The mask's SQL over the value, as `masks.written` has it."""
    return _MASKS[value.mask.kind](value)


def _text_type(value: Value) -> str:
    return "STRING" if value.dialect == SPARK else "VARCHAR"


def _nothing(value: Value) -> str:
    return value.as_own_type("NULL")


def _tried(value: Value, text: str) -> str:
    """The text in the column's own type, NULL where it does not fit."""
    shown = f"TRY_CAST({text} AS {value.column.type})"
    return shown if value.dialect == SPARK else f"TRY({shown})"


def _redact(value: Value) -> str:
    if value.family != kinds.TEXT:
        return _nothing(value)
    return f"CAST('REDACTED' AS {_text_type(value)})"


def _hash(value: Value) -> str:
    key = names.literal(value.key, value.dialect)
    keyed = f"{key} || CAST({value.sql} AS {_text_type(value)})"
    if value.dialect == SPARK:
        return f"sha2({keyed}, 256)"
    return f"lower(to_hex(sha256(to_utf8({keyed}))))"


def _partial(value: Value) -> str:
    if value.family != kinds.TEXT:
        return _nothing(value)
    first, last = kept(value.mask)
    text = value.sql
    parts = [f"substr({text}, 1, {first})"] if first else []
    parts += ["'****'"]
    parts += [f"substr({text}, -{last})"] if last else []
    long = f"WHEN length({text}) > {2 * (first + last)} THEN {' || '.join(parts)}"
    return f"CASE WHEN {text} IS NULL THEN NULL {long} ELSE '****' END"


def _email(value: Value) -> str:
    if value.family != kinds.TEXT:
        return _nothing(value)
    text = value.sql
    shown = f"substr({text}, 1, 1) || '***@' || split_part({text}, '@', 2)"
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN {text} LIKE '%@%' THEN {shown} ELSE '***' END"


def _truncated(value: Value) -> str:
    if value.family not in kinds.MOMENTS:
        return _nothing(value)
    if value.family == kinds.DATE and value.mask.kind in ("day", "hour"):
        return value.sql
    inside = f"{value.sql} > DATE '0001-01-31' AND {value.sql} < DATE '9999-01-01'"
    cut = value.as_own_type(f"date_trunc('{value.mask.kind}', {value.sql})")
    return f"CASE WHEN {inside} THEN {cut} END"


def _round(value: Value) -> str:
    if not value.is_number:
        return _nothing(value)
    cut = f"{value.sql} - {value.sql} % 100"
    if value.family == kinds.FLOAT:
        # Taking the rest away leaves an error of the last digit.
        cut = f"round({cut}, 0)"
    return _tried(value, cut)


def _bucket(value: Value) -> str:
    if not value.is_number:
        return _nothing(value)
    if value.mask.option("edges"):
        return _labels(value)
    width = _number(value.mask.option("width"))
    if value.family == kinds.FLOAT:
        low = _tried(value, f"floor({value.sql} / {width}) * {width}")
        return f"CASE WHEN abs({value.sql}) < {_LARGEST_FLOAT} THEN {low} END"
    wide = f"TRY_CAST({value.sql} AS {_WIDE})"
    return _tried(value, f"{wide} - (({wide} % {width}) + {width}) % {width}")


def _labels(value: Value) -> str:
    """Which of the ranges between the ends a number lies in; each range without its upper end."""
    number = f"CAST({value.sql} AS DOUBLE)"
    edges = [_number(edge) for edge in value.mask.option("edges")]
    spans = [
        f"{low} to {high}" if low else f"under {high}"
        for low, high in zip(["", *edges], edges, strict=False)
    ]
    cases = " ".join(
        f"WHEN {number} < {edge} THEN '{span}'" for edge, span in zip(edges, spans, strict=True)
    )
    text = f"CASE WHEN {value.sql} IS NULL THEN NULL {cases} ELSE '{edges[-1]} and over' END"
    return f"CAST({text} AS {_text_type(value)})"


def _number(value: float) -> str:
    if float(value).is_integer():
        return str(int(value))
    return f"{value:.9f}".rstrip("0")


_MASKS: Mapping[str, Callable[[Value], str]] = {
    "redact": _redact,
    "null_value": _nothing,
    "hash": _hash,
    "partial": _partial,
    "email": _email,
    **dict.fromkeys(MOMENTS, _truncated),
    "round": _round,
    "bucket": _bucket,
}
