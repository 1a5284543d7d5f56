"""The one clock that judges access is PostgreSQL's, and it only ever counts forward.

A high-water mark of the furthest moment seen is kept. What had ended by then stays ended, even if somebody sets the
clock back; while the clock stands behind the mark the gate answers nobody. `access.clock_repair` mends a wrong mark.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Now

from access.errors import Refusal
from access.models import ClockMark

# Two readings a moment apart may disagree by this much where a machine disciplines its clock.
TOLERANCE = timedelta(seconds=5)


def database_now() -> datetime:
    """The database's clock at the start of this statement. Cost: one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def furthest_now() -> Combinable:
    """An expression for use inside a query: the database's clock, or the mark where the clock is behind it."""
    mark = ClockMark.objects.order_by().values("at")[:1]
    return Greatest(Now(), Coalesce(Subquery(mark), Now()))


@contextmanager
def noted_at(moment: datetime) -> Iterator[None]:
    """What PostgreSQL notes by itself inside, such as who joined a team, is noted at this moment; never at a later one.

    For acts that say when they happen, in a story told afterwards as well. It is the transaction's own and ends with
    the block. Cost: two queries.
    """
    _note_at(moment.isoformat())
    yield
    _note_at("")


def _note_at(moment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('gatehouse.moment', %s, true)", [moment])


def advance() -> datetime:
    """Move the mark to the database's clock, never back, and return the mark. Cost: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO access_clockmark AS mark (id, at) VALUES (1, clock_timestamp())
            ON CONFLICT (id) DO UPDATE SET at = greatest(mark.at, excluded.at)
            RETURNING at
            """
        )
        mark: datetime = cursor.fetchone()[0]
    return mark


def trusted_now() -> datetime:
    """The database's clock, where it can be believed. Cost: one query.

    Errors: `Refusal` `clock_went_back` when it stands behind the furthest moment this portal has seen.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement_timestamp(), (SELECT at FROM access_clockmark WHERE id = 1)"
        )
        now, mark = cursor.fetchone()
    if mark is not None and now < mark - TOLERANCE:
        raise Refusal(
            "The clock of the database stands behind a moment this portal has already seen, so no data is given "
            "out until it is right again. An administrator can find out more with `./manage.py doctor`.",
            code="clock_went_back",
            status=503,
        )
    assert isinstance(now, datetime)
    return now
