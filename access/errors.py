"""What access refuses, and in which words.

Every error carries a stable code for programs and one sentence for people. The sentence says what to do next and
repeats nothing that the reader may not know; engine text is never part of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass


class AccessError(Exception):
    """An act that access does not allow, with a stable code, a sentence for people and an HTTP status."""

    code = "access_error"
    status = 403

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.status = status or type(self).status

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Need:
    """What one query needed of one dataset: enough to fill in the request for it."""

    dataset: str
    columns: tuple[str, ...]


class Refusal(AccessError):
    """The gate said no. `needs` names what to ask for, when asking would help.

    Units: `retry_after` is the seconds after which the same query may be answered, 0 when time does not help.
    """

    code = "unsupported"

    def __init__(
        self,
        message: str,
        *,
        code: str,
        needs: Iterable[Need] = (),
        status: int | None = None,
        retry_after: int = 0,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.needs = tuple(needs)
        # The number of the record it was written down under, once it was.
        self.query_id: uuid.UUID | None = None
        self.retry_after = retry_after


class NotFound(AccessError):
    """There is nothing of that name as far as this person may know; hidden and absent look the same."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = "There is nothing here by that name.") -> None:
        super().__init__(message)


class NotAllowed(AccessError):
    """The person may know of it but not do this; the message names who can, or how to ask."""

    code = "not_allowed"


class Conflict(AccessError):
    """It cannot be done as things stand; the message says what stands in the way."""

    code = "conflict"
    status = 409


class AlreadyDecided(Conflict):
    """Somebody settled the request first."""

    code = "already_decided"

    def __init__(self, message: str = "This request has already been settled.") -> None:
        super().__init__(message)


class Invalid(AccessError):
    """A value that cannot be taken; `field` says which, as `masks.email` for a value within a value."""

    code = "invalid"
    status = 422

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
