"""Drops the databases that ended forks left behind: a second fork could not make its own of the same name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql


@contextmanager
def kept_clean() -> Iterator[Callable[[], None]]:
    """Gives what drops every database made since; called at the end too."""
    before = _names()

    def clean() -> None:
        for name in _names() - before:
            with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))

    try:
        yield clean
    finally:
        clean()


def _names() -> set[str]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
