"""The portal's own webhooks as code: addresses and secrets stay references, and are never shown."""

import pytest

from access.models import AuditEvent, Endpoint
from portal.configuration.errors import BrokenConfiguration
from tests.portal.configuration.conftest import Apply

pytestmark = pytest.mark.django_db

TEXT = """
domains:
  - {name: commerce}
webhooks:
  - {name: channel, kind: slack, url: "${SLACK_URL}", kinds: [request.submitted, glass.*], domains: [commerce]}
  - name: siem
    kind: generic
    url: https://siem.example.com/in?key=hunter2
    secret: ${NEW_SECRET}
    old_secret: ${file:/run/secrets/old}
    hidden: true
"""


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_URL", "https://hooks.slack.com/services/hunter2")
    monkeypatch.setenv("NEW_SECRET", "whsec_hunter2")


def test_webhooks_are_kept_as_written_and_applying_again_changes_nothing(applied: Apply) -> None:
    applied(TEXT)

    channel, siem = Endpoint.objects.order_by("name")
    assert (channel.address, channel.host) == ("${SLACK_URL}", "${SLACK_URL}")
    assert (channel.kinds, channel.domains) == (["request.submitted", "glass.*"], ["commerce"])
    assert siem.secrets == ["${NEW_SECRET}", "${file:/run/secrets/old}"]
    assert (siem.host, siem.includes_hidden, siem.owner) == ("siem.example.com", True, None)
    assert applied(TEXT) == ()


def test_a_change_is_planned_and_recorded_without_address_or_secret(applied: Apply) -> None:
    applied(TEXT)
    changes = applied(
        TEXT.replace("key=hunter2", "key=hunter3").replace("hidden: true", "kinds: [tick.*]")
    )

    printed = "\n".join(line for change in changes for line in change.lines())
    assert "address: (as before) -> (as in the file)" in printed
    assert "kinds: (nothing) -> tick.*" in printed
    written = printed + str(list(AuditEvent.objects.values()))
    assert "hunter" not in written
    assert AuditEvent.objects.filter(kind="endpoint.changed").count() == 1


def test_pruning_removes_what_the_files_no_longer_name(applied: Apply) -> None:
    applied(TEXT)
    applied("domains: [{name: commerce}]", pruning=True)

    assert not Endpoint.objects.exists()
    assert AuditEvent.objects.filter(kind="endpoint.removed").count() == 2


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{name: a, kind: slack, url: 'https://hooks.slack.com/x'}", "as a reference"),
        ("{name: a, kind: generic, url: 'https://a.example/'}", "needs `secret`"),
        (
            "{name: a, kind: generic, url: 'https://a.example/', secret: whsec_x}",
            "a reference such as",
        ),
        ("{name: a, kind: slack, url: '${SLACK_URL}', secret: '${NEW_SECRET}'}", "only a generic"),
        ("{name: a, kind: generic, url: 'ftp://a.example/', secret: '${NEW_SECRET}'}", "https://"),
        ("{name: a, kind: pigeon, url: '${SLACK_URL}'}", "'slack', 'teams' or 'generic'"),
        ("{name: a, kind: slack, url: '${SLACK_URL}', kinds: [everything]}", "match pattern"),
        (
            "{name: a, kind: slack, url: '${SLACK_URL}', domains: [nowhere]}",
            "no domain called nowhere",
        ),
        ("{name: a, kind: slack, url: '${NOWHERE_URL}'}", "no variable NOWHERE_URL"),
    ],
)
def test_mistakes_are_told_and_change_nothing(applied: Apply, entry: str, expected: str) -> None:
    with pytest.raises(BrokenConfiguration) as broken:
        applied(f"webhooks:\n  - {entry}\n")

    assert expected in str(broken.value)
    assert "whsec_x" not in str(broken.value)
    assert not Endpoint.objects.exists()
