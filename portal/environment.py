"""Reads the environment into typed values, for the settings and for nothing else.

A reader either returns a value of its type or raises `Misconfigured` naming the variable and what was expected, so
that a typing mistake ends the start instead of changing behaviour quietly. Values of secrets are never repeated.
"""

import os
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class Misconfigured(Exception):
    """A variable is missing or cannot be read; the message names it and what to write instead."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name}: {expected}")
        self.name = name


def text(name: str, *, default: str | None = None) -> str:
    """The variable as it stands; empty counts as not set.

    Errors: `Misconfigured` when it is not set and there is no default.
    """
    value = os.environ.get(name, "") or default
    if value is None:
        raise Misconfigured(name, "must be set")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Whether a switch is on: 1, true, yes, on against 0, false, no, off."""
    value = text(name, default=str(default)).lower()
    if value not in TRUE | FALSE:
        raise Misconfigured(name, "expected one of 1, true, yes, on, 0, false, no, off")
    return value in TRUE


def whole(name: str, *, default: int, least: int = 0, most: int | None = None) -> int:
    """A whole number between `least` and `most`, both included."""
    value = text(name, default=str(default))
    bounds = f"a whole number from {least}" + (f" to {most}" if most is not None else " up")
    if not re.fullmatch(r"-?\d+", value):
        raise Misconfigured(name, f"expected {bounds}, got {value!r}")
    number = int(value)
    if number < least or (most is not None and number > most):
        raise Misconfigured(name, f"expected {bounds}, got {number}")
    return number


def span(name: str, *, default: str) -> timedelta:
    """A length of time written as 90s, 15m, 12h or 30d."""
    value = text(name, default=default)
    match = re.fullmatch(r"(\d+)([smhd])", value)
    if match is None:
        raise Misconfigured(name, f"expected a span such as 90s, 15m, 12h or 30d, got {value!r}")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def names(name: str, *, default: Sequence[str]) -> list[str]:
    """Several words separated by commas."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or list(default)


def choice(name: str, *, options: Sequence[str], default: str) -> str:
    """One of the named options."""
    value = text(name, default=default)
    if value not in options:
        raise Misconfigured(name, f"expected one of {', '.join(options)}, got {value!r}")
    return value


def secret(name: str, *, default: str | Callable[[], str] | None = None) -> str:
    """A value that is never shown: from the variable, else from the file that `<name>_FILE` names, else the default.

    A default may be a function, so that a key is only made when nobody gave one.
    """
    value = os.environ.get(name, "") or _from_file(f"{name}_FILE")
    if value:
        return value
    if default is None:
        raise Misconfigured(name, f"must be set, here or in the file that {name}_FILE names")
    return default() if callable(default) else default


def _from_file(name: str) -> str:
    path = os.environ.get(name, "")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Misconfigured(name, f"cannot read that file ({error.strerror})") from error


def database(name: str, url: str) -> dict[str, Any]:
    """Django's settings for the PostgreSQL at `url`, in any form libpq reads, with a connection pool.

    Errors: `Misconfigured` for a URL that libpq cannot parse or that names no database; the URL is not repeated,
    as it may hold a password.
    """
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.errors import ProgrammingError

    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except ProgrammingError as error:
        raise Misconfigured(name, "expected postgresql://user@host:port/database") from error
    if "dbname" not in parts:
        raise Misconfigured(
            name, "names no database; expected postgresql://user@host:port/database"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
    }


def broker(name: str, url: str) -> str:
    """The address of Redis or Valkey as Celery spells it: unix:///path.sock becomes redis+socket:///path.sock.

    Errors: `Misconfigured` for a scheme other than redis, rediss or unix.
    """
    parts = urlsplit(url)
    if parts.scheme in {"redis", "rediss"}:
        return url
    if parts.scheme != "unix":
        raise Misconfigured(name, "expected redis://, rediss:// or unix:///path/to/socket")
    query = parts.query.replace("db=", "virtual_host=")
    return f"redis+socket://{parts.path}" + (f"?{query}" if query else "")
