"""Moves the clock of PostgreSQL itself, for one session: forwards and back, seen by every statement and trigger.

The names of its clock are looked up in a schema of our own before `pg_catalog`, so that not one line of the portal knows
about it.
"""

from datetime import timedelta

from django.db import connection

CLOCKS = ("statement_timestamp", "clock_timestamp", "now", "transaction_timestamp")
CLOCK = """
CREATE OR REPLACE FUNCTION moved.{name}() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.{name}()
         + make_interval(secs => coalesce(nullif(current_setting('moved.by', true), ''), '0')::float)
$$
"""


def install() -> None:
    """Make the clock that can be moved; once a database."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS moved")
        for name in CLOCKS:
            cursor.execute(CLOCK.format(name=name))


def take(by: timedelta = timedelta()) -> None:
    """Let this session go by the clock that can be moved, `by` so much ahead of the real one."""
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = moved, pg_catalog, public")
        cursor.execute("SELECT set_config('moved.by', %s, false)", [str(by.total_seconds())])


def be_patient(time: str) -> None:
    """End a statement of this session that waits longer for a lock than that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [time])


def leave() -> None:
    """Give the session its own clock back."""
    with connection.cursor() as cursor:
        cursor.execute("RESET search_path")
        cursor.execute("SELECT set_config('moved.by', '', false)")


def remove() -> None:
    """Take the clock that can be moved out of the database again."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA moved CASCADE")
