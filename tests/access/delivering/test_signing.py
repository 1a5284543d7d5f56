"""Signatures, against the specification's own example and an implementation of its own; secrets that stay secret."""

import base64
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from access.delivering import concealing, signing
from tests.access.delivering.receivers import Message, is_genuine

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()


def test_the_known_answer_of_the_reference_libraries() -> None:
    given = signing.signature(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
        signing.read_secret(SECRET),
    )

    assert given == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_secrets_rotate_either_verifies_and_no_third_does() -> None:
    body = b'{"type":"x"}'
    secrets = [signing.read_secret(each) for each in (SECRET, OLD)]
    message = Message("/", signing.headers(uuid.uuid4(), body, secrets, NOW), body)

    assert is_genuine(message, SECRET)
    assert is_genuine(message, OLD)
    assert not is_genuine(message, "whsec_" + base64.b64encode(b"x" * 32).decode())
    assert not is_genuine(Message("/", message.headers, body + b" "), SECRET)
    assert not is_genuine(Message("/", {**message.headers, "webhook-timestamp": "1"}, body), SECRET)


def test_the_id_stays_and_the_time_is_the_attempts() -> None:
    key = uuid.uuid4()
    first = signing.headers(key, b"", [b"x" * 32], NOW)
    second = signing.headers(key, b"", [b"x" * 32], NOW.replace(hour=13))

    assert first["webhook-id"] == second["webhook-id"] == f"msg_{key.hex}"
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3600
    assert first["webhook-signature"] != second["webhook-signature"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "whsec_",
        "whsec_c2hvcnQ=",
        "whsec_!!!!",
        "whsk_" + "A" * 44,
        "whsec_" + "A" * 400,
    ],
)
def test_a_secret_in_another_form_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(signing.WrongSecret) as refused:
        signing.read_secret(text)
    assert str(refused.value) == ""


def test_a_derived_secret_is_an_endpoints_own_and_outlives_a_change_of_the_portals_key(
    settings: Any,
) -> None:
    key = uuid.uuid4()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "one", []
    before = signing.derived(key, 1)
    assert signing.derived(uuid.uuid4(), 1) != before
    assert signing.derived(key, 2) != before

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "two", ["one"]
    assert signing.derived(key, 1)[1:] == before


def test_what_is_concealed_is_readable_with_the_key_and_for_its_purpose_alone(
    settings: Any,
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "one", []
    url = "https://hooks.slack.com/services/T0/B0/" + "x" * 40
    kept = concealing.conceal(url, "a")

    assert concealing.is_concealed(kept)
    assert "slack" not in kept
    assert "slack" not in str(base64.b64decode(kept.removeprefix(concealing.FORM)))
    assert concealing.conceal(url, "a") != kept
    assert concealing.reveal(kept, "a") == url
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "two", ["one"]
    assert concealing.reveal(kept, "a") == url
    for broken in (kept[:-8] + "AAAAAAA=", kept[:-4], "concealed:1:", "concealed:1:%"):
        with pytest.raises(concealing.Unreadable):
            concealing.reveal(broken, "a")
    with pytest.raises(concealing.Unreadable):
        concealing.reveal(kept, "b")
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(concealing.Unreadable):
        concealing.reveal(kept, "a")
