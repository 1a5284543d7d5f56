"""Who left, what people wrote themselves, and what waits for somebody today."""

from access.models import Surface
from portal.demo.habits import Habit, note_habit
from portal.demo.timeline import Timeline


def _leaver(told: Timeline) -> None:
    """Somebody left, and what he held went with him."""
    told.hire(told.day(59, "08:00"), "henrik", "Henrik Dahl", ["staff", "analysts"])
    told.ask(
        told.day(57, "09:25"),
        "vouchers",
        "henrik",
        "commerce.orders",
        "Do vouchers pay for themselves?",
        days=90,
        columns=[
            "order_id",
            "order_date",
            "country",
            "voucher_code",
            "discount_amount",
            "net_amount",
        ],
    )
    note_habit(
        told,
        Habit(
            "henrik",
            "commerce.orders",
            ("order_date", "voucher_code", "net_amount"),
            "select voucher_code, sum(net_amount) from orders group by voucher_code",
            Surface.WORKBENCH,
            every=6,
            rows=5,
            first=56,
            last=32,
            at="11:00",
        ),
    )
    told.leave(told.day(30, "17:00"), "henrik", "Last day at Tarnfell.")


def _words(told: Timeline) -> None:
    """What people wrote themselves; it stays when dbt says something else."""
    told.describe(
        told.day(33, "15:10"),
        "ines",
        "commerce.customer_value",
        "champion (600 euro or more in a year), regular, new (one order), drifting (no order for nine months) or lost "
        "(a year and a half). Agreed with Marketing; please do not invent others.",
        field="description",
        column="segment",
    )
    told.describe(
        told.day(22, "09:05"),
        "nora",
        "operations.service_tickets",
        "**One row per conversation of customer care**: who wrote, what about, how fast we answered.\n\n"
        "- Advisers read their own conversations in full and the opening words of the others.\n"
        "- `topic` is chosen by hand. Before you count *refund*, read ten of them.\n"
        "- For numbers alone use `service_daily`; it is yours without asking.",
        field="description",
    )
    told.describe(
        told.day(13, "11:40"),
        "tomas",
        "operations.supplier_scorecard",
        "How reliable each supplier is, by month. **Out of date at the moment**: the quality team has sent no ratings for "
        "weeks, and the nightly build leaves this table out while a check on `returns` fails. Ask Tomas before you decide "
        "anything with it.",
        field="description",
    )


def _shifts(told: Timeline) -> None:
    """Waits for the steward of Commerce since the day before yesterday."""
    told.ask(
        told.ago(50),
        "shifts",
        "sofia",
        "commerce.orders",
        "Planning shifts in the distribution centres for December",
        days=60,
        columns=["order_id", "ordered_at", "country", "channel", "n_items", "status"],
    )


def _topics(told: Timeline) -> None:
    """Asks for free text: waits for the head of customer care."""
    told.ask(
        told.ago(26),
        "topics",
        "aino",
        "operations.service_tickets",
        "A model that suggests the topic of a new conversation",
        days=60,
        columns=["ticket_id", "topic", "message", "opened_at"],
        unmasked=["message"],
        origin="lineage",
    )


def _november(told: Timeline) -> None:
    """Has one of its two approvals."""
    told.ask(
        told.ago(21),
        "november",
        "elena",
        "people.payroll_costs",
        "Month-end close",
        days=14,
        columns=[
            "employee_id",
            "department",
            "country",
            "pay_month",
            "gross_salary",
            "bonus",
            "employer_cost",
        ],
        unmasked=["gross_salary", "bonus"],
    )
    told.approve(told.ago(3.5), "november", "greta", "As every month. Bram has the second word.")


def _margins(told: Timeline) -> None:
    """Came from a dashboard tile that was refused."""
    told.ask(
        told.ago(5),
        "margins",
        "paul",
        "commerce.order_items",
        "Which articles to show in the Lyon window",
        days=45,
        columns=[
            "order_date",
            "country",
            "product_name",
            "category",
            "quantity",
            "net_amount",
            "margin_amount",
        ],
        unmasked=["margin_amount"],
        origin="dashboard",
    )


STORIES = (_leaver, _words, _shifts, _topics, _november, _margins)
