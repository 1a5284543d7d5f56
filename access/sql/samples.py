"""Samples of a table: drawn from the rows its policy view shows, one by one, never by where rows lie in storage.

Drawing by storage block would show where hidden rows lie; so would a repeatable draw by row position. PostgreSQL can
sample real tables only, so there a draw becomes a condition over the view.
"""

from __future__ import annotations

from sqlglot import exp

from access.errors import Refusal
from access.sql import names
from access.sql.dialects import POSTGRES, Verbatim, render

_PLAIN = "TABLESAMPLE takes BERNOULLI or SYSTEM and a plain number of percent here, such as TABLESAMPLE BERNOULLI (10)."
TABLES_ONLY = "PostgreSQL samples tables only. Write ORDER BY random() LIMIT, or WHERE random() < 0.1, instead."
_DRAWN = f"{names.RESERVED}_drawn"
_PARTS = 1_000_000


def even(node: exp.Expr, dialect: str) -> None:
    """Makes a sample draw row by row; refuses one that PostgreSQL could not draw from a view."""
    sample = node.args.get("sample")
    if sample is None:
        return
    method = sample.args.get("method")
    if method is not None and method.name.upper() == "SYSTEM":
        sample.set("method", exp.Var(this="BERNOULLI"))
    is_table = isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier)
    if dialect == POSTGRES and not is_table:
        raise Refusal(TABLES_ONLY, code="unsupported")


def drawn(query: exp.Expr, sample: exp.TableSample) -> exp.Expr:
    """The rows of a policy view that PostgreSQL draws; with a seed, by what is in a row and not by where it lies."""
    share, seed = _share(sample), _seed(sample)
    chance = "random()"
    if seed is not None:
        row = f"CAST({names.quote(_DRAWN, POSTGRES)} AS text)"
        chance = f"mod(abs(hashtextextended({row}, {seed}) / 2), {_PARTS}) / {_PARTS}.0"
    rows = f"({render(query, POSTGRES)}) AS {names.quote(_DRAWN, POSTGRES)}"
    return Verbatim(
        this=" ".join(("SELECT * FROM", rows, "WHERE", chance, "<", f"{share / 100:f}"))
    )


def _share(sample: exp.Expr) -> float:
    amount = sample.args.get("percent") or sample.args.get("size")
    method = sample.args.get("method")
    known = method is not None and method.name.upper() in ("BERNOULLI", "SYSTEM")
    if not known or not isinstance(amount, exp.Literal) or amount.is_string:
        raise Refusal(_PLAIN, code="unsupported")
    share = float(amount.name)
    if not 0 <= share <= 100:
        raise Refusal(_PLAIN, code="unsupported")
    return share


def _seed(sample: exp.Expr) -> int | None:
    seed = sample.args.get("seed")
    if seed is None:
        return None
    if not isinstance(seed, exp.Literal) or not seed.name.isdigit() or len(seed.name) > 18:
        raise Refusal("REPEATABLE takes a plain whole number here.", code="unsupported")
    return int(seed.name)
