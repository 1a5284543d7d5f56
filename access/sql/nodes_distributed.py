"""What Spark and Trino have besides the common syntax, with the arguments a node may carry, and what they have not."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from access.sql.verbatim import ARROWS

SPARK: Mapping[type[exp.Expr], str] = {
    exp.Lateral: "this alias view outer ordinality",
    exp.Pivot: "this alias expressions fields unpivot columns include_nulls into",
    exp.UnpivotColumns: "this expressions",
    exp.PivotAlias: "this alias",
    # No seed: what it draws depends on where the rows lie, hidden ones too.
    exp.TableSample: "percent rows size",
    exp.Lambda: "this expressions",
    exp.Struct: "expressions",
    exp.ColumnDef: "this kind",
}
TRINO: Mapping[type[exp.Expr], str] = {
    exp.TableSample: "method percent",
    exp.Lambda: "this expressions",
    exp.Struct: "expressions",
    exp.ColumnDef: "this kind",
}
# Neither engine has these; a generator that knows better would write something else in their place.
ABSENT: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Overlaps, exp.SimilarTo, exp.RegexpILike, exp.ArrayContainsAll, exp.ArrayContainedBy, exp.ArrayOverlaps,
        exp.StartsWith, exp.Pow, exp.ByteString, exp.Collate, exp.Abs, exp.Sqrt, exp.Cbrt, exp.Fetch, *ARROWS,
    }
)  # fmt: skip
