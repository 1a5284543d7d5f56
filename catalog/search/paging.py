"""Cursors: where a page ended, in an opaque word that the next page begins after."""

import base64
import binascii
import json
from collections.abc import Sequence

from catalog.errors import CatalogError


class BadCursor(CatalogError):
    """A cursor that no page of this portal gave."""

    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__(
            "This link to a further page cannot be read. Start again from the first page."
        )


Place = Sequence[int | str]


def encode(place: Place) -> str:
    """The cursor for a place."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[int, int, str]:
    """The place a cursor stands for: tier, score, name.

    Errors: `BadCursor`.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        tier, score, name = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise BadCursor from None
    numbers = all(type(number) is int and abs(number) < 2**62 for number in (tier, score))
    if not numbers or not isinstance(name, str) or "\x00" in name or not name.isprintable():
        raise BadCursor
    return tier, score, name
