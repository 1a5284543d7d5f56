"""One call: to a checked address and no other, briefly, and without following anybody anywhere."""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest

from access.delivering import calling
from access.delivering.calling import Answer, Rules
from tests.access.delivering.receivers import TLS, drip, hang_up, huge, receiving, status

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
LOCAL = Rules(frozenset({"127.0.0.1", "hooks.example"}), http=True, seconds=1.0)
STRICT = Rules(http=True, seconds=1.0)


def _post(url: str, rules: Rules = LOCAL, **more: object) -> Answer:
    return calling.post(url, b"{}", {"X": "y"}, rules=rules, now=NOW, **more)  # type: ignore[arg-type]


def test_a_message_arrives_with_its_headers() -> None:
    with receiving() as receiver:
        answer = _post(receiver.url)

    (message,) = receiver.messages
    assert answer.is_taken
    assert (message.path, message.body, message.headers["x"]) == ("/hook?token=hunter2", b"{}", "y")
    assert message.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/", "private_address"),
        ("https://localhost/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://[::ffff:127.0.0.1]/", "private_address"),
        ("https://2130706433/", "private_address"),
        ("https://0x7f000001/", "private_address"),
        ("https://169.254.169.254/latest/meta-data/", "private_address"),
        ("http://8.8.8.8/", "not_https"),
        ("ftp://example.com/", "bad_url"),
        ("file:///etc/passwd", "bad_url"),
        ("gopher://127.0.0.1:6379/_SET", "bad_url"),
        ("https://user:pass@example.com/", "bad_url"),
        ("https:///nothing", "bad_url"),
        ("https://[fe80::1%25lo]/", "bad_url"),
        ("https://example.com:99999/", "bad_url"),
        ("https://8.8.8.8/a b", "bad_url"),
        ("https://8.8.8.8/\r\nX: y", "bad_url"),
        ("not a url", "bad_url"),
    ],
)
def test_what_may_not_be_called_is_not(url: str, code: str) -> None:
    answer = _post(url, Rules())

    # Control characters are dropped by the parser of the standard library; then the rest is no path.
    assert answer.error in {code, "unreachable" if "\r" in url else code}
    assert not answer.is_taken


def test_one_private_address_among_public_ones_spoils_the_name() -> None:
    for addresses in (["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["8.8.8.8", "::1"]):
        answer = _post(
            "https://twofaced.example/", Rules(), resolver=lambda *_, found=addresses: found
        )
        assert answer.error == "private_address"


def test_a_name_is_looked_up_once_so_that_it_cannot_lead_elsewhere_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first answer is public, every later one is our own loopback, as an attacker's server would have it."""
    looked_up: list[str] = []
    connected: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["192.88.98.1"] if len(looked_up) == 1 else ["127.0.0.1"]

    def connect(address: tuple[str, int], *_: object) -> socket.socket:
        connected.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    answer = _post("https://rebind.example/", Rules(), resolver=rebinding)

    assert (looked_up, connected) == (["rebind.example"], ["192.88.98.1"])
    assert answer.error == "unreachable"


def test_no_name_is_looked_up_while_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    asked: list[str] = []

    def watched(host: str, *rest: object, **more: object) -> object:
        asked.append(host)
        return real(host, *rest, **more)  # type: ignore[arg-type]

    with receiving() as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", watched)
        url = f"http://hooks.example:{receiver.port}/"
        answer = _post(url, resolver=lambda *_: ["127.0.0.1"])

    assert answer.is_taken
    assert set(asked) == {"127.0.0.1"}
    assert receiver.messages[0].headers["host"] == f"hooks.example:{receiver.port}"


def test_an_allowed_name_that_leads_to_metadata_is_not_called() -> None:
    answer = _post("https://hooks.example/", resolver=lambda *_: ["169.254.169.254"])

    assert answer.error == "private_address"


def test_tls_asks_for_the_name_and_checks_its_certificate() -> None:
    trusting = ssl.create_default_context(cafile=str(TLS / "certificate.pem"))
    with receiving(tls=True) as receiver:
        here = lambda *_: ["127.0.0.1"]  # noqa: E731
        right = _post(f"https://hooks.example:{receiver.port}/", resolver=here, context=trusting)
        rules = Rules(frozenset({"other.example", "hooks.example"}), seconds=1.0)
        wrong = _post(
            f"https://other.example:{receiver.port}/", rules, resolver=here, context=trusting
        )
        strange = _post(f"https://hooks.example:{receiver.port}/", rules, resolver=here)

    assert right.is_taken
    assert (wrong.error, strange.error) == ("certificate", "certificate")
    assert len(receiver.messages) == 1


def test_a_redirect_is_not_followed() -> None:
    with receiving() as inner, receiving(status(307, Location=inner.url)) as receiver:
        answer = _post(receiver.url)

    assert answer.error == "redirect"
    assert inner.messages == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert _post(receiver.url).is_taken

    assert proxy.messages == []


@pytest.mark.parametrize("behaviour", [drip, lambda handler: time.sleep(3)], ids=["drip", "silent"])
def test_a_slow_endpoint_is_left_after_the_time_for_a_call(behaviour: object) -> None:
    with receiving(behaviour) as receiver:  # type: ignore[arg-type]
        began = time.monotonic()
        answer = _post(receiver.url)

    assert answer.error == "too_slow"
    assert time.monotonic() - began < 2.5


def test_a_server_that_never_finishes_its_handshake_is_left_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        answer = _post(f"https://127.0.0.1:{silent.getsockname()[1]}/")

    assert answer.error == "too_slow"
    assert time.monotonic() - began < 2.5


def test_a_body_without_end_is_not_read() -> None:
    with receiving(huge) as receiver:
        began = time.monotonic()
        answer = _post(receiver.url)

    assert answer.is_taken
    assert time.monotonic() - began < 0.9


def test_an_endpoint_that_hangs_up_or_is_not_there_is_told_apart() -> None:
    with receiving(hang_up) as receiver:
        assert _post(receiver.url).error == "broken_answer"
    assert _post(receiver.url).error == "unreachable"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("120", timedelta(seconds=120)),
        ("Mon, 01 Mar 2027 12:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 01 Mar 2027 11:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(hours=24)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_the_wait_that_an_endpoint_asks_for_is_read(text: str, wanted: timedelta | None) -> None:
    with receiving(status(429, Retry_After=text)) as receiver:
        answer = _post(receiver.url)

    assert (answer.error, answer.retry_after) == ("status 429", wanted)
