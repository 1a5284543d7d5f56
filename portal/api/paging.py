"""Lists as `{"items": [...], "next": CURSOR or null}`. A cursor names the last row seen, so that new rows shift nothing."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from ninja.errors import HttpError

M = TypeVar("M", bound=Model)
R = TypeVar("R")

LIMIT = 50


def page(
    rows: QuerySet[M],
    cursor: str | None,
    shapes: Callable[[Sequence[M]], Iterable[dict[str, Any]]],
    limit: int = LIMIT,
) -> dict[str, Any]:
    """One page of `rows`, newest first by primary key; `shapes` gets the page's rows at once."""
    ordered = rows.order_by("-pk")
    if cursor:
        ordered = ordered.filter(pk__lt=_decoded(cursor))
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    return listed(shapes(found[:limit]), _encoded(found[limit - 1].pk) if more else None)


def cut(
    rows: Sequence[R],
    cursor: str | None,
    shapes: Callable[[Sequence[R]], Iterable[dict[str, Any]]],
    limit: int = LIMIT,
) -> dict[str, Any]:
    """One page of rows that were worked out and have no key; the cursor is the place in them."""
    start = _decoded(cursor) if cursor else 0
    more = len(rows) > start + limit
    return listed(shapes(rows[start : start + limit]), _encoded(start + limit) if more else None)


def listed(items: Iterable[dict[str, Any]], following: str | None, **extra: Any) -> dict[str, Any]:
    """The envelope of every list."""
    return {"items": list(items), "next": following, **extra}


def _encoded(key: int) -> str:
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> int:
    try:
        key = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
    except (ValueError, binascii.Error):
        key = -1
    if not 0 < key < 2**63:
        raise HttpError(400, "`cursor` must be the `next` of an earlier page.")
    return key
