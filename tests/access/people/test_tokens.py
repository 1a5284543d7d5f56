"""Tokens: shown once, kept as a hash, gone with their principal."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from access.clock import database_now
from access.errors import Invalid, NotAllowed
from access.models import AuditEvent, Principal, Token
from access.people import principals, tokens
from tests.access.lifecycle import DAY

pytestmark = pytest.mark.django_db


def _issue(
    principal: Principal, actor: Principal | None = None, **fields: object
) -> tuple[Token, str]:
    return tokens.issue(principal, actor=actor, now=database_now(), **fields)  # type: ignore[arg-type]


def test_a_token_opens_for_its_principal_and_its_secret_is_kept_nowhere(analyst: Principal) -> None:
    token, secret = _issue(analyst)

    found = tokens.authenticate(secret, database_now())

    assert found == token
    assert found is not None
    assert found.principal == analyst
    stored = str([*Token.objects.values_list(), *AuditEvent.objects.values_list()])
    assert secret not in stored
    assert secret[9:] not in stored


ENDINGS: dict[str, Callable[[Token], object]] = {
    "revoked": lambda token: tokens.revoke(token, actor=None, now=database_now()),
    "expired": lambda token: Token.objects.filter(pk=token.pk).update(expires_at=database_now()),
    "left": lambda token: principals.deactivate(token.principal, actor=None, now=database_now()),
    "switched off": lambda token: Principal.objects.filter(pk=token.principal_id).update(
        is_active=False
    ),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_an_ended_token_opens_nothing(
    ending: Callable[[Token], object], analyst: Principal
) -> None:
    token, secret = _issue(analyst, expires_at=database_now() + DAY)

    ending(token)

    assert tokens.authenticate(secret, database_now()) is None


def test_a_wrong_secret_opens_nothing(analyst: Principal) -> None:
    _, secret = _issue(analyst)

    assert tokens.authenticate(secret[:-1], database_now()) is None
    assert tokens.authenticate("", database_now()) is None


def test_a_token_that_died_with_a_leaver_stays_dead_when_they_return(analyst: Principal) -> None:
    _, secret = _issue(analyst)

    principals.deactivate(analyst, actor=None, now=database_now())
    principals.reactivate(analyst, actor=None, now=database_now())

    assert tokens.authenticate(secret, database_now()) is None


def test_a_services_token_sleeps_while_nobody_answers_for_it(analyst: Principal) -> None:
    loader = principals.create_service("loader", owner=analyst, actor=None, now=database_now())
    _, secret = _issue(loader, actor=analyst)
    assert tokens.authenticate(secret, database_now())

    principals.deactivate(analyst, actor=None, now=database_now())

    assert tokens.authenticate(secret, database_now()) is None


def test_nobody_makes_a_token_to_act_as_somebody_else(
    analyst: Principal, outsider: Principal, administrator: Principal
) -> None:
    for actor in (outsider, administrator):
        with pytest.raises(NotAllowed):
            _issue(analyst, actor=actor)
    token, _ = _issue(analyst, actor=analyst)
    with pytest.raises(NotAllowed):
        tokens.revoke(token, actor=outsider, now=database_now())
    assert tokens.revoke(token, actor=administrator, now=database_now())


def test_wrong_scopes_and_ends_are_refused(analyst: Principal) -> None:
    with pytest.raises(Invalid, match="catalog"):
        _issue(analyst, scopes=["everything"])
    with pytest.raises(Invalid):
        _issue(analyst, expires_at=database_now() - timedelta(seconds=1))


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(analyst: Principal) -> None:
    token, secret = _issue(analyst)
    tokens.authenticate(secret, database_now())
    token.refresh_from_db()
    first = token.last_used_at
    tokens.authenticate(secret, database_now())
    token.refresh_from_db()

    assert first == token.last_used_at is not None


def test_the_command_prints_the_token_alone_on_its_line(
    analyst: Principal, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("token", "user:alice", "--scopes", "query, catalog", "--expires", "30d")

    secret = capsys.readouterr().out.strip()
    token = tokens.authenticate(secret, database_now())
    assert token is not None
    assert token.scopes == ["catalog", "query"]
    with pytest.raises(CommandError, match="nobody"):
        call_command("token", "nobody")
    with pytest.raises(CommandError, match="span"):
        call_command("token", "alice", "--expires", "soon")
