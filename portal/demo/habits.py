"""Who reads what, how often and through which door: the evidence of use that the demo begins with.

Each reading is recorded as the gate records one: the query, an event of the audit, and the use credited to every grant that
allowed it at that moment. No query is run; how many rows came back is part of the habit.
"""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from access import usage
from access.audit.events import Kind, record
from access.models import Grant, Surface
from access.usage import Credit, Delivery
from portal.demo.timeline import Timeline

CLAUSES = {" where ": "filtered", " group by ": "grouped", " order by ": "ordered"}
NAMESPACE = uuid.UUID("6f0c3f0e-6a0f-4d7e-9d0b-7a3f5b6c1d2e")


@dataclass(frozen=True)
class Habit:
    """Somebody reads `columns` of `what` every `every` days, from `first` to `last` days ago."""

    who: str
    what: str
    columns: tuple[str, ...]
    sql: str
    surface: Surface
    every: int
    rows: int
    first: int = 58
    last: int = 1
    at: str = "10:05"

    @property
    def days(self) -> list[int]:
        """The days of reading, as days ago: every so often in the last six weeks, half as often before."""
        days, found = self.first, []
        while days >= self.last:
            found.append(days)
            days -= self.every * (2 if days > 42 and self.first > 50 else 1)
        return found


def _columns(words: str) -> tuple[str, ...]:
    return tuple(words.split())


SALES = Habit(
    "ines",
    "commerce.daily_sales",
    _columns("day country channel n_orders net_revenue"),
    "select date_trunc('week', day) as week, channel, sum(net_revenue) from daily_sales group by all",
    Surface.DASHBOARD,
    every=3,
    rows=156,
    at="08:55",
)
FUNNEL = Habit(
    "ines",
    "commerce.web_funnel",
    _columns("day country n_sessions n_orders"),
    "select sum(n_orders) / sum(n_sessions) from web_funnel",
    Surface.DASHBOARD,
    every=6,
    rows=1,
    at="08:56",
)
CARE = Habit(
    "nora",
    "operations.service_daily",
    _columns("day country topic n_tickets average_minutes_to_reply average_satisfaction"),
    "select date_trunc('week', day) as week, topic, sum(n_tickets) from service_daily group by all",
    Surface.DASHBOARD,
    every=4,
    rows=175,
    at="09:10",
)
TERRITORY = Habit(
    "jonas",
    "commerce.customers",
    _columns("customer_id first_name last_name email phone country loyalty_tier last_order_on"),
    "select * from customers where loyalty_tier = 'summit' order by last_order_on",
    Surface.WORKBENCH,
    every=3,
    rows=1840,
    at="11:20",
)
TICKETS = Habit(
    "ola",
    "operations.service_tickets",
    _columns("ticket_id customer_name topic message opened_at is_open agent"),
    "select * from service_tickets where is_open order by opened_at",
    Surface.WORKBENCH,
    every=2,
    rows=120,
    at="07:45",
)
PARCELS = Habit(
    "sofia",
    "operations.deliveries",
    _columns("carrier promised_on outcome to_country freight_cost"),
    "select carrier, avg((outcome = 'late')::int) from deliveries group by carrier",
    Surface.DASHBOARD,
    every=3,
    rows=130,
    at="06:50",
)
STOCK = Habit(
    "sofia",
    "operations.stock_levels",
    _columns("product_name location_name on_hand reorder_point needs_order company_units_per_week"),
    "select * from stock_levels where needs_order order by company_units_per_week desc",
    Surface.WORKBENCH,
    every=4,
    rows=2084,
    at="06:58",
)
RETURNS = Habit(
    "sofia",
    "operations.returns",
    _columns("returned_on reason category"),
    "select reason, count(*) from returns group by reason",
    Surface.DASHBOARD,
    every=7,
    rows=8,
    at="07:05",
)
ITEMS = Habit(
    "aino",
    "commerce.order_items",
    _columns("order_date country product_id category quantity net_amount"),
    "select order_date, country, product_id, sum(quantity) from order_items group by all",
    Surface.API,
    every=7,
    rows=412_000,
    at="13:15",
)
CLOSE = Habit(
    "elena",
    "commerce.order_items",
    _columns("order_date net_amount cost_amount margin_amount"),
    "select date_trunc('month', order_date), sum(margin_amount) from order_items group by 1",
    Surface.WORKBENCH,
    every=14,
    rows=36,
    at="09:40",
)
HEADS = Habit(
    "greta",
    "people.headcount",
    _columns("month department n_people"),
    "select month, sum(n_people) from headcount group by month order by month",
    Surface.WORKBENCH,
    every=10,
    rows=36,
    at="15:30",
)


def _also(habit: Habit, who: str, **changes: Any) -> Habit:
    return replace(habit, who=who, **changes)


# What each nightly check looks at; one account reads it all, and no more than that.
CHECKED = {
    "commerce.customers": "customer_id email country",
    "commerce.products": "sku",
    "commerce.orders": "order_id net_amount",
    "commerce.customer_value": "customer_id",
    "operations.deliveries": "shipment_id",
    "operations.returns": "refund_amount paid_amount",
    "operations.service_tickets": "ticket_id",
    "people.employees": "employee_id",
}
CHECKS = tuple(
    Habit(
        "quality",
        what,
        _columns(words),
        f"select count(*) from {what} where {words.split()[0]} is null",  # noqa: S608
        Surface.CHECK,
        every=7,
        rows=1,
        at=f"04:{minute:02}",
    )
    for minute, (what, words) in enumerate(CHECKED.items(), 10)
)

HABITS = (
    *CHECKS,
    SALES,
    _also(SALES, "lena", every=5, at="09:02"),
    _also(SALES, "jonas", every=7, at="09:04"),
    _also(SALES, "paul", every=7, at="09:12"),
    _also(SALES, "bram", every=7, at="08:30"),
    _also(SALES, "tomas", every=14, at="09:00"),
    _also(SALES, "elena", every=10, at="09:31"),
    FUNNEL,
    _also(FUNNEL, "lena", every=4, at="09:05"),
    CARE,
    _also(CARE, "tomas", every=7, at="09:20"),
    TERRITORY,
    _also(TERRITORY, "paul", every=5, rows=960, columns=TERRITORY.columns[:4], at="14:10"),
    Habit("jonas", "commerce.orders", _columns("order_id customer_id order_date country net_amount"),
          "select country, sum(net_amount) from orders where order_date > date '2026-01-01' group by country",
          Surface.WORKBENCH, every=9, rows=2, at="11:35"),
    Habit("paul", "commerce.orders", _columns("order_id order_date channel net_amount"),
          "select channel, count(*) from orders group by channel", Surface.WORKBENCH, every=12, rows=3, at="14:20"),
    Habit("aino", "commerce.customers", _columns("customer_id email country loyalty_tier n_orders last_order_on"),
          "select email, country, n_orders, last_order_on from customers", Surface.API, every=9, rows=96_000, at="13:40"),
    ITEMS,
    _also(ITEMS, "ines", every=7, rows=65, at="08:57", surface=Surface.DASHBOARD),
    _also(PARCELS, "tomas", every=7, columns=PARCELS.columns[:4], at="09:21"),
    _also(STOCK, "tomas", every=7, rows=12, at="09:22", surface=Surface.DASHBOARD),
    _also(RETURNS, "tomas", every=7, at="09:23"),
    _also(ITEMS, "forecast", every=7, rows=431_000, at="03:10"),
    Habit("forecast", "commerce.products", _columns("product_id category list_price is_current"),
          "select product_id, category, list_price from products where is_current", Surface.API,
          every=7, rows=595, at="03:11"),
    PARCELS,
    STOCK,
    RETURNS,
    TICKETS,
    _also(TICKETS, "nora", every=4, rows=96, at="08:15"),
    _also(PARCELS, "ola", every=6, columns=_columns("shipment_id order_id tracking_code promised_on outcome"), rows=1,
          sql="select tracking_code, outcome from deliveries where order_id = 1414902", surface=Surface.WORKBENCH, at="08:20"),
    CLOSE,
    _also(RETURNS, "elena", every=14, at="09:45", surface=Surface.WORKBENCH),
    _also(STOCK, "elena", every=14, columns=_columns("location_name category on_hand stock_value"), rows=330, at="09:50",
          sql="select location_name, category, sum(stock_value) from stock_levels group by all"),
    HEADS,
    _also(HEADS, "bram", every=12, at="16:00"),
)  # fmt: skip


def note_habit(timeline: Timeline, habit: Habit) -> None:
    """Note every reading of a habit. Minutes differ from day to day, as they do with people."""
    for days in habit.days:
        wander = uuid.uuid5(NAMESPACE, f"{habit.who} {habit.what} {days}").int % 50
        moment = timeline.day(days, habit.at) + timedelta(minutes=wander)
        if moment < timeline.now:
            timeline.note(moment, lambda now: read(timeline, habit, now), changes=False)


def read(timeline: Timeline, habit: Habit, now: datetime) -> None:
    """Record one reading, as the gate does when it delivers a result."""
    who, dataset = timeline.person(habit.who), timeline.dataset(habit.what)
    allowing = _allowing(timeline, habit, now)
    assert allowing, f"{habit.who} had nothing to read {habit.what} with on {now}"
    query_id = uuid.uuid5(NAMESPACE, f"{habit.who} {habit.sql} {now.isoformat()}")
    took = timedelta(milliseconds=18 + habit.rows / 900)
    used = {dataset.name: habit.columns}
    grants = [grant.pk for grant in allowing]
    usage.begin(
        query_id,
        principal=who,
        warehouse=dataset.warehouse,
        surface=habit.surface,
        purpose="",
        sql=habit.sql,
        fingerprint="",
        columns=used,
        grants=grants,
        credits=[Credit(grant.pk, _clauses(grant, habit)) for grant in allowing],
        now=now,
        due_at=now + took,
    )
    record(
        Kind.QUERY_OPENED,
        actor=who,
        subject=f"query:{query_id}",
        dataset=dataset,
        data={
            "surface": habit.surface.value,
            "warehouse": dataset.warehouse.name,
            "columns": used,
            "grants": grants,
        },
        now=now,
    )
    delivery = Delivery(habit.rows, habit.rows * 9 * len(habit.columns), took)
    usage.finish(query_id, delivery, now=now + took)


def _allowing(timeline: Timeline, habit: Habit, now: datetime) -> list[Grant]:
    """The grants that were live for this reader at that moment and cover something of what they read."""
    return [
        grant
        for grant in timeline.holding(habit.who, habit.what)
        if grant.starts_at <= now < grant.expires_at and _covered(grant, habit)
    ]


def _clauses(grant: Grant, habit: Habit) -> dict[str, frozenset[str]]:
    """In which clauses of the habit's query each column stands; what no clause names came by its star."""
    found: dict[str, set[str]] = {column: set() for column in _covered(grant, habit)}
    clause = "selected"
    for part in re.split(f"({'|'.join(CLAUSES)})", habit.sql):
        clause = CLAUSES.get(part, clause)
        for word in re.findall(r"\w+", part):
            if word in found:
                found[word].add(clause)
    unnamed = {"starred"} if "*" in habit.sql.replace("count(*)", "") else {"selected"}
    return {column: frozenset(words or unnamed) for column, words in found.items()}


def _covered(grant: Grant, habit: Habit) -> frozenset[str]:
    return frozenset(
        habit.columns if grant.columns is None else set(grant.columns) & set(habit.columns)
    )
