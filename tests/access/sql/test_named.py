"""Functions that take a name as text: only a constant on a list will do."""

import psycopg
import pytest

from access.errors import Refusal
from tests.access.sql.company import PostgresCompany, plan


@pytest.mark.parametrize("kind", ["'integer'", "'numeric(10,2)'", "'double precision'", "('date')"])
def test_a_text_can_be_tried_as_a_plain_type(postgres_company: PostgresCompany, kind: str) -> None:
    sql = f"select id, pg_input_is_valid(name, {kind}) from customers order by id"

    assert postgres_company.answer(sql) == postgres_company.truth(sql)


@pytest.mark.parametrize(
    "kind",
    ["'regclass'", "'regrole'", "'sales.orders'", "name", "(select 'integer')", "'int' || '4'", "'\"char\"'"],
)  # fmt: skip
def test_a_type_that_looks_things_up_cannot_be_tried(kind: str) -> None:
    with pytest.raises(Refusal) as refused:
        plan(f"select pg_input_is_valid(name, {kind}) from customers", "postgres")

    assert refused.value.code == "function_not_allowed"


@pytest.mark.parametrize(
    "kind",
    ["bigint", "bool", "boolean", "bytea", "date", "decimal", "double precision", "float4", "float8", "inet", "int",
     "int2", "int4", "int8", "integer", "interval", "json", "jsonb", "numeric", "numeric(5,2)", "numeric(5, 2)", "real",
     "smallint", "text", "text[]", "time", "timestamp", "timestamp(3)", "timestamptz", "timetz", "uuid", "varchar(3)"],
)  # fmt: skip
def test_a_plain_type_reads_its_text_alone(postgres_url: str, kind: str) -> None:
    made = plan(f"select pg_input_is_valid('1', '{kind}') as valid", "postgres")

    with psycopg.connect(postgres_url) as connection:
        ((valid,),) = connection.execute(made.sql.encode()).fetchall()
    assert valid in (True, False)


@pytest.mark.parametrize(
    "arguments", ["name", "name, 'integer', 'x'", "name, 'integer x'", "'integer', name"]
)
def test_the_type_is_the_second_of_two_arguments(arguments: str) -> None:
    with pytest.raises(Refusal, match="a plain type as a constant"):
        plan(f"select pg_input_is_valid({arguments}) from customers", "postgres")


def _searches(configuration: str) -> dict[str, str]:
    """A call of every function that takes a configuration in front of what it searches."""
    after = {
        "to_tsvector": "name", "to_tsquery": "name", "plainto_tsquery": "name", "phraseto_tsquery": "name",
        "websearch_to_tsquery": "name", "ts_headline": "name, to_tsquery('a')",
        "json_to_tsvector": """'{}'::json, '"all"'""", "jsonb_to_tsvector": """'{}'::jsonb, '"all"'""",
    }  # fmt: skip
    return {
        name: f"select {name}({configuration}{rest}) from customers" for name, rest in after.items()
    }


@pytest.mark.parametrize("name", _searches(""))
def test_a_search_takes_only_a_configuration_that_postgresql_ships(name: str) -> None:
    for configuration in ("", "'simple', ", "'English', ", "('pg_catalog.english'), "):
        plan(_searches(configuration)[name], "postgres")
    for configuration in ("'mine', ", "'sales.english', ", "'', "):
        with pytest.raises(Refusal, match="configuration that PostgreSQL ships") as refused:
            plan(_searches(configuration)[name], "postgres")
        assert refused.value.code == "function_not_allowed"


def test_every_configuration_that_postgresql_ships_is_taken(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        shipped = [name for (name,) in connection.execute("SELECT cfgname FROM pg_ts_config")]

    assert len(shipped) > 25
    for name in shipped:
        plan(f"select to_tsvector('{name}', name) from customers", "postgres")


AGGREGATES = ("aggregate", "array_aggr", "array_aggregate", "list_aggr", "list_aggregate")


@pytest.mark.parametrize("name", AGGREGATES)
def test_a_list_is_aggregated_by_a_listed_aggregate_alone(name: str) -> None:
    plan(f"select {name}([id, 2], 'sum') from customers")
    for chosen in ("", ", 'upper'", ", 'nothing'", ", name", ", 'su' || 'm'", ", country, 'sum'"):
        with pytest.raises(Refusal, match="listed aggregate as a constant") as refused:
            plan(f"select {name}([id, 2]{chosen}) from customers")
        assert refused.value.code == "function_not_allowed"


@pytest.mark.parametrize("kind", ["tsvector", "tsquery", "jsonpath", "cidr", "macaddr", "macaddr8", "bit varying",
                                  "box", "circle", "line", "lseg", "path"])  # fmt: skip
def test_a_cast_to_a_type_by_name_is_the_built_in_one(postgres_url: str, kind: str) -> None:
    made = plan(f"select cast(null as {kind}) as x", "postgres")

    with psycopg.connect(postgres_url) as connection:
        assert connection.execute(made.sql.encode()).fetchall() == [(None,)]


@pytest.mark.parametrize(
    "kind", ["regclass", "regconfig", "regrole", "sales.orders", "mood", "xid", "pg_lsn", "aclitem"]
)
def test_a_cast_to_a_type_that_looks_things_up_or_is_unknown_is_refused(kind: str) -> None:
    with pytest.raises(Refusal) as refused:
        plan(f"select cast('1' as {kind})", "postgres")

    assert refused.value.code == "unsupported"


@pytest.mark.parametrize(
    "sql",
    [
        "select b'101'::bit varying as a, '101'::bit varying(2) as b, cast('1' as bit varying) as c, x'1F' as d",
        "select varying, bit from (select 1 as varying, 2 as bit) as x",
    ],
)
def test_bits_are_read_as_postgresql_reads_them(
    postgres_company: PostgresCompany, sql: str
) -> None:
    assert postgres_company.answer(sql) == postgres_company.truth(sql)


def test_bits_hold_nothing_else() -> None:
    with pytest.raises(Refusal):
        plan("select b'1'' or 1=1'", "postgres")
