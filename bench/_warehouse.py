"""A DuckDB warehouse of a shop in the shape of TPC-H, with masks and row filters on it, for measurements."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import duckdb

from access.clock import database_now
from access.models import ColumnMask, DatasetPolicy, Decision, Grant, Principal
from catalog.engines import engine_for
from catalog.models import Column, Dataset, Warehouse

N_LINES = 3_000_000
BUILD = f"""
    CREATE SCHEMA shop;
    CREATE TABLE shop.customer AS SELECT i AS custkey, 'Customer ' || i AS name, 'c' || i || '@example.com' AS email,
        ['DE', 'FR', 'ES', 'IT', 'PL'][1 + i % 5] AS country, ['AUTO', 'HOME', 'TOYS'][1 + i % 3] AS segment,
        (hash(i) % 1000000 / 100.0)::DECIMAL(12, 2) AS balance FROM range({N_LINES} // 40) t(i);
    CREATE TABLE shop.orders AS SELECT i AS orderkey, (hash(i) % ({N_LINES} // 40))::BIGINT AS custkey,
        ['O', 'F', 'P'][1 + i % 3] AS status, DATE '2020-01-01' + (hash(i * 7) % 2400)::INTEGER AS ordered_on,
        ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-LOW'][1 + i % 4] AS priority,
        (hash(i * 3) % 40000000 / 100.0)::DECIMAL(12, 2) AS total FROM range({N_LINES} // 4) t(i);
    CREATE TABLE shop.lineitem AS SELECT i // 4 AS orderkey, (hash(i) % 20000)::BIGINT AS partkey,
        (1 + hash(i * 5) % 50)::INTEGER AS quantity, (hash(i * 11) % 10000000 / 100.0)::DECIMAL(12, 2) AS price,
        (hash(i * 13) % 11 / 100.0)::DECIMAL(4, 2) AS discount, ['A', 'N', 'R'][1 + i % 3] AS returnflag,
        DATE '2020-01-01' + (hash(i * 17) % 2500)::INTEGER AS shipped_on,
        ['AIR', 'RAIL', 'SHIP', 'TRUCK'][1 + i % 4] AS shipmode, 'note ' || (i % 1000) AS comment
        FROM range({N_LINES}) t(i);
    CREATE TABLE shop.territory AS SELECT unnest(['DE', 'FR', 'ES', 'IT']) AS country, 'analyst' AS person;
"""  # noqa: S608 - a constant of this module

# Questions in the manner of TPC-H 1, 3, 4, 5, 6, 10, 12, 13 and 18, over the tables above.
QUERIES = {
    "q1": """SELECT returnflag, sum(quantity) AS n, sum(price) AS gross, sum(price * (1 - discount)) AS net,
        avg(discount) AS mean, count(*) AS lines FROM shop.lineitem WHERE shipped_on <= DATE '2026-06-01'
        GROUP BY returnflag ORDER BY returnflag""",
    "q3": """SELECT l.orderkey, sum(l.price * (1 - l.discount)) AS revenue, o.ordered_on FROM shop.customer c
        JOIN shop.orders o ON c.custkey = o.custkey JOIN shop.lineitem l ON l.orderkey = o.orderkey
        WHERE c.segment = 'AUTO' AND o.ordered_on < DATE '2024-03-15' AND l.shipped_on > DATE '2024-03-15'
        GROUP BY l.orderkey, o.ordered_on ORDER BY revenue DESC, o.ordered_on LIMIT 10""",
    "q4": """SELECT priority, count(*) AS n FROM shop.orders o WHERE ordered_on >= DATE '2023-07-01'
        AND ordered_on < DATE '2023-10-01' AND EXISTS (SELECT 1 FROM shop.lineitem l
        WHERE l.orderkey = o.orderkey AND l.shipped_on > o.ordered_on) GROUP BY priority ORDER BY priority""",
    "q5": """SELECT c.country, sum(l.price * (1 - l.discount)) AS revenue FROM shop.customer c
        JOIN shop.orders o USING (custkey) JOIN shop.lineitem l USING (orderkey)
        WHERE o.ordered_on BETWEEN DATE '2024-01-01' AND DATE '2024-12-31'
        GROUP BY c.country ORDER BY revenue DESC""",
    "q6": """SELECT sum(price * discount) AS revenue FROM shop.lineitem WHERE shipped_on >= DATE '2024-01-01'
        AND shipped_on < DATE '2025-01-01' AND discount BETWEEN 0.05 AND 0.07 AND quantity < 24""",
    "q10": """SELECT c.custkey, c.name, c.email, sum(l.price) AS revenue FROM shop.customer c
        JOIN shop.orders o ON o.custkey = c.custkey JOIN shop.lineitem l ON l.orderkey = o.orderkey
        WHERE l.returnflag = 'R' AND o.ordered_on >= DATE '2023-10-01' AND o.ordered_on < DATE '2024-01-01'
        GROUP BY c.custkey, c.name, c.email ORDER BY revenue DESC LIMIT 20""",
    "q12": """SELECT shipmode, sum(CASE WHEN priority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END) AS high
        FROM shop.orders o JOIN shop.lineitem l ON o.orderkey = l.orderkey
        WHERE shipmode IN ('AIR', 'SHIP') GROUP BY shipmode ORDER BY shipmode""",
    "q13": """SELECT n_orders, count(*) AS n FROM (SELECT c.custkey, count(o.orderkey) AS n_orders
        FROM shop.customer c LEFT JOIN shop.orders o ON c.custkey = o.custkey GROUP BY c.custkey) AS per_customer
        GROUP BY n_orders ORDER BY n DESC, n_orders DESC""",
    "q18": """WITH big AS (SELECT orderkey FROM shop.lineitem GROUP BY orderkey HAVING sum(quantity) > 150)
        SELECT c.name, o.orderkey, o.total FROM shop.customer c JOIN shop.orders o ON c.custkey = o.custkey
        WHERE o.orderkey IN (SELECT orderkey FROM big) ORDER BY o.total DESC LIMIT 100""",
}

LITERAL = {
    "customer": "country <> 'PL'",
    "orders": "status <> 'P'",
    "lineitem": "shipmode <> 'RAIL'",
}
ENTITLEMENT = {
    "customer": "country IN (SELECT t.country FROM shop.territory t WHERE t.person = :principal)",
    "orders": "status IN ('O', 'F')",
}
MASKS = {"customer": {"email": "email", "name": "partial"}, "lineitem": {"comment": "redact"}}


def build() -> Warehouse:
    """The warehouse, described in the catalog; made once per run, in the scratch home."""
    if found := Warehouse.objects.filter(name="shop").first():
        return found
    path = Path(os.environ["PORTAL_HOME"]) / "measured.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(BUILD).fetchall()
    warehouse = Warehouse.objects.create(name="shop", url=f"duckdb:///{path}", engine="duckdb")
    for relation in engine_for(warehouse.url).describe():
        dataset = Dataset.objects.create(
            warehouse=warehouse,
            schema_name=relation.schema,
            table_name=relation.name,
            identity=f"{relation.schema}.{relation.name}",
            name=f"shop.{relation.schema}.{relation.name}",
            schema_version=1,
        )
        Column.objects.bulk_create(
            Column(dataset=dataset, name=column.name, type=column.type, position=position)
            for position, column in enumerate(relation.columns, 1)
        )
        _mask(dataset)
    return warehouse


def _mask(dataset: Dataset) -> None:
    policy = DatasetPolicy.objects.create(dataset=dataset)
    for column, kind in MASKS.get(dataset.table_name, {}).items():
        ColumnMask.objects.create(policy=policy, column_name=column, kind=kind)


def reader(warehouse: Warehouse, username: str, rows: dict[str, str]) -> Principal:
    """A person with a grant on every table, under these row filters."""
    person = Principal.objects.create(username=username)
    now = database_now()
    for dataset in Dataset.objects.filter(warehouse=warehouse):
        filter_ = rows.get(dataset.table_name, "")
        decision = Decision.objects.create(
            kind="configuration", approves=True, rows=filter_, duration=timedelta(days=30), decided_at=now
        )  # fmt: skip
        Grant.objects.create(
            principal=person,
            dataset=dataset,
            decision=decision,
            purpose="Measuring",
            rows=filter_,
            starts_at=now,
            expires_at=now + timedelta(days=29),
            created_at=now,
        )
    return person
