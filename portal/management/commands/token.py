"""`token NAME`: makes an API token and prints it once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.clock import database_now
from access.errors import AccessError
from access.models import Principal
from access.people import tokens
from access.spans import parse_span


class Command(BaseCommand):
    """Only the token's hash is stored: what this prints can never be shown again."""

    help = "Print a new API token of a person or service account, once, alone on its line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose token, what it may be used for, and for how long."""
        parser.add_argument("name", metavar="NAME", help="alice, user:alice or service:loader")
        parser.add_argument(
            "--scopes",
            default="",
            metavar="A,B",
            help=f"of {', '.join(tokens.SCOPES)}; default: all",
        )
        parser.add_argument("--expires", type=_span, metavar="30d", help="default: never")
        parser.add_argument("--label", default="", help="what it is for, as its lists show it")

    def handle(
        self, *, name: str, scopes: str, expires: timedelta | None, label: str, **_: Any
    ) -> None:
        """Make the token and print its secret."""
        now = database_now()
        try:
            made = tokens.issue(
                _principal(name),
                actor=None,
                now=now,
                scopes=[scope.strip() for scope in scopes.split(",") if scope.strip()],
                expires_at=now + expires if expires else None,
                label=label,
            )
        except AccessError as error:
            raise CommandError(error.message) from error
        secret = made[1]
        self.stdout.write(secret)


def _principal(name: str) -> Principal:
    kind, _, username = name.rpartition(":")
    kinds = {"user": "person", "service": "service"}
    found = Principal.objects.filter(username=username)
    if kind:
        found = found.filter(kind=kinds.get(kind, ""))
    principal = found.first()
    if principal is None:
        raise CommandError(f"There is no person or service account called {name}.")
    return principal


def _span(text: str) -> timedelta:
    try:
        return parse_span(text)
    except ValueError as error:
        raise CommandError(f"--expires: {error}") from error
