"""Advisory locks of PostgreSQL: of several workers and beats that come to do one job, one does it and the rest go on.

A lock belongs to a session and dies with it, so a killed worker leaves none behind. Nothing is correct because of a
lock: every job is safe to run twice at once, and the locks only save the effort.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def held(job: str) -> Iterator[bool]:
    """Whether this session got the lock of `job`; held until the block ends. Never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"gatehouse:{job}"])
        got: bool = cursor.fetchone()[0]
    try:
        yield got
    finally:
        if got:
            _release(job)


def _release(job: str) -> None:
    """Lets go; a session that has died, or whose transaction failed, has let go or will with its connection."""
    if connection.connection is None or connection.needs_rollback:
        connection.close()
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"gatehouse:{job}"])
