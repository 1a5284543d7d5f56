"""Customer care, logistics and finance: access that is used every week, that ran out, that nobody used."""

from datetime import timedelta

from access.models import Surface
from portal.demo.habits import Habit, note_habit, read
from portal.demo.timeline import Timeline


def _rota(told: Timeline) -> None:
    """Used for a while and not since: tonight's review ends it."""
    told.ask(
        told.day(58, "10:00"),
        "rota",
        "nora",
        "people.employees",
        "Planning the Christmas rota",
        days=90,
        columns=[
            "employee_id",
            "first_name",
            "last_name",
            "department",
            "hours_percent",
            "started_on",
        ],
    )
    told.approve(told.day(57, "14:30"), "rota", "greta")
    note_habit(
        told,
        Habit(
            "nora",
            "people.employees",
            ("first_name", "last_name", "department", "hours_percent"),
            "select first_name, last_name, hours_percent from employees where department = 'Customer care'",
            Surface.WORKBENCH,
            every=5,
            rows=33,
            first=56,
            last=48,
            at="10:30",
        ),
    )
    # The last time, chosen so that the fourteen days after the warning are over tonight and were not last night.
    told.note(told.night(43) - timedelta(hours=12), lambda now: read(told, LAST_LOOK, now))


LAST_LOOK = Habit(
    "nora",
    "people.employees",
    ("first_name", "last_name", "hours_percent"),
    "select first_name, last_name, hours_percent from employees where hours_percent < 100",
    Surface.WORKBENCH,
    every=1,
    rows=139,
)


def _picking(told: Timeline) -> None:
    """Ran out and was not needed again."""
    told.ask(
        told.day(58, "08:00"),
        "picking",
        "sofia",
        "commerce.order_items",
        "Picking plan for the autumn sale",
        days=40,
        columns=["order_date", "country", "product_id", "category", "quantity"],
    )
    told.approve(told.day(58, "11:10"), "picking", "ines")
    note_habit(
        told,
        Habit(
            "sofia",
            "commerce.order_items",
            ("order_date", "category", "quantity"),
            "select order_date, category, sum(quantity) from order_items group by all",
            Surface.WORKBENCH,
            every=5,
            rows=10_950,
            first=56,
            last=20,
            at="07:30",
        ),
    )


def _counts(told: Timeline) -> None:
    """Renewed, because it is used every Monday."""
    told.ask(
        told.day(52, "08:10"),
        "counts",
        "sofia",
        "erp.inventory",
        "Checking the Sunday counts",
        days=45,
    )
    told.approve(told.day(52, "12:20"), "counts", "tomas")
    note_habit(
        told,
        Habit(
            "sofia",
            "erp.inventory",
            ("location_id", "product_id", "counted_on", "on_hand"),
            "select counted_on, location_id, sum(on_hand) from inventory group by all",
            Surface.WORKBENCH,
            every=7,
            rows=858,
            first=51,
            at="06:30",
        ),
    )
    told.renew(told.day(11, "07:50"), "counts", "sofia", "counts again", days=60)
    told.approve(told.day(10, "10:15"), "counts again", "tomas", "Used every Monday.")


def _ratings(told: Timeline) -> None:
    """Used, and about to run out."""
    told.ask(
        told.day(26, "09:00"),
        "ratings",
        "sofia",
        "operations.supplier_scorecard",
        "Which supplier to visit first",
        days=30,
    )
    told.approve(told.day(26, "09:35"), "ratings", "tomas", "Mind the date: it is not up to date.")
    note_habit(
        told,
        Habit(
            "sofia",
            "operations.supplier_scorecard",
            ("supplier_name", "rated_month", "defect_percent", "score"),
            "select supplier_name, avg(score) from supplier_scorecard group by supplier_name",
            Surface.WORKBENCH,
            every=6,
            rows=48,
            first=25,
            at="08:40",
        ),
    )


def _vip(told: Timeline) -> None:
    """Never used, ended by the review, one click from coming back."""
    told.ask(
        told.day(38, "09:05"),
        "vip",
        "elena",
        "commerce.customers",
        "Checking refunds of the best customers",
        days=90,
        columns=["customer_id", "country", "loyalty_tier", "n_orders", "last_order_on"],
    )
    told.approve(told.day(37, "16:20"), "vip", "ines")


def _october(told: Timeline) -> None:
    """Restricted data: two approvals, three weeks, over."""
    told.ask(
        told.day(48, "09:00"),
        "october",
        "elena",
        "people.payroll_costs",
        "Month-end close, last month but one",
        days=21,
        columns=["employee_id", "department", "country", "pay_month", "employer_cost"],
    )
    told.approve(
        told.day(48, "11:30"), "october", "greta", "By department is enough for the close."
    )
    told.approve(told.day(47, "08:50"), "october", "bram")
    note_habit(
        told,
        Habit(
            "elena",
            "people.payroll_costs",
            ("department", "pay_month", "employer_cost"),
            "select department, pay_month, sum(employer_cost) from payroll_costs group by all",
            Surface.WORKBENCH,
            every=2,
            rows=504,
            first=46,
            last=42,
            at="17:10",
        ),
    )


def _year_end(told: Timeline) -> None:
    """Approved, and starting next week."""
    told.ask(
        told.day(6, "10:50"),
        "year end",
        "elena",
        "erp.inventory",
        "Stocktaking at the end of the year",
        days=60,
        starts_at=told.day(-9, "00:00"),
    )
    told.approve(told.day(5, "09:45"), "year end", "tomas")


STORIES = (_rota, _picking, _counts, _ratings, _vip, _october, _year_end)
