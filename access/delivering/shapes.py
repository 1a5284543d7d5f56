"""What a webhook is sent: signed JSON, a Slack message in Block Kit, or a Teams message with an Adaptive Card.

Pure: an event in, bytes out. Whatever people wrote is text in the result and never markup, a mention or a link.
Source: Standard Webhooks 1.0.0 (payload); Slack's Block Kit reference (header at most 150 characters, section 3,000);
Adaptive Cards 1.4 in a Teams message attachment (28 KB in all).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from access.models import EndpointKind

SLACK_TITLE, SLACK_TEXT, TEAMS_TEXT = 150, 2_800, 8_000
MOST_NAMED = 10
# What Slack and Teams read as markup in the middle of a text.
TEAMS_MARKS = "\\`*_[]()~"


@dataclass(frozen=True)
class Event:
    """What happened, in words: `link` is absolute or empty, `audience` are labels of those who were told."""

    id: str
    kind: str
    at: datetime
    subject: str
    body: str
    link: str
    dataset: str
    audience: tuple[str, ...]


def body_of(kind: str, event: Event) -> bytes:
    """The bytes to post to an endpoint of that kind."""
    return orjson.dumps(SHAPES[kind](event))


def _generic(event: Event) -> dict[str, Any]:
    return {
        "type": event.kind,
        "timestamp": event.at.isoformat().replace("+00:00", "Z"),
        "data": {
            "subject": event.subject,
            "body": event.body,
            "link": event.link or None,
            "dataset": event.dataset or None,
            "audience": list(event.audience),
        },
    }


def _slack(event: Event) -> dict[str, Any]:
    text = _escaped(_cut(event.body, SLACK_TEXT))
    if event.link:
        text += f"\n<{event.link}|Open in Gatehouse>"
    return {
        "text": _escaped(_cut(event.subject, SLACK_TEXT)),
        "blocks": [
            {
                "type": "header",
                "text": {"type": "plain_text", "text": _cut(event.subject, SLACK_TITLE)},
            },
            {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}},
            {
                "type": "context",
                "elements": [{"type": "plain_text", "text": _cut(_footnote(event), SLACK_TEXT)}],
            },
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _teams(event: Event) -> dict[str, Any]:
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            _block(event.subject, size="Medium", weight="Bolder"),
            _block(event.body),
            _block(_footnote(event), isSubtle=True, size="Small"),
        ],
    }
    if event.link:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": "Open in Gatehouse", "url": event.link}
        ]
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": card,
            }
        ],
    }


SHAPES: Mapping[str, Callable[[Event], dict[str, Any]]] = {
    EndpointKind.GENERIC: _generic,
    EndpointKind.SLACK: _slack,
    EndpointKind.TEAMS: _teams,
}


def _block(text: str, **look: Any) -> dict[str, Any]:
    shown = _cut(text, TEAMS_TEXT // 2)
    escaped = "".join(f"\\{each}" if each in TEAMS_MARKS else each for each in shown)
    return {"type": "TextBlock", "text": escaped, "wrap": True, **look}


def _footnote(event: Event) -> str:
    names = ", ".join(event.audience[:MOST_NAMED])
    n_more = len(event.audience) - MOST_NAMED
    return f"{event.kind} · for {names}" + (f" and {n_more} more" if n_more > 0 else "")


def _escaped(text: str) -> str:
    """Slack's three control characters as entities: no link, channel or person can be written into a text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
