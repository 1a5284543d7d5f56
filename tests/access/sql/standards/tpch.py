"""TPC-H: its rows, what Alice may see of them, and the tables cut down by hand to just that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from access.policies.policy import ColumnFact, GrantRule, Mask, TablePolicy
from tests.access.sql.standards.suites import Drawing, Row, Suite

SUITE = Suite("tpch")
Facts = Callable[[str], tuple[ColumnFact, ...]]

_REGIONS = ("AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST")
_NATIONS = {
    "ALGERIA": 0, "ARGENTINA": 1, "BRAZIL": 1, "CANADA": 1, "EGYPT": 4, "ETHIOPIA": 0, "FRANCE": 3, "GERMANY": 3,
    "INDIA": 2, "INDONESIA": 2, "IRAN": 4, "IRAQ": 4, "JAPAN": 2, "JORDAN": 4, "KENYA": 0, "MOROCCO": 0,
    "MOZAMBIQUE": 0, "PERU": 1, "CHINA": 2, "ROMANIA": 3, "SAUDI ARABIA": 4, "VIETNAM": 2, "RUSSIA": 3,
    "UNITED KINGDOM": 3, "UNITED STATES": 1,
}  # fmt: skip


def rows(scale: int) -> Drawing:
    """The suite's rows; every table that grows has `scale` times the least number."""
    drawing = Drawing(SUITE, date(1992, 1, 1), 2400)
    names = list(_NATIONS)
    drawing.draw("region", 5, lambda n: {"r_regionkey": n - 1, "r_name": _REGIONS[n - 1]})
    drawing.draw("nation", 25, lambda n: _nation(n - 1, names[n - 1]))
    drawing.draw("supplier", 40 * scale, lambda n: _supplier(drawing, n))
    drawing.draw("customer", 150 * scale, lambda n: _customer(drawing, n))
    drawing.draw("part", 120 * scale, lambda n: _part(drawing, n))
    drawing.draw("partsupp", 480 * scale, lambda n: _partsupp(drawing, n, 120 * scale, 40 * scale))
    drawing.draw("orders", 900 * scale, lambda n: _order(drawing, n))
    drawing.draw("lineitem", 3600 * scale, lambda n: _line(drawing, n))
    return drawing


def _nation(key: int, name: str) -> Row:
    return {"n_nationkey": key, "n_name": name, "n_regionkey": _NATIONS[name]}


def _supplier(drawing: Drawing, number: int) -> Row:
    comment = "Customer told of Complaints" if number % 7 == 0 else "steady"
    return {
        "s_suppkey": number,
        "s_name": f"Supplier#{number:09}",
        "s_nationkey": drawing.chance.randrange(25),
        "s_comment": comment,
    }


def _customer(drawing: Drawing, number: int) -> Row:
    return {
        "c_custkey": number,
        "c_name": f"Customer#{number:09}",
        "c_nationkey": drawing.chance.randrange(25),
        "c_phone": f"{drawing.one_of(13, 31, 23, 29, 30, 18, 17, 11)}-{number:07}",
        "c_acctbal": drawing.money(9000) - 900,
    }


def _part(drawing: Drawing, number: int) -> Row:
    return {
        "p_partkey": number,
        "p_name": f"{drawing.one_of('forest', 'green', 'dark green', 'azure')} {number}",
        "p_type": drawing.one_of(
            "LARGE BRASS",
            "ECONOMY ANODIZED STEEL",
            "PROMO TIN",
            "MEDIUM POLISHED TIN",
            "SMALL BRASS",
        ),
    }


def _partsupp(drawing: Drawing, number: int, n_parts: int, n_suppliers: int) -> Row:
    part, turn = (number - 1) % n_parts + 1, (number - 1) // n_parts
    return {
        "ps_partkey": part,
        "ps_suppkey": (part + turn * 7) % n_suppliers + 1,
        "ps_availqty": drawing.chance.randint(1, 9999),
    }


def _order(drawing: Drawing, number: int) -> Row:
    # A third of the customers never order, as the standard has it; one question is about them.
    customers = [row["c_custkey"] for row in drawing.rows["customer"] if row["c_custkey"] % 3]
    return {
        "o_orderkey": number,
        "o_custkey": drawing.chance.choice(customers),
        "o_orderstatus": drawing.one_of("F", "O", "P"),
        "o_totalprice": drawing.money(400_000),
        "o_comment": drawing.one_of("special packages and requests", "pending", "ironic"),
    }


def _line(drawing: Drawing, number: int) -> Row:
    order = drawing.rows["orders"][
        number % 13 * 7 % 900 if number % 5 == 0 else (number // 4) % 900
    ]
    offered = drawing.pick("partsupp")
    shipped = order["o_orderdate"] + timedelta(days=drawing.chance.randint(1, 120))
    return {
        "l_orderkey": order["o_orderkey"],
        "l_partkey": offered["ps_partkey"],
        "l_suppkey": offered["ps_suppkey"],
        "l_linenumber": number,
        "l_quantity": drawing.chance.randint(1, 50),
        "l_extendedprice": drawing.money(90_000),
        "l_discount": Decimal(drawing.chance.randint(0, 10)) / 100,
        "l_tax": Decimal(drawing.chance.randint(0, 8)) / 100,
        "l_returnflag": drawing.one_of("R", "A", "N"),
        "l_linestatus": drawing.one_of("O", "F"),
        "l_shipdate": shipped,
        "l_commitdate": order["o_orderdate"] + timedelta(days=drawing.chance.randint(30, 90)),
        "l_receiptdate": shipped + timedelta(days=drawing.chance.randint(1, 30)),
    }


ENTITLEMENTS = (
    "grantee text, key bigint",
    [("alice", key) for key in range(1, 100_000) if key % 5] + [("bob", 5)],
)


def policies(facts: Facts) -> dict[str, TablePolicy]:
    """Masks, a literal and an entitlement row filter, and two grants that differ in columns and rows."""
    ruled = {
        "supplier": {
            "masks": {"s_phone": Mask("redact"), "s_address": Mask("partial")},
            "rows": "s_suppkey % 9 <> 0",
        },
        "customer": {
            "masks": {"c_name": Mask("hash"), "c_acctbal": Mask("round")},
            "rows": "c_custkey IN (SELECT key FROM entitlements WHERE grantee = :principal)",
        },
        "orders": {
            "masks": {"o_clerk": Mask("redact")},
            "rows": "o_custkey IN (SELECT key FROM entitlements WHERE grantee = :principal)",
        },
        "lineitem": {"masks": {"l_comment": Mask("null_value")}, "rows": "l_quantity < 49"},
        "partsupp": {
            "grants": (
                GrantRule(1, frozenset({"ps_partkey", "ps_suppkey", "ps_supplycost"})),
                GrantRule(2, None, rows="ps_availqty > 1000"),
            )
        },
    }
    return {
        table: TablePolicy(
            f"w.s.{table}",
            "s",
            table,
            facts(table),
            **{"grants": (GrantRule(1),), **ruled.get(table, {})},
        )  # type: ignore[arg-type]
        for table in SUITE.tables
    }


COPY = {
    "supplier": (
        {
            "s_phone": "'REDACTED'",
            "s_address": """case when length(s_address) > 8
                then '****' || substr(s_address, length(s_address) - 3) else '****' end""",
        },
        "s_suppkey % 9 <> 0",
    ),
    "customer": (
        {
            "c_name": "{hashed(c_name)}",
            "c_acctbal": "cast(trunc(c_acctbal / 100) * 100 as decimal(15,2))",
        },
        "c_custkey % 5 <> 0",
    ),
    "orders": ({"o_clerk": "'REDACTED'"}, "o_custkey % 5 <> 0"),
    "lineitem": ({"l_comment": "cast(null as text)"}, "l_quantity < 49"),
    "partsupp": (
        {
            "ps_availqty": "case when ps_availqty > 1000 then ps_availqty end",
            "ps_comment": "case when ps_availqty > 1000 then ps_comment end",
        },
        "true",
    ),
}
