"""Marketing, sales and data science: who asked for customers and orders, and what came of it."""

from access.models import Surface
from portal.demo.habits import Habit, note_habit
from portal.demo.timeline import Timeline


def _segments(told: Timeline) -> None:
    """A rule grants what Marketing asks for most, at once."""
    told.ask(
        told.day(34, "09:40"),
        "segments",
        "lena",
        "commerce.customer_value",
        "Segments for the spring catalogue",
        days=90,
        origin="search",
    )
    note_habit(
        told,
        Habit(
            "lena",
            "commerce.customer_value",
            ("customer_id", "country", "segment", "net_revenue_365d"),
            "select segment, count(*), sum(net_revenue_365d) from customer_value group by segment",
            Surface.WORKBENCH,
            every=4,
            rows=5,
            first=33,
            at="10:20",
        ),
    )


def _autumn(told: Timeline) -> None:
    """A steward gives less than was asked: no telephone numbers, fewer people, less time."""
    told.ask(
        told.day(21, "14:05"),
        "autumn",
        "lena",
        "commerce.customers",
        "Autumn letter to customers who have not ordered since the summer",
        days=60,
        columns=[
            *("customer_id", "first_name", "last_name", "email", "phone", "country", "language"),
            *("wants_newsletter", "loyalty_tier", "last_order_on"),
        ],
        unmasked=["last_name", "email", "phone"],
    )
    told.approve(
        told.day(20, "08:35"),
        "autumn",
        "ines",
        "A letter needs no telephone number. Only people who said yes to the newsletter, please.",
        columns=[
            *("customer_id", "first_name", "last_name", "email", "country", "language"),
            *("wants_newsletter", "loyalty_tier", "last_order_on"),
        ],
        unmasked=["last_name", "email"],
        rows="wants_newsletter",
        days=26,
    )
    note_habit(
        told,
        Habit(
            "lena",
            "commerce.customers",
            ("customer_id", "first_name", "email", "language", "last_order_on"),
            "select first_name, email, language from customers where last_order_on < date '2026-07-01'",
            Surface.WORKBENCH,
            every=5,
            rows=6210,
            first=19,
            at="15:00",
        ),
    )


def _letters(told: Timeline) -> None:
    """A service account of Lena's sends the newsletter to those who said yes."""
    told.ask(
        told.day(28, "16:30"),
        "letters",
        "lena",
        "commerce.customers",
        "Sending the weekly newsletter",
        days=90,
        columns=["customer_id", "first_name", "email", "language", "wants_newsletter"],
        unmasked=["email"],
        holder="newsletter",
    )
    told.approve(
        told.day(27, "09:15"), "letters", "ines", "Those who said yes.", rows="wants_newsletter"
    )
    note_habit(
        told,
        Habit(
            "newsletter",
            "commerce.customers",
            ("customer_id", "first_name", "email", "language", "wants_newsletter"),
            "select first_name, email, language from customers where wants_newsletter",
            Surface.API,
            every=7,
            rows=45_120,
            first=26,
            at="05:00",
        ),
    )


def _swaps(told: Timeline) -> None:
    """A steward ends what has served its purpose."""
    told.ask(
        told.day(40, "10:10"),
        "swaps",
        "jonas",
        "operations.returns",
        "Why boots come back in Austria",
        days=60,
    )
    told.approve(told.day(39, "11:00"), "swaps", "tomas", "Good question.")
    note_habit(
        told,
        Habit(
            "jonas",
            "operations.returns",
            ("country", "category", "reason"),
            "select reason, count(*) from returns where country = 'AT' group by reason",
            Surface.WORKBENCH,
            every=6,
            rows=8,
            first=38,
            last=16,
            at="13:05",
        ),
    )
    told.revoke(
        told.day(15, "17:40"),
        "swaps",
        "tomas",
        "The question is answered; the figures now come in the Monday mail.",
    )


def _visits(told: Timeline) -> None:
    """Asked and taken back."""
    told.ask(
        told.day(17, "15:20"),
        "visits",
        "paul",
        "shop.web_sessions",
        "Which pages French visitors land on",
        days=30,
        columns=["sessionId", "startedAt", "country", "landingPage"],
    )
    told.withdraw(told.day(17, "16:05"), "visits", "paul")


def _birthdays(told: Timeline) -> None:
    """Denied, with a reason and a better way."""
    told.ask(
        told.day(12, "10:45"),
        "birthdays",
        "jonas",
        "people.employees",
        "A birthday list for the sales team",
        days=90,
        columns=["first_name", "last_name", "birth_date", "department"],
        unmasked=["birth_date"],
    )
    told.deny(
        told.day(12, "13:25"),
        "birthdays",
        "greta",
        "Birthdays are not ours to hand out. Ask your colleagues; most will gladly tell you.",
    )


def _delays(told: Timeline) -> None:
    """Returned when the model was done."""
    told.ask(
        told.day(41, "13:00"),
        "delays",
        "aino",
        "operations.deliveries",
        "A model of late parcels",
        days=90,
        columns=["carrier", "to_country", "shipped_at", "promised_on", "delivered_at", "days_late"],
    )
    told.approve(told.day(41, "15:45"), "delays", "tomas")
    note_habit(
        told,
        Habit(
            "aino",
            "operations.deliveries",
            ("carrier", "to_country", "shipped_at", "promised_on", "days_late"),
            "select carrier, to_country, shipped_at, promised_on, days_late from deliveries",
            Surface.API,
            every=5,
            rows=274_000,
            first=40,
            last=12,
            at="12:30",
        ),
    )
    told.give_back(told.day(9, "12:05"), "delays", "aino")


def _paths(told: Timeline) -> None:
    """Approved and never used: its holder has been warned."""
    told.ask(
        told.day(37, "11:15"),
        "paths",
        "aino",
        "shop.web_sessions",
        "Paths through the shop before a first order",
        days=120,
        columns=[
            "sessionId",
            "visitorId",
            "startedAt",
            "country",
            "deviceType",
            "trafficSource",
            "placedOrder",
        ],
    )
    told.approve(told.day(36, "09:50"), "paths", "ines", "Visitor numbers stay hashed.")


def _baskets(told: Timeline) -> None:
    """Suspended while its holder is on leave."""
    told.ask(
        told.day(55, "09:20"),
        "baskets",
        "yusuf",
        "commerce.customers",
        "Baskets by age and place",
        days=90,
        columns=["customer_id", "birth_date", "postcode", "city", "country", "n_orders"],
    )
    told.approve(told.day(54, "10:00"), "baskets", "ines")
    note_habit(
        told,
        Habit(
            "yusuf",
            "commerce.customers",
            ("customer_id", "birth_date", "country", "n_orders"),
            "select year(birth_date), country, avg(n_orders) from customers group by all",
            Surface.WORKBENCH,
            every=6,
            rows=540,
            first=53,
            last=27,
            at="10:40",
        ),
    )
    told.suspend(told.day(25, "08:20"), "baskets", "ines", "On parental leave until January.")


STORIES = (_segments, _autumn, _letters, _swaps, _visits, _birthdays, _delays, _paths, _baskets)
