"""The gate's grammars for the distributed engines, Spark and Trino: as in `dialects`, nothing is translated.

sqlglot's own generators rewrite what an engine lacked in some version; here text is printed as it was read, and what
the engine cannot do is refused by the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.dialects.trino import Trino
from sqlglot.generator import Generator
from sqlglot.generators.spark import SparkGenerator
from sqlglot.generators.trino import TrinoGenerator
from sqlglot.parsers.spark import SparkParser
from sqlglot.parsers.trino import TrinoParser

from access.sql import names
from access.sql.names import SPARK
from access.sql.verbatim import TRANSFORMS, calls
from catalog.parsing import Bounded

Print = Callable[..., str]

# Printed by the generator's plain methods instead of by rewriting.
_PLAIN: tuple[type[exp.Expr], ...] = (
    exp.Select,
    exp.Table,
    exp.Array,
    exp.With,
    exp.ILike,
    exp.TryCast,
    exp.Any,
    exp.Unnest,
    exp.Values,
    exp.Struct,
    exp.Map,
    exp.TableSample,
    exp.Lateral,
    exp.Interval,
    exp.GroupingSets,
    exp.AtTimeZone,
    exp.Pivot,
    exp.CTE,
)


def _plain(transforms: dict[Any, Print]) -> dict[Any, Print]:
    return {node: text for node, text in transforms.items() if node not in _PLAIN}


def _spark_literal(self: Any, node: exp.Literal) -> str:
    return names.literal(node.name, SPARK) if node.is_string else str(node.name)


def _spark_lateral(self: Any, node: exp.Lateral) -> str:
    """LATERAL VIEW with its names quoted: sqlglot prints the table's as it stands, which may be anything."""
    if not node.args.get("view"):
        return str(Generator.lateral_sql(self, node))
    alias = node.args.get("alias")
    table = self.sql(alias, "this") if alias is not None else ""
    columns = self.expressions(alias, key="columns", flat=True) if alias is not None else ""
    outer = " OUTER" if node.args.get("outer") else ""
    named = f" AS {columns}" if columns else ""
    return f"{self.sep()}LATERAL VIEW{outer} {self.sql(node, 'this')} {table}{named}"


class GateSpark(Spark):
    """Spark's grammar for the gate."""

    class Tokenizer(Spark.Tokenizer):
        # Spark 4 reads a doubled quote as one quote; text is printed with backslashes, so both readings agree.
        STRING_ESCAPES: ClassVar[list[str]] = ["\\", "'", '"']

    class Parser(Bounded, SparkParser):
        # CAST raises in ANSI mode, which the engine sees to; only TRY_CAST gives NULL.
        STRICT_CAST = True
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS = calls(SparkParser.FUNCTION_PARSERS)
        # TRANSFORM(... USING 'script') runs a program; without it the word is a plain function of arrays.
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser
            for name, parser in SparkParser.NO_PAREN_FUNCTION_PARSERS.items()
            if name != "TRANSFORM"
        }

    class Generator(SparkGenerator):
        MULTI_ARG_DISTINCT = True
        TRANSFORMS: ClassVar[dict[type[exp.Expr], Print]] = {
            **_plain(SparkGenerator.TRANSFORMS),
            **TRANSFORMS,
            exp.Literal: _spark_literal,
            exp.Lateral: _spark_lateral,
            exp.TryCast: lambda self, node: f"TRY_{Generator.cast_sql(self, node)}",
            exp.Cast: lambda self, node: Generator.cast_sql(self, node),
            exp.ILike: lambda self, node: self.binary(node, "ILIKE"),
            exp.Localtimestamp: lambda *_: "localtimestamp()",
        }


class GateTrino(Trino):
    """Trino's grammar for the gate."""

    class Parser(Bounded, TrinoParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS = calls(TrinoParser.FUNCTION_PARSERS)

    class Generator(TrinoGenerator):
        MULTI_ARG_DISTINCT = True
        TRANSFORMS: ClassVar[dict[type[exp.Expr], Print]] = {
            **_plain(TrinoGenerator.TRANSFORMS),
            **TRANSFORMS,
            exp.TryCast: lambda self, node: f"TRY_{Generator.cast_sql(self, node)}",
            exp.Cast: lambda self, node: Generator.cast_sql(self, node),
        }
