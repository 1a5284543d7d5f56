"""Made-up values that fill the style page, so that every component shows in every state it has."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from catalog.lineage import Sides
from portal.drawing import Arrow
from portal.pages.lineage import Picture, Stop, Tone, picture_of

STANDINGS = ("none", "pending", "scheduled", "live", "expiring", "suspended", "expired", "ended")
_WORDS = {
    "none": ("You have no access yet", "Ana Ruiz decides, usually in about 4 hours."),
    "pending": ("You asked 2 hours ago", "Ana Ruiz decides, usually in about 4 hours."),
    "scheduled": (
        "Your access starts on Monday",
        "14 of 18 columns, for 30 days. Ana Ruiz approved it.",
    ),
    "live": ("You can see 14 of 18 columns", "Ana Ruiz approved it."),
    "expiring": ("Your access ends in 2 days", "14 of 18 columns. Renewing asks Ana Ruiz again."),
    "suspended": ("Your access is paused", "You last used it 11 months ago. One click wakes it."),
    "expired": ("Your access expired", "Nobody took it away: its time was over."),
    "ended": ("Your access ended for lack of use", "You can restore it until 3 March."),
}
_ACTIONS = {
    "none": [("Request access", "send", True)],
    "pending": [("See the request", "arrow", False)],
    "scheduled": [("See the grant", "arrow", False)],
    "live": [("Query it", "workbench", True), ("Renew", "refresh", False)],
    "expiring": [("Renew", "refresh", True), ("Query it", "workbench", False)],
    "suspended": [("Wake it", "play", True)],
    "expired": [("Ask again", "send", True)],
    "ended": [("Restore", "history", True)],
}
_TIMED = {"live": (21, 30), "expiring": (2, 30), "suspended": (200, 365), "expired": (0, 30)}


def standing(state: str) -> dict[str, Any]:
    """The access button of a made-up dataset in one state."""
    title, text = _WORDS[state]
    actions = [
        {"label": label, "url": "#", "icon": icon, "primary": primary, "method": "get"}
        for label, icon, primary in _ACTIONS[state]
    ]
    sample: dict[str, Any] = {"state": state, "title": title, "text": text, "actions": actions}
    if state in _TIMED:
        left, total = _TIMED[state]
        sample["expires_at"] = timezone.now() + timedelta(
            days=left, seconds=-60 if not left else 60
        )
        sample["starts_at"] = sample["expires_at"] - timedelta(days=total)
    return sample


class SampleForm(forms.Form):
    """A form with one of each field."""

    purpose = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One sentence: what you will find out or build.",
    )
    duration = forms.ChoiceField(
        choices=[("7d", "7 days"), ("30d", "30 days"), ("90d", "90 days")],
        widget=forms.RadioSelect,
        initial="30d",
        label="For how long",
    )
    columns = forms.MultipleChoiceField(
        choices=[(name, name) for name in ("customer_id", "country", "email", "signed_up_at")],
        widget=forms.CheckboxSelectMultiple,
        initial=["customer_id", "country"],
    )
    holder = forms.ChoiceField(
        choices=[("me", "Me"), ("team:sales", "The team sales")], label="For whom", required=False
    )
    agree = forms.BooleanField(
        label="I will give it back when I am done",
        required=False,
        help_text="Unused access ends by itself.",
    )


def forms_in_each_state() -> dict[str, forms.Form]:
    """The sample form untouched, and sent with nothing in it."""
    wrong = SampleForm({"duration": "forever"}, auto_id="wrong_%s")
    wrong.full_clean()
    return {"form": SampleForm(), "wrong": wrong}


def context() -> dict[str, Any]:
    """Everything the style page shows."""
    return {
        **forms_in_each_state(),
        **_names(),
        **_lists(),
        **_moments(timezone.now()),
        "standings": [standing(state) for state in STANDINGS],
        "trust": _TRUST,
        "facets": _FACETS,
        "caption": _CAPTION,
        "hits": _HITS,
        "picture": picture(),
    }


def picture() -> Picture:
    """A lineage with a stop in every state."""
    states: tuple[tuple[str, str, Tone], ...] = (
        ("raw", "Stale", "stale"),
        ("tidied", "2 checks failing", "failed"),
        ("orders", "", ""),
        ("step", "", "hidden"),
        ("old", "Deprecated", "past"),
        ("board", "", "exposure"),
    )
    levels = (-2, -1, 0, 1, 1, 2)
    stops = tuple(
        Stop(key, _STOPS[key], "sales", status, tone, level, "#s-lineage", is_centre=level == 0)
        for (key, status, tone), level in zip(states, levels, strict=True)
    )
    edges = ("raw tidied", "tidied orders", "orders step", "step board", "orders old")
    arrows = [Arrow(*edge.split()) for edge in edges]
    return picture_of(stops, arrows, Sides(0, 3), Sides(0, 12))


def _names() -> dict[str, Any]:
    """The names that a row of specimens goes through."""
    return {
        "levels": ("public", "internal", "confidential", "restricted"),
        "request_states": ("pending", "approved", "denied", "withdrawn", "lapsed", "superseded"),
        "views_of_columns": _VIEWS,
        "tones": ("", "good", "warn", "bad", "info", "outline"),
        "swatches": _SWATCHES.split(),
        "icons": _ICONS.split(),
    }


def _lists() -> dict[str, Any]:
    """Short lists: places, actions, rows."""
    return {
        "trend": [12, 14, 13, 17, 21, 19, 24, 23, 27, 31, 30, 34],
        "crumbs": [("Commerce", "#"), ("wh.sales", "#"), ("customers", "")],
        "tabs": [_tab("Columns", 18, current=True), _tab("Lineage", None), _tab("History", 4)],
        "gains": _GAINS,
        "action": [_action("Clear the filters", "cross")],
        "ask": [_action("Request access", "send", primary=True)],
        "sql": _SQL,
        "places": [_place("My access", "key"), _place("Workbench", "workbench")],
        "deciders": ["Ana Ruiz"],
        "rows": [("DE", 48210, "1.2 %"), ("FR", 31877, "0.4 %"), ("PT", 902, None)],
    }


def _moments(now: datetime) -> dict[str, Any]:
    """What lies before and after now."""
    days = [(9, 21), (28, 2), (30, -0.04)]
    asked = _event(now - timedelta(hours=3), "You asked for 4 columns", "Quarterly churn report")
    approved = _event(
        now - timedelta(hours=1),
        "Ana Ruiz approved 3 of them",
        "Phone is not needed for churn",
        "good",
    )
    read = _event(now - timedelta(minutes=4), "First read through the gate", tone="now")
    return {
        "until": now + timedelta(days=12),
        "expiries": [(now - timedelta(days=a), now + timedelta(days=b)) for a, b in days],
        "events": [asked, approved, read],
    }


def _tab(label: str, count: int | None, *, current: bool = False) -> dict[str, Any]:
    return {"label": label, "url": "#", "current": current, "count": count}


def _action(label: str, icon: str, *, primary: bool = False) -> dict[str, Any]:
    return {"label": label, "url": "#", "icon": icon, "primary": primary, "method": "get"}


def _place(label: str, icon: str) -> dict[str, Any]:
    return {"label": label, "url": "#", "icon": icon}


def _event(at: datetime, title: str, text: str = "", tone: str = "") -> dict[str, Any]:
    return {"at": at, "title": title, "text": text, "tone": tone}


def _trust(label: str, value: str, note: str, icon: str, tone: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "note": note, "icon": icon, "tone": tone}


def _facet(title: str, *items: tuple[str, int, bool]) -> dict[str, Any]:
    lines = [
        {"label": label, "count": count, "url": "#", "chosen": chosen}
        for label, count, chosen in items
    ]
    return {"title": title, "items": lines}


_TRUST = [
    _trust("Freshness", "Fresh", "Updated 2 hours ago, promised within 24 hours", "tick", "good"),
    _trust("Checks", "1 of 12 failing", "email is never empty", "failed", "bad"),
    _trust("Read by", "23 people", "in the last 30 days", "people"),
    _trust("Sensitivity", "Confidential", "access for at most 90 days", "lock"),
    _trust("Who decides", "Ana Ruiz", "usually in 4 hours", "person"),
]
_FACETS = [
    _facet("Domain", ("Commerce", 12, True), ("Finance", 7, False)),
    _facet("My access", ("I can read it", 5, False), ("I would have to ask", 1482, False)),
]
_GAINS = [
    {"change": "added", "label": "country", "note": "in the clear"},
    {"change": "added", "label": "email", "note": "masked"},
    {"change": "removed", "label": "phone", "note": "no longer asked for"},
    {"change": "changed", "label": "rows", "note": "only DE and FR"},
]
_CAPTION = {
    "dataset": "Orders",
    "dataset_url": "#",
    "owner": "Ana Ruiz",
    "freshness": "updated 2 days ago",
    "freshness_state": "stale",
    "checks_failed": 1,
    "took_ms": 48,
    "cached": False,
    "policy": "2 columns masked",
}
_HITS = [
    {
        "label": "Customers",
        "name": "wh.sales.customers",
        "url": "#",
        "state": "live",
        "icon": "dataset",
    },
    {
        "label": "Customer churn",
        "name": "wh.finance.churn",
        "url": "#",
        "state": "none",
        "icon": "dataset",
    },
]
_VIEWS = (
    ("clear", ""),
    ("masked", "first letter and domain"),
    ("conditional", "the year only"),
    ("hidden", ""),
    ("offered", ""),
    ("offered", "a stable code"),
)
_STOPS = {
    "raw": "Orders, raw",
    "tidied": "Orders, tidied",
    "orders": "Orders",
    "step": "A step you may not see",
    "old": "Order totals",
    "board": "Board pack",
}
_SQL = (
    "select country, count(*) as customers\nfrom wh.sales.customers\n"
    "group by country\norder by customers desc"
)
_SWATCHES = (
    "paper surface raised sunken hover rule edge ink ink-soft ink-faint accent accent-soft "
    "good good-soft warn warn-soft bad bad-soft"
)
_ICONS = (
    "home search dataset column dashboard metric workbench key inbox shield audit mail palette check tick cross failed "
    "warning info question clock hourglass lock unlock eye masked people person lineage arrow back up down chevron menu "
    "more plus minus copy edit history refresh download filter link out retired pin play stop robot send book code"
)
