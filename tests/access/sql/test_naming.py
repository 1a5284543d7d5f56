"""What the engines call a column that has no name of its own."""

import pytest

from access.sql.dialects import DUCKDB, POSTGRES, SPARK
from access.sql.naming import output_name
from access.sql.parsing import query

NAMES = {
    DUCKDB: {
        "count(*)": "count_star()",
        "count(id)": "count(id)",
        "id": "id",
        "t.id": "id",
        "(id)": "id",
        "id as n": "n",
        "id + 1": "(id + 1)",
        "(select 1)": "subquery",
        "exists (select 1)": "subquery",
        "(select 1) + id": "expression",
    },
    POSTGRES: {
        "count(*)": "count",
        "COUNT(id)": "count",
        "(id)": "id",
        "id + 1": "?column?",
        "id::integer": "id",
        "1::bigint": "int8",
        "case when true then 1 end": "case",
        "(select name from u)": "name",
        "exists (select 1)": "exists",
        "sum(id) over ()": "sum",
        "array[1]": "array",
    },
    SPARK: {"count(*)": "count(1)", "count(id)": "count(id)", "(id)": "id"},
}


@pytest.mark.parametrize(
    ("dialect", "text", "name"),
    [(dialect, text, name) for dialect, found in NAMES.items() for text, name in found.items()],
)
def test_a_column_without_a_name_is_called(dialect: str, text: str, name: str) -> None:
    (column,) = query(f"select {text} from t", dialect).root.expressions

    assert output_name(column, dialect) == name
