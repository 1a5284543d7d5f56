"""TPC-DS: its rows, what Alice may see of them, and the tables cut down by hand to just that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from access.policies.policy import ColumnFact, GrantRule, Mask, TablePolicy
from tests.access.sql.standards.suites import Drawing, Row, Suite

SUITE = Suite("tpcds")
Facts = Callable[[str], tuple[ColumnFact, ...]]

_FIRST_DAY = date(1998, 1, 1)
_FIRST_KEY = 2450815
_DAYS = 1826
_SMALL = {
    "call_center": 4, "catalog_page": 8, "household_demographics": 40, "income_band": 5, "promotion": 12,
    "reason": 6, "ship_mode": 6, "store": 5, "warehouse": 3, "web_page": 6, "web_site": 3,
}  # fmt: skip
_TARGETS = {
    "date_sk": "date_dim", "time_sk": "time_dim", "item_sk": "item", "customer_sk": "customer",
    "cdemo_sk": "customer_demographics", "hdemo_sk": "household_demographics", "addr_sk": "customer_address",
    "store_sk": "store", "promo_sk": "promotion", "warehouse_sk": "warehouse", "ship_mode_sk": "ship_mode",
    "reason_sk": "reason", "call_center_sk": "call_center", "catalog_page_sk": "catalog_page",
    "web_page_sk": "web_page", "web_site_sk": "web_site", "income_band_sk": "income_band",
}  # fmt: skip


def rows(scale: int) -> Drawing:
    """The suite's rows; the facts have `scale` times the least number."""
    drawing = Drawing(SUITE, _FIRST_DAY, _DAYS)
    drawing.draw("date_dim", _DAYS, _date)
    drawing.draw("time_dim", 288, lambda n: _time(drawing, n))
    for table, size in _SMALL.items():
        drawing.draw(table, size, lambda n, table=table: _dimension(drawing, table, n))  # type: ignore[misc]
    drawing.draw("item", 60, lambda n: _item(drawing, n))
    drawing.draw("customer_address", 60, lambda n: _dimension(drawing, "customer_address", n))
    drawing.draw(
        "customer_demographics", 80, lambda n: _dimension(drawing, "customer_demographics", n)
    )
    drawing.draw("customer", 100, lambda n: _customer(drawing, n))
    drawing.draw("inventory", 3000 * scale, lambda n: _stock(drawing))
    drawing.draw("store_sales", 3600 * scale, lambda n: _sale(drawing, "ss", "store_sales", n))
    drawing.draw("store_returns", 700 * scale, lambda n: _store_return(drawing))
    drawing.draw("catalog_sales", 2400 * scale, lambda n: _catalog_sale(drawing, n))
    drawing.draw("catalog_returns", 500 * scale, lambda n: _return(drawing, "cr", "cs"))
    drawing.draw("web_sales", 2400 * scale, lambda n: _sale(drawing, "ws", "web_sales", n))
    drawing.draw("web_returns", 500 * scale, lambda n: _return(drawing, "wr", "ws"))
    return drawing


# --- Dimensions


def _date(number: int) -> Row:
    day = _FIRST_DAY + timedelta(days=number - 1)
    quarter = (day.month - 1) // 3
    return {
        "d_date_sk": _FIRST_KEY + number - 1,
        "d_date_id": f"D{number:08}",
        "d_date": day,
        "d_month_seq": (day.year - 1900) * 12 + day.month - 1,
        "d_week_seq": 5113 + (number + 3) // 7,
        "d_quarter_seq": (day.year - 1900) * 4 + quarter,
        "d_year": day.year,
        "d_fy_year": day.year,
        "d_dow": day.isoweekday() % 7,
        "d_moy": day.month,
        "d_dom": day.day,
        "d_qoy": quarter + 1,
        "d_day_name": day.strftime("%A"),
        "d_quarter_name": f"{day.year}Q{quarter + 1}",
    }


def _time(drawing: Drawing, number: int) -> Row:
    second = (number - 1) * 300
    return {
        "t_time_sk": second,
        "t_time": second,
        "t_hour": second // 3600,
        "t_minute": second // 60 % 60,
        "t_second": 0,
        "t_am_pm": "AM" if second < 43200 else "PM",
        "t_meal_time": drawing.one_of("breakfast", "lunch", "dinner", ""),
    }


def _dimension(drawing: Drawing, table: str, number: int) -> Row:
    """A row of a dimension: its own key in its first column, a readable id in the second, links where names say so."""
    columns = list(SUITE.tables[table])
    row: Row = {columns[0]: number, columns[1]: f"{table[:2].upper()}{(number + 1) // 2:08}"}
    if not columns[1].endswith("_id"):
        del row[columns[1]]
    links = {
        column: _link(drawing, column) for column in columns[1:] if _target(column) in drawing.rows
    }
    texts = {column: "0" * 5 for column in columns if column.endswith("zip")}
    return {**row, **links, **{column: _zip(drawing, column) for column in texts}}


def _zip(drawing: Drawing, column: str) -> str:
    return str(drawing.one_of("24128", "76232", "85669", "86197", "35576", "30903", "80348"))


def _target(column: str) -> str:
    return next((table for end, table in _TARGETS.items() if column.endswith(end)), "")


def _link(drawing: Drawing, column: str) -> Any:
    table = _target(column)
    if table == "date_dim":
        return _FIRST_KEY + min(max((drawing.day() - _FIRST_DAY).days, 0), _DAYS - 1)
    return drawing.pick(table)[next(iter(SUITE.tables[table]))]


def _item(drawing: Drawing, number: int) -> Row:
    brand, kind, category = (drawing.chance.randint(1, most) for most in (3, 3, 2))
    return {
        **_dimension(drawing, "item", number),
        "i_item_id": f"IT{number:08}",
        "i_brand_id": brand,
        "i_class_id": kind,
        "i_category_id": category,
        "i_brand": drawing.value("i_brand", "text"),
        "i_manufact_id": drawing.value("i_manufact_id", "bigint"),
        "i_current_price": drawing.money(100),
        "i_wholesale_cost": drawing.money(80),
        "i_product_name": f"product {number}",
    }


def _customer(drawing: Drawing, number: int) -> Row:
    return {
        **_dimension(drawing, "customer", number),
        "c_customer_id": f"CU{number:08}",
        "c_current_addr_sk": drawing.chance.randint(1, 60),
        "c_first_name": drawing.sometimes(f"First{number % 40}"),
        "c_last_name": drawing.sometimes(f"Last{number % 30}"),
        "c_birth_year": drawing.chance.randint(1940, 1990),
        "c_email_address": f"user{number}@mail{number % 4}.example",
        "c_birth_country": drawing.one_of("UNITED STATES", "FRANCE", "PERU", "NORFOLK ISLAND"),
    }


# --- Facts


def _stock(drawing: Drawing) -> Row:
    return {
        # Stock is counted on Thursdays.
        "inv_date_sk": _link(drawing, "date_sk") // 7 * 7 + 4,
        "inv_item_sk": _link(drawing, "item_sk"),
        "inv_warehouse_sk": _link(drawing, "warehouse_sk"),
        "inv_quantity_on_hand": drawing.sometimes(drawing.chance.randint(0, 500)),
    }


def _sale(drawing: Drawing, prefix: str, table: str, number: int) -> Row:
    row = {
        column: drawing.sometimes(_link(drawing, column))
        for column in SUITE.tables[table]
        if _target(column)
    }
    row[f"{prefix}_item_sk"] = _link(drawing, "item_sk")
    row[f"{prefix}_ship_date_sk"] = (
        row[f"{prefix}_sold_date_sk"] or _FIRST_KEY
    ) + drawing.chance.randint(1, 130)
    row[f"{prefix}_quantity"] = drawing.sometimes(drawing.chance.randint(1, 100))
    row[f"{prefix}_ticket_number"] = row[f"{prefix}_order_number"] = (number + 2) // 3
    row[f"{prefix}_net_profit"] = drawing.money(600) - 250
    return row


def _catalog_sale(drawing: Drawing, number: int) -> Row:
    """Every third sale goes to somebody who brought the same thing back to a store before."""
    row = _sale(drawing, "cs", "catalog_sales", number)
    if number % 3 == 0:
        returned = drawing.pick("store_returns")
        row["cs_item_sk"] = returned["sr_item_sk"]
        row["cs_bill_customer_sk"] = returned["sr_customer_sk"]
        row["cs_sold_date_sk"] = returned["sr_returned_date_sk"] + drawing.chance.randint(0, 60)
    return row


def _store_return(drawing: Drawing) -> Row:
    sold = drawing.pick("store_sales")
    return {
        **{
            column: _link(drawing, column)
            for column in SUITE.tables["store_returns"]
            if _target(column)
        },
        "sr_item_sk": sold["ss_item_sk"],
        "sr_customer_sk": sold["ss_customer_sk"],
        "sr_ticket_number": sold["ss_ticket_number"],
        "sr_store_sk": sold["ss_store_sk"],
        "sr_returned_date_sk": (sold["ss_sold_date_sk"] or _FIRST_KEY)
        + drawing.chance.randint(1, 100),
        "sr_return_quantity": drawing.chance.randint(1, 50),
    }


def _return(drawing: Drawing, prefix: str, sale: str) -> Row:
    sold = drawing.pick({"cs": "catalog_sales", "ws": "web_sales"}[sale])
    table = {"cr": "catalog_returns", "wr": "web_returns"}[prefix]
    return {
        **{
            column: drawing.sometimes(_link(drawing, column))
            for column in SUITE.tables[table]
            if _target(column)
        },
        f"{prefix}_item_sk": sold[f"{sale}_item_sk"],
        f"{prefix}_order_number": sold[f"{sale}_order_number"],
        f"{prefix}_returning_customer_sk": sold[f"{sale}_bill_customer_sk"],
        f"{prefix}_returned_date_sk": (sold[f"{sale}_sold_date_sk"] or _FIRST_KEY)
        + drawing.chance.randint(1, 60),
        f"{prefix}_return_quantity": drawing.chance.randint(1, 50),
    }


# --- What Alice may see

ENTITLEMENTS = (
    "grantee text, key bigint",
    [("alice", 1), ("alice", 2), ("alice", 4), ("alice", 5), ("bob", 3)],
)
_HIDDEN_COSTS = frozenset({"ws_net_profit", "ws_ext_wholesale_cost"})


def policies(facts: Facts) -> dict[str, TablePolicy]:
    """Masks, literal and entitlement row filters, and grants that differ in columns and rows."""
    entitled = "IN (SELECT key FROM entitlements WHERE grantee = :principal)"
    most = frozenset(column for column in SUITE.tables["web_sales"] if column not in _HIDDEN_COSTS)
    ruled = {
        "customer": {
            "masks": {
                "c_email_address": Mask("email"),
                "c_login": Mask("hash"),
                "c_birth_day": Mask("null_value"),
            },
            "rows": "c_birth_country <> 'NORFOLK ISLAND'",
        },
        "customer_address": {
            "masks": {"ca_street_name": Mask("redact"), "ca_street_number": Mask("partial")}
        },
        "store_sales": {
            "masks": {"ss_wholesale_cost": Mask("round")},
            "rows": f"ss_store_sk IS NULL OR ss_store_sk {entitled}",
        },
        "store_returns": {"rows": f"sr_store_sk {entitled}"},
        "item": {"masks": {"i_item_desc": Mask("redact")}, "rows": "i_item_sk % 9 <> 0"},
        "inventory": {"rows": f"inv_warehouse_sk {entitled}"},
        "catalog_sales": {"rows": "cs_quantity <= 90"},
        "catalog_returns": {
            "grants": (
                GrantRule(1, rows="cr_return_quantity < 20"),
                GrantRule(2, rows="cr_return_quantity > 25"),
            )
        },
        "web_sales": {"grants": (GrantRule(1, most), GrantRule(2, None, rows="ws_quantity > 20"))},
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
    "customer": (
        {
            "c_email_address": "substr(c_email_address, 1, 1) || '***@' || split_part(c_email_address, '@', 2)",
            "c_login": "{hashed(c_login)}",
            "c_birth_day": "cast(null as bigint)",
        },
        "c_birth_country <> 'NORFOLK ISLAND'",
    ),
    "customer_address": (
        {
            "ca_street_name": "'REDACTED'",
            "ca_street_number": """case when length(ca_street_number) > 8
                then '****' || substr(ca_street_number, length(ca_street_number) - 3) else '****' end""",
        },
        "true",
    ),
    "store_sales": (
        {"ss_wholesale_cost": "cast(trunc(ss_wholesale_cost / 100) * 100 as decimal(7,2))"},
        "ss_store_sk is null or ss_store_sk <> 3",
    ),
    "store_returns": ({}, "sr_store_sk <> 3"),
    "item": ({"i_item_desc": "'REDACTED'"}, "i_item_sk % 9 <> 0"),
    "inventory": ({}, "inv_warehouse_sk <> 3"),
    "catalog_sales": ({}, "cs_quantity <= 90"),
    "catalog_returns": ({}, "cr_return_quantity < 20 or cr_return_quantity > 25"),
    "web_sales": (
        {
            column: f"case when ws_quantity > 20 then {column} end"
            for column in sorted(_HIDDEN_COSTS)
        },
        "true",
    ),
}
