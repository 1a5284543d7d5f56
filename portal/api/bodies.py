"""Reading the JSON body of a call."""

from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser
from ninja.types import DictStrAny

# The guard judges this text itself, and says more exactly what is wrong with it.
JUDGED_ELSEWHERE = "sql"


class StorableBodies(Parser):
    """Refuses text that PostgreSQL cannot store: NUL characters and halves of surrogate pairs."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The body as data. Errors: `HttpError` 400."""
        try:
            data = super().parse_body(request)
            is_storable = _is_storable(data)
        except (ValueError, RecursionError):
            raise HttpError(400, "The body is not JSON.") from None
        if not is_storable:
            raise HttpError(400, "The body holds a character that cannot be stored. Leave it out.")
        return data


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, list):
        return all(_is_storable(each) for each in value)
    if isinstance(value, dict):
        return all(
            _is_storable(name) and (name == JUDGED_ELSEWHERE or _is_storable(each))
            for name, each in value.items()
        )
    return True
