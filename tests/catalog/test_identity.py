"""Identity: one physical table is one dataset, however its name is spelled and whoever says it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import identity
from catalog.errors import AliasTaken
from catalog.models import AliasKind, Dataset, QuarantinedName, Source, Warehouse
from tests.catalog.contents import LATER, NOW

ENGINES = st.sampled_from(["duckdb", "postgresql"])
NAMES = st.text(min_size=1, max_size=12)


def make(
    name: str = "wh",
    schema: str = "main",
    table: str = "orders",
    engine: str = "duckdb",
    url: str = "",
) -> Dataset:
    warehouse, _ = Warehouse.objects.get_or_create(
        name=name, defaults={"url": url or f"{engine}:///nowhere/{name}", "engine": engine}
    )
    return identity.ensure_dataset(warehouse, schema, table, source=Source.WAREHOUSE, now=NOW)[0]


@settings(deadline=None)
@given(ENGINES, NAMES, NAMES, NAMES, NAMES)
def test_two_tables_never_share_an_identity(
    engine: str, schema: str, table: str, other_schema: str, other_table: str
) -> None:
    one = identity.identity_of(engine, schema, table)
    other = identity.identity_of(engine, other_schema, other_table)

    same = [identity.fold(engine, part) for part in (schema, table)] == [
        identity.fold(engine, part) for part in (other_schema, other_table)
    ]
    assert (one == other) == same


@settings(deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4))
def test_a_dotted_name_reads_back_as_its_parts(parts: list[str]) -> None:
    read = [part for part, _ in identity.parts_of(identity.dotted(*parts))]

    # A part that opens with a bracket or a backtick is no quoting of ours, and is read as other tools quote.
    if not any(part[0] in "`[" for part in parts):
        assert read == parts


@settings(deadline=None)
@given(NAMES, NAMES)
def test_duckdb_compares_a_to_z_without_case_and_nothing_else(schema: str, table: str) -> None:
    upper = "".join(letter.upper() if letter.isascii() else letter for letter in table)

    assert identity.identity_of("duckdb", schema, table) == identity.identity_of(
        "duckdb", schema, upper
    )


@pytest.mark.parametrize(
    ("engine", "relation", "expected"),
    [
        ("duckdb", '"Jaffle"."main"."Orders"', "jaffle.main.orders"),
        ("postgresql", '"shop"."public"."Orders"', "shop.public.Orders"),
        ("postgresql", "Shop.Public.Orders", "shop.public.orders"),
        ("postgresql", '"a.b"."c""d".e', '"a.b"."c""d".e'),
        ("duckdb", "`p`.`d`.`T`", "p.d.t"),
        ("duckdb", "[db].[dbo].[T]", "db.dbo.t"),
    ],
)
def test_a_relation_has_one_normalised_spelling(engine: str, relation: str, expected: str) -> None:
    assert identity.normalised_relation(engine, relation) == expected


@pytest.mark.django_db
def test_the_same_table_in_another_case_is_the_same_dataset_on_duckdb() -> None:
    first = make(table="Orders")

    again = make(table="ORDERS")

    assert again.pk == first.pk
    assert again.name == "wh.main.ORDERS"


@pytest.mark.django_db
def test_the_same_letters_in_another_case_are_two_tables_on_postgresql() -> None:
    assert make(engine="postgresql", table="Orders") != make(engine="postgresql", table="orders")


@pytest.mark.django_db
def test_only_the_warehouse_respells_a_dataset() -> None:
    dataset = make(table="Orders")

    identity.ensure_dataset(dataset.warehouse, "MAIN", "ORDERS", source=Source.DBT, now=LATER)

    dataset.refresh_from_db()
    assert dataset.name == "wh.main.Orders"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["wh.main.orders", "wh.MAIN.Orders"])
def test_a_dataset_is_found_by_its_name_as_the_engine_compares_it(name: str) -> None:
    dataset = make()

    assert identity.by_name(name) == dataset


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["wh.main.order", "other.main.orders", "orders", ""])
def test_no_other_name_finds_it(name: str) -> None:
    make()

    assert identity.by_name(name) is None


@pytest.mark.django_db
def test_an_alias_leads_to_one_dataset_only() -> None:
    first, second = make(), make(table="items")
    identity.learn_alias(first, AliasKind.DBT, "wh", "model.shop.orders")

    assert not identity.learn_alias(first, AliasKind.DBT, "wh", "model.shop.orders")
    with pytest.raises(AliasTaken, match=r"wh\.main\.orders"):
        identity.learn_alias(second, AliasKind.DBT, "wh", "model.shop.orders")


@pytest.mark.django_db
def test_an_openlineage_name_is_found_by_relation_and_then_learned() -> None:
    dataset = make(table="orders_v2")
    identity.learn_alias(dataset, AliasKind.RELATION, "wh", "shop.main.orders")

    found = identity.resolve_openlineage("duckdb:///any/where.duckdb", "shop.main.Orders")

    assert found == dataset
    assert dataset.aliases.filter(kind=AliasKind.OPENLINEAGE, value="shop.main.Orders").exists()


@pytest.mark.django_db
def test_an_openlineage_name_is_found_by_table_where_one_warehouse_has_it() -> None:
    dataset = make()

    assert identity.resolve_openlineage("duckdb:///srv/shop.duckdb", "shop.main.orders") == dataset


@pytest.mark.django_db
def test_a_table_in_two_warehouses_is_told_apart_by_their_address_or_not_at_all() -> None:
    make("one", url="duckdb:////data/one.duckdb")
    second = make("two", url="duckdb:////data/two.duckdb")

    assert identity.resolve_openlineage("duckdb:///data/two.duckdb", "x.main.orders") == second
    assert identity.resolve_openlineage("duckdb:///data/three.duckdb", "x.main.orders") is None


@pytest.mark.django_db
def test_a_postgresql_table_of_another_database_is_not_ours() -> None:
    dataset = make(
        "pg", "public", "users", "postgresql", "postgresql://reader:pw@db.example:5432/shop"
    )

    assert identity.resolve_openlineage("postgres://elsewhere:5432", "hr.public.users") is None
    assert identity.resolve_openlineage("postgres://proxy:5432", "shop.public.users") == dataset


@pytest.mark.django_db
@pytest.mark.parametrize("namespace", ["s3://bucket", "bigquery", "kafka://x:9092", ""])
def test_a_name_of_another_kind_of_system_is_not_guessed(namespace: str) -> None:
    make()

    assert identity.resolve_openlineage(namespace, "main.orders") is None


@pytest.mark.django_db
def test_a_name_waits_in_quarantine_until_its_table_appears() -> None:
    identity.quarantine("duckdb:///shop", "shop.main.orders", now=NOW)
    identity.quarantine("duckdb:///shop", "shop.main.orders", now=LATER)
    assert QuarantinedName.objects.get().n_seen == 2
    assert not identity.release_quarantined()
    dataset = make()

    released = identity.release_quarantined()

    assert [(waiting.name, found) for waiting, found in released] == [("shop.main.orders", dataset)]
    assert not QuarantinedName.objects.exists()
