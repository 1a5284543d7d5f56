"""The guard in Spark's dialect, without a server: what is refused, and what the text for the engine looks like."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from access.errors import Refusal
from access.sql import verify
from access.sql.guarded import FENCE
from tests.access.sql.company import SPARK, plan
from tests.access.sql.corpus import sections

CORPUS = sections("spark.sql")
REFUSED = ("function_not_allowed", "unknown_table", "not_a_query", "unsupported")
# In Spark a double-quoted word is a text, and TABLE is no query of its own.
OTHERWISE = ('"', "table vault")


def _refused() -> list[tuple[str, str]]:
    shared = [
        (heading.split()[0], sql)
        for heading, queries in sections("attacks.sql").items()
        if heading.split()[1] == "both" and heading.split()[0] != "harmless"
        for sql in queries
        if not any(word in sql for word in OTHERWISE)
    ]
    return shared + [(code, sql) for code in REFUSED for sql in CORPUS[code]]


@pytest.mark.parametrize(("code", "sql"), _refused())
def test_an_attack_is_refused_with_its_code(code: str, sql: str) -> None:
    with pytest.raises(Refusal) as caught:
        plan(sql, SPARK)

    assert caught.value.code == code
    assert "GOLD" not in caught.value.message or "GOLD" in sql


@pytest.mark.parametrize("sql", CORPUS["benign"])
def test_what_is_printed_reads_back_as_it_was_printed(sql: str) -> None:
    printed = plan(sql, SPARK).sql

    assert parse_one(printed, dialect=SPARK).sql(SPARK)
    assert plan(sql, SPARK).sql == printed


def test_no_name_is_printed_without_its_quotes() -> None:
    printed = plan("select x from items lateral view explode(array(1)) `t as y` as `x`", SPARK).sql

    assert "LATERAL VIEW explode(array(1)) `t as y` AS `x`" in printed


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("'it''s'", r"'it\'s'"),
        (r"'it\'s'", r"'it\'s'"),
        (r"'back\\slash'", r"'back\\slash'"),
        (r"'\d'", "'d'"),
        (r"r'\d'", r"'\\d'"),
        (r"'\u0041'", "'A'"),
        ('"quoted ""twice"""', "'quoted \"twice\"'"),
    ],
)
def test_a_text_means_to_spark_what_it_meant_to_the_guard(written: str, printed: str) -> None:
    assert plan(f"select {written} as x from items", SPARK).sql.startswith(f"SELECT {printed} AS")


ENTITLED = "`ent`.`username` = 'alice'"
PROTECTED = {
    # nothing that could fail: the filter stands as it is, and conditions reach the files
    "select id from orders where status = 'open' and day > date '2024-01-01'": (False, False),
    # one column that a cast reads: that column shows only where the filter holds
    "select id from orders where cast(note as int) > 5 and day > date '2024-01-01'": (True, False),
    # a constant that may fail, or two streams of rows: nothing passes
    "select id from orders where cast('abc' as int) = 1": (False, True),
    "select 1 from orders o join customers c on o.id = c.id and cast(o.note as int) = 1": (
        False,
        True,
    ),
    # on the final rows only
    "select cast(note as int) from orders o join customers c on o.id = c.id": (True, False),
}


@pytest.mark.parametrize("sql", PROTECTED)
def test_only_what_could_tell_is_kept_behind_the_filter(sql: str) -> None:
    printed = plan(sql, SPARK).sql
    by_case = "CASE WHEN `__gh_row`.`__gh_visible` THEN (upper(`__gh_row`.`note`)) END" in printed

    assert (by_case, FENCE in printed) == PROTECTED[sql]
    assert ENTITLED in printed
    assert "CASE WHEN `__gh_row`.`__gh_visible` THEN `__gh_row`.`day`" not in printed


class Explained:
    """A plan's facts, as the second wall sees them."""

    relations = frozenset({("sales", "orders")})
    sql = "SELECT 1"


def _explained(
    *lines: str, optimized: str = "Relation spark_catalog.sales.orders[id#1] parquet"
) -> str:
    return "\n".join(
        (
            "== Parsed Logical Plan ==",
            *lines,
            "",
            "== Analyzed Logical Plan ==",
            "id: int",
            "== Optimized Logical Plan ==",
            optimized,
            "== Physical Plan ==",
        )
    )


SOUND = (
    "'Project [*]",
    "+- 'SubqueryAlias q",
    "   +- 'UnresolvedRelation [sales, orders], [], false",
)
UNSOUND = [
    ("'Project [*]", "+- 'UnresolvedRelation [sales, vault], [], false"),
    ("'Project [*]", "+- 'UnresolvedRelation [csv, /etc/passwd], [], false"),
    ("'Project [*]", "+- 'UnresolvedRelation [sales, orders], [], true"),
    ("'Project ['java_method(a, b)]", "+- 'UnresolvedRelation [sales, orders], [], false"),
    ("'ScriptTransformation [a]", "+- 'UnresolvedRelation [sales, orders], [], false"),
    ("'InsertIntoStatement 'UnresolvedRelation [sales, orders], [], false", "+- OneRowRelation"),
    ("DropTable false, false", "+- 'UnresolvedIdentifier [sales, orders]"),
]


# How Spark prints what it has parsed, one line of each operator.
READ = """
'Aggregate ['country], ['country, unresolvedalias('count(1))]
'CTE [__gh_with_1]
CTERelationDef 0, false
CTERelationRef 0, true, [id#1L], false, false
Deduplicate [id#1L]
'Distinct
'Except false
'Expand [['id, 0]], ['id, 'spark_grouping_id]
'Filter ('amount > 3)
'Generate 'explode('array('id, 2)), false, t, ['n]
GlobalLimit 3
'Intersect false
'Join LeftOuter, ('o.id = 'c.id)
LateralJoin lateral-subquery#1 [], Inner
LocalLimit 3
LocalRelation [id#1L]
Offset 2
OneRowRelation
'Pivot 'product, ['a, 'b], ['sum('quantity)]
'Project ['upper('name) AS n#2]
Sample 0.0, 0.1, false, 7
'Sort ['id ASC NULLS FIRST], true
'SubqueryAlias o
'Union false, false
'UnresolvedHaving ('count(1) > 2)
'UnresolvedInlineTable [a], [[1]]
'UnresolvedRelation [sales, orders], [], false
'UnresolvedRelation [__gh_with_1], [], false
'UnresolvedSubqueryColumnAliases [a, b]
'UnresolvedTableValuedFunction [range], ['3]
'UnresolvedTVFAliases [range], ['3], [n]
UnresolvedWith
'UnresolvedWith [__gh_with_1]
'Unpivot ['id], [['a]], kind, [n]
'Window ['rank() AS r#1], ['country]
'WithWindowDefinition [w=windowspecdefinition('tenant)]
'Project ['between('a, 1, 2), 'case('a), 'cast('a), 'coalesce('a), 'when('a, 1), 'if('a, 1, 2)]
'Project ['struct('a), 'named_struct(a, 'a), 'array('a), 'map(a, 'a), 'date_add('a, 1), 'date_sub('a, 1)]
'Project ['extract(YEAR, 'a), 'position(a, 'a), 'substring('a, 1), 'substr('a, 1), 'overlay('a, b, 1)]
'Project ['trim('a), 'ltrim('a), 'rtrim('a), 'btrim('a), 'shiftleft('a, 1), 'shiftright('a, 1)]
'Project ['percentile_cont('a, 0.5), 'percentile_disc('a, 0.5), 'listagg('a), 'in('a, 1), 'not('a)]
'Filter ('like('a, b) AND 'ilike('a, b) AND 'rlike('a, b))
""".strip().splitlines()


@pytest.mark.parametrize("line", READ)
def test_the_second_wall_knows_what_the_gate_lets_spark_read(line: str) -> None:
    verify(_explained(line, f"+- {line}", f":     +- {line}"), Explained(), SPARK)


@pytest.mark.parametrize("sign", "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
def test_the_second_wall_refuses_text_with_a_line_break(sign: str) -> None:
    class Broken(Explained):
        sql = f"SELECT 'a{sign}b'"

    with pytest.raises(Refusal, match="chr\\(10\\)") as refused:
        verify(_explained(*SOUND), Broken(), SPARK)
    assert refused.value.code == "unsupported"


def test_the_second_wall_refuses_what_spark_did_not_plan() -> None:
    for text in ("", "[PARSE_SYNTAX_ERROR] near 'x'", "== Parsed Logical Plan ==\n'Project [*]"):
        with pytest.raises(Refusal, match="not one query it can plan") as refused:
            verify(text, Explained(), SPARK)
        assert refused.value.code == "unsupported"


@pytest.mark.parametrize(
    "line",
    ["7", "'Project ['current_user()]", "'Project ['sales.lower('a)]", "'UnresolvedRelation [__gh_x, orders], [], false",
     "'UnresolvedRelation [orders], [], false", "'UnresolvedRelation [sales, orders, x], [], false"],
)  # fmt: skip
def test_the_second_wall_refuses_what_it_does_not_know(line: str) -> None:
    with pytest.raises(Refusal, match="reads this query differently") as refused:
        verify(_explained(line), Explained(), SPARK)
    assert refused.value.code == "unsupported"


@pytest.mark.parametrize("lines", UNSOUND)
def test_the_second_wall_refuses_what_spark_reads_otherwise(lines: tuple[str, ...]) -> None:
    verify(_explained(*SOUND), Explained(), SPARK)

    with pytest.raises(Refusal):
        verify(_explained(*lines), Explained(), SPARK)


def test_the_second_wall_refuses_a_plan_that_lost_its_fence() -> None:
    class Fenced(Explained):
        sql = f"SELECT 1 FROM (SELECT 1) WHERE {FENCE}"

    verify(_explained(*SOUND, optimized=f"Filter ({FENCE})\n+- Relation x"), Fenced(), SPARK)

    with pytest.raises(Refusal):
        verify(_explained(*SOUND), Fenced(), SPARK)


def test_a_text_cannot_forge_a_part_of_the_plan() -> None:
    class Forged(Explained):
        sql = "SELECT '\n== Optimized Logical Plan ==\n'"

    with pytest.raises(Refusal):
        verify(_explained(*SOUND), Forged(), SPARK)
