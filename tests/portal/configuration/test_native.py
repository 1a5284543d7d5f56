"""Native access as the files give and take it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from access.models import AuditEvent, NativeAccess
from portal.configuration.errors import BrokenConfiguration
from tests.portal.configuration.conftest import Apply

PLAIN = "warehouses: [{name: pg, url: 'postgresql://reader@db/shop', manage: 'postgresql://admin@db/shop'}]"


def said(native: str) -> str:
    return PLAIN.replace("}]", f", native: {native}}}]")


def test_it_is_switched_changed_and_switched_off_once_each(applied: Apply) -> None:
    applied(said("true"))
    assert applied(said("true")) == ()
    applied(said("{take_back: true, host: db.example.com, port: 6432}"))
    assert applied(said("{take_back: true, host: db.example.com, port: 6432}")) == ()

    access = NativeAccess.objects.get()
    assert (access.is_on, access.takes_back, access.host, access.port) == (True, True, "db.example.com", 6432)  # fmt: skip
    applied(said("false"))
    assert applied(said("false")) == ()
    access.refresh_from_db()
    assert not access.is_on
    kinds = list(AuditEvent.objects.filter(kind__startswith="native.").order_by("id").values_list("kind", flat=True))  # fmt: skip
    assert kinds == ["native.switched_on", "native.changed", "native.switched_off"]


def test_a_file_that_says_nothing_leaves_what_the_form_said(applied: Apply) -> None:
    applied(said("true"))

    assert applied(PLAIN) == ()
    assert NativeAccess.objects.get().is_on


def test_a_plan_switches_nothing(applied: Apply) -> None:
    applied(PLAIN)

    assert applied(said("true"), plan=True) != ()
    assert not NativeAccess.objects.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (said("true").replace(", manage: 'postgresql://admin@db/shop'", ""), "manage"),
        ("warehouses: [{name: wh, url: 'duckdb:///WAREHOUSE', native: true}]", "PostgreSQL"),
        (said("{port: 0}"), "port"),
        (said("{ports: 1}"), "ports"),
    ],
)
def test_what_cannot_be_is_said(applied: Apply, text: str, words: str) -> None:
    with pytest.raises(BrokenConfiguration) as caught:
        applied(text)

    assert words in str(caught.value)


def test_the_administrators_url_cannot_go_while_it_is_on(applied: Apply) -> None:
    applied(said("true"))

    with pytest.raises(BrokenConfiguration, match="native: false"):
        applied(PLAIN.replace(", manage: 'postgresql://admin@db/shop'", ""))


def test_the_command_shows_how_it_stands(applied: Apply) -> None:
    applied(said("true"))
    out = StringIO()
    call_command("native", "pg", stdout=out)

    assert "On, 0 logins." in out.getvalue()
    with pytest.raises(CommandError, match="no native access"):
        call_command("native", "elsewhere")
