"""A synthetic company for the benchmarks, the same on every run: datasets in SQL, described by words that repeat as
words do.

The tables are written by PostgreSQL itself, since what is measured is reading.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

NOUNS = """
account address agent asset basket batch bill booking branch budget campaign capacity carrier
channel charge  churn claim click clinic cohort company contact contract coupon course credit
customer day deal debit delivery  demand department device discount district driver email
employee energy engine event expense experiment  facility feature fee fleet flight forecast
freight fund fuel goal grant guest hotel hour household image impact  income index industry
inventory invoice issue item job journal journey key kitchen label lead lease ledger  lesson
lifetime loan location login loyalty machine mail margin market material member merchant message
meter  metric mobile model month mortgage movie network node note notification offer office
operator opportunity order  outlet package page partner party passenger patient payment payroll
penalty period person phone pipeline plan  plant platform player policy portfolio premium price
product profile profit project promotion property provider  purchase quality quantity query
queue quota quote rate rating reading recipe record refund region register  rental repair report
request reservation resource return revenue review reward risk room route salary sale  sample
schedule score screen search season segment sensor service session shift shipment shop signal
site  sku source spend staff station statement status step stock store stream student subscriber
subscription supplier  supply survey system target task tax team tenant terminal test ticket
title token tour track trade traffic  train transaction transfer transport travel trial trip
unit upload usage user vacancy value vehicle vendor  version video view visit visitor voucher
wage warehouse warranty weather week weight wholesale worker yield zone
""".split()  # noqa: SIM905 - a list of quoted words would be three pages long
LAYERS = ("raw", "staging", "core", "marts", "reporting", "sandbox")
SHAPES = ("fct", "dim", "stg", "agg", "daily", "monthly", "hist", "current")


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database of our own, migrated and empty; the one the settings name is left alone."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def zipf(generator: random.Random, words: tuple[str, ...] | list[str], n: int) -> list[str]:
    """Words drawn so that the first ones are common and the last ones rare."""
    weights = [1 / (rank + 8) for rank in range(len(words))]
    return generator.choices(words, weights=weights, k=n)


def make_datasets(
    n: int, *, hidden: float = 0.2, with_columns: bool = True, seed: int = 7
) -> list[tuple[str, str, str]]:
    """Writes `n` datasets, with eight columns each; gives (name, description, visibility) of each, in order of key."""
    generator = random.Random(seed)
    rows = [_row(generator, number, hidden) for number in range(n)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_warehouse (name, url, manage, engine, created_at) "
            "VALUES ('wh', 'duckdb:////nowhere', '', 'duckdb', now()) RETURNING id"
        )
        warehouse = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO catalog_domain (name, title, description) "
            "SELECT 'domain' || n, '', '' FROM generate_series(0, 24) AS n"
        )
        cursor.execute("SELECT array_agg(id ORDER BY id) FROM catalog_domain")
        domains = cursor.fetchone()[0]
        columns = (
            "warehouse_id, schema_name, table_name, identity, name, description, visibility, popularity, domain_id, "
            "tags, kind, definition, title, sensitivity, deprecation_note, freshness_column, schema_version, "
            "created_at, updated_at, search_names"
        )
        with cursor.copy(f"COPY catalog_dataset ({columns}) FROM STDIN") as copy:
            for schema, table, description, visibility, popularity, domain, tag in rows:
                identity = f"{schema}.{table}"
                copy.write_row(
                    (warehouse, schema, table, identity, f"wh.{identity}", description, visibility, popularity,
                     domains[domain], [tag], "table", "", "", "internal", "", "", 1, "2026-01-01", "2026-01-01", [])
                )  # fmt: skip
        if with_columns:
            _make_columns(cursor, generator)
        cursor.execute("SELECT name, description, visibility FROM catalog_dataset ORDER BY id")
        return list(cursor.fetchall())


def _row(
    generator: random.Random, number: int, hidden: float
) -> tuple[str, str, str, str, int, int, str]:
    schema = f"{generator.choice(LAYERS)}_{generator.choice(NOUNS[:40])}"
    table = "_".join([generator.choice(SHAPES), *zipf(generator, NOUNS, 2), str(number)])
    description = " ".join(zipf(generator, NOUNS, 14)).capitalize() + "."
    visibility = "hidden" if generator.random() < hidden else "listed"
    popularity = int(generator.paretovariate(1.1)) - 1
    return (
        schema,
        table,
        description,
        visibility,
        popularity,
        generator.randrange(25),
        generator.choice(NOUNS[:60]),
    )


def _make_columns(cursor: Any, generator: random.Random) -> None:
    names = ["_".join(zipf(generator, NOUNS, 2)) for _ in range(3_000)]
    cursor.execute(
        """
        INSERT INTO catalog_column (dataset_id, name, position, type, is_nullable, description, tags)
        SELECT d.id, (%s::text[])[1 + (d.id * 131 + n * 7919) %% 3000] || '_' || n, n, 'VARCHAR', true, '', '{}'
          FROM catalog_dataset AS d, generate_series(1, 8) AS n
        """,
        [names],
    )


def tidy() -> None:
    """Brings PostgreSQL's statistics and visibility maps up to date, as autovacuum does on a running portal."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
