"""The list of nodes as the last word: trees that no parser of ours makes are refused as well."""

import pytest
from sqlglot import exp

from access.errors import Refusal
from access.sql import nodes
from access.sql.dialects import DUCKDB, POSTGRES, SPARK


@pytest.mark.parametrize("dialect", [DUCKDB, POSTGRES, SPARK])
@pytest.mark.parametrize(
    ("tree", "code"),
    [
        (exp.Anonymous(this="pg_read_file", expressions=[exp.Literal.string("x")]), "function_not_allowed"),
        (exp.Literal.string("a\0b"), "unsupported"),
        (exp.Command(this="SET", expression="x"), "unsupported"),
        (exp.Drop(this=exp.to_table("t")), "unsupported"),
        (exp.column("a", table="b\0c"), "unsupported"),
        (exp.Literal.number("1; drop table t"), "unsupported"),
        (exp.Literal.number("٣"), "unsupported"),
        (exp.HexString(this="zz"), "unsupported"),
    ],
    ids=["function", "nul", "command", "drop", "name", "number", "digit", "hex"],
)  # fmt: skip
def test_a_tree_of_other_nodes_is_refused(tree: exp.Expr, code: str, dialect: str) -> None:
    with pytest.raises(Refusal) as refused:
        nodes.check(exp.Select(expressions=[tree.copy()]), dialect)

    assert refused.value.code == code
