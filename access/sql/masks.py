"""The named masks as SQL over one column, per engine.

None of them can raise, whatever stands in the column: a mask that failed on one row would tell that the row is there.
So arithmetic near the ends of a type is guarded (PostgreSQL) or tried (DuckDB), and gives NULL where the shown value
would not fit. What type comes out is said by `result_type`; only a hash, a bucket with ends, a looked-up value and an
owner's expression may differ from the column's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from access.policies.masks import MOMENTS, SQL, Mask, kept
from access.policies.policy import ColumnFact
from access.sql import kinds, masks_distributed, names
from access.sql.dialects import DUCKDB, POSTGRES, SPARK, TRINO, render

Written = Callable[["Value"], str]

_TEXTS = frozenset({"redact", "partial", "email"})
_LOWEST = {"smallint": -(2**15), "integer": -(2**31), "bigint": -(2**63)}
_LARGEST_FLOAT = "1e30"
_FIRST_MOMENT, _LAST_MOMENT = "4000-01-01 BC", "200000-01-01"


class Value:
    """One column's value as an expression, with what its mask needs to know."""

    __slots__ = ("column", "dialect", "key", "mask", "sql")

    def __init__(self, mask: Mask, sql: str, column: ColumnFact, dialect: str, key: str) -> None:
        self.mask = mask
        self.sql = sql
        self.column = column
        self.dialect = dialect
        self.key = key

    @property
    def family(self) -> str:
        return kinds.of_type(self.column.type)

    @property
    def is_number(self) -> bool:
        wide = ("DECIMAL", "NUMERIC", "HUGEINT", "UHUGEINT", "UBIGINT")
        return self.family in kinds.NUMBERS or self.column.type.upper().startswith(wide)

    def as_own_type(self, text: str) -> str:
        return f"CAST({text} AS {self.column.type})"


def written(mask: Mask, value: str, column: ColumnFact, dialect: str, key: str) -> str:
    """The mask's SQL over `value`, an expression of the column's type; `key` is the portal's secret for hashes.

    Not for masks that look into tables: those are `expression`s, bound and checked like an owner's own.
    """
    found = Value(mask, value, column, dialect, key)
    if dialect in names.DISTRIBUTED:
        return masks_distributed.written(found)
    return _MASKS[mask.kind](found)


def expression(mask: Mask, table: str, column: str, dialect: str) -> str | None:
    """The text of a mask that is an expression of its own over the table; None for the other masks."""
    if mask.kind == SQL:
        return mask.sql
    return _lookup(mask, table, column, dialect) if mask.kind == "generalise" else None


def result_type(mask: Mask, column: ColumnFact, dialect: str) -> str:
    """The type the masked column has; empty where only the engine can say."""
    if mask.looks_up:
        return ""
    family = kinds.of_type(column.type)
    as_text = mask.kind == "hash" or (mask.kind in _TEXTS and family == kinds.TEXT)
    if mask.option("edges") and Value(mask, "", column, dialect, "").is_number:
        as_text = True
    return text_type(dialect) if as_text else column.type


_TEXT_TYPES = {DUCKDB: "VARCHAR", POSTGRES: "text", SPARK: "STRING", TRINO: "VARCHAR"}


def text_type(dialect: str) -> str:
    return _TEXT_TYPES[dialect]


def nothing(column: ColumnFact) -> str:
    return f"CAST(NULL AS {column.type})"


def _redact(value: Value) -> str:
    if value.family != kinds.TEXT:
        return nothing(value.column)
    return f"CAST('REDACTED' AS {text_type(value.dialect)})"


def _null(value: Value) -> str:
    return nothing(value.column)


def _hash(value: Value) -> str:
    text = f"CAST({value.sql} AS {text_type(value.dialect)})"
    keyed = f"{names.literal(value.key)} || {text}"
    if value.dialect == DUCKDB:
        return f"sha256({keyed})"
    return f"encode(sha256(convert_to({keyed}, 'UTF8')), 'hex')"


def _partial(value: Value) -> str:
    """Texts up to twice as long as what is kept show nothing: the kept part would be most of them."""
    if value.family != kinds.TEXT:
        return nothing(value.column)
    first, last = kept(value.mask)
    parts = [f"left({value.sql}, {first})"] if first else []
    parts += ["'****'"]
    parts += [f"right({value.sql}, {last})"] if last else []
    long = f"WHEN length({value.sql}) > {2 * (first + last)} THEN {' || '.join(parts)}"
    return f"CASE WHEN {value.sql} IS NULL THEN NULL {long} ELSE '****' END"


def _email(value: Value) -> str:
    if value.family != kinds.TEXT:
        return nothing(value.column)
    text = value.sql
    shown = f"left({text}, 1) || '***@' || split_part({text}, '@', 2)"
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN {text} LIKE '%@%' THEN {shown} ELSE '***' END"


def _truncated(value: Value) -> str:
    if value.family not in kinds.MOMENTS:
        return nothing(value.column)
    if value.dialect == DUCKDB:
        cut = value.as_own_type(f"date_trunc('{value.mask.kind}', {value.sql})")
        return f"TRY({cut})"
    moment = value.sql
    if value.family == kinds.DATE:
        # As a timestamp without zone: a date is else taken as midnight in the session's time zone.
        moment = f"CAST({value.sql} AS timestamp)"
    inside = f"{value.sql} > '{_FIRST_MOMENT}' AND {value.sql} < '{_LAST_MOMENT}'"
    cut = value.as_own_type(f"date_trunc('{value.mask.kind}', {moment})")
    return f"CASE WHEN {inside} THEN {cut} END"


def _round(value: Value) -> str:
    if value.family == kinds.FLOAT:
        cut = value.as_own_type(f"trunc({value.sql} / 100) * 100")
        # Dividing the smallest numbers underflows in PostgreSQL, which raises.
        return (
            f"CASE WHEN abs({value.sql}) >= 100 THEN {cut}"
            f" WHEN {value.sql} IS NOT NULL THEN {value.as_own_type('0')} END"
        )
    if not value.is_number:
        return nothing(value.column)
    return value.as_own_type(f"{value.sql} - {value.sql} % 100")


def _bucket(value: Value) -> str:
    if not value.is_number:
        return nothing(value.column)
    if value.mask.option("edges"):
        return _labels(value)
    width = _number(value.mask.option("width"))
    if value.dialect == DUCKDB:
        return _tried_bucket(value, width)
    wide = f"CAST({value.sql} AS numeric)"
    low = f"{wide} - (({wide} % {width}) + {width}) % {width}"
    return f"CASE WHEN {_fits(value, low)} THEN {value.as_own_type(low)} END"


def _tried_bucket(value: Value, width: str) -> str:
    if value.family == kinds.FLOAT:
        low = f"floor({value.sql} / {width}) * {width}"
        return f"TRY({value.as_own_type(low)})"
    # Whole numbers are counted in a wider type, or the width would be squeezed into a narrow one.
    wide = f"CAST({value.sql} AS HUGEINT)" if value.family == kinds.INT else value.sql
    low = f"{wide} - (({wide} % {width}) + {width}) % {width}"
    return f"TRY({value.as_own_type(low)})"


def _fits(value: Value, low: str) -> str:
    """Whether PostgreSQL can keep the lower end of a range in the column's own type."""
    if value.family == kinds.FLOAT:
        return f"abs({value.sql}) < {_LARGEST_FLOAT}"
    if value.family == kinds.INT:
        return f"{low} >= {_LOWEST.get(value.column.type.lower(), _LOWEST['smallint'])}"
    precision, scale = kinds.digits(value.column.type)
    return f"abs({low}) < 1e{precision - scale}" if precision else f"{value.sql} IS NOT NULL"


def _labels(value: Value) -> str:
    """Which of the ranges between the ends a number lies in, as text; each range without its upper end."""
    number = f"CAST({value.sql} AS DOUBLE)" if value.dialect == DUCKDB else value.sql
    edges = [_number(edge) for edge in value.mask.option("edges")]
    spans = [
        f"{low} to {high}" if low else f"under {high}"
        for low, high in zip(["", *edges], edges, strict=False)
    ]
    cases = " ".join(
        f"WHEN {number} < {edge} THEN '{span}'" for edge, span in zip(edges, spans, strict=True)
    )
    text = f"CASE WHEN {value.sql} IS NULL THEN NULL {cases} ELSE '{edges[-1]} and over' END"
    return f"CAST({text} AS {text_type(value.dialect)})"


def _number(value: float) -> str:
    """A number without an exponent, which both engines read as an exact one."""
    if float(value).is_integer():
        return str(int(value))
    return f"{value:.9f}".rstrip("0")


def _lookup(mask: Mask, own: str, column: str, dialect: str) -> str:
    """The value looked up in the mapping table; the largest where it stands there more than once.

    DuckDB would convert one side to the other's type and raise on what does not convert, so there both are compared
    as text; PostgreSQL compares only what needs no conversion, and says so when the mask is saved.
    """
    *path, name = (exp.to_identifier(part, quoted=True) for part in mask.option("table").split("."))
    table = exp.Table(this=name, **dict(zip(("db", "catalog"), reversed(path), strict=False)))
    key: exp.Expr = exp.column(mask.option("from"), "__map", quoted=True)
    value: exp.Expr = exp.column(column, own, quoted=True)
    if dialect != POSTGRES:
        key, value = (exp.Cast(this=side, to=exp.DataType.build("TEXT")) for side in (key, value))
    query = exp.select(exp.Anonymous(this="max", expressions=[
        exp.column(mask.option("to"), "__map", quoted=True)
    ]))  # fmt: skip
    query = query.from_(exp.alias_(table, "__map", quoted=True)).where(
        exp.EQ(this=key, expression=value)
    )
    return render(exp.Subquery(this=query), dialect)


_MASKS: Mapping[str, Written] = {
    "redact": _redact,
    "null_value": _null,
    "hash": _hash,
    "partial": _partial,
    "email": _email,
    **dict.fromkeys(MOMENTS, _truncated),
    "round": _round,
    "bucket": _bucket,
}
