"""Signatures of generic webhooks, by which a receiver knows that a message is the portal's and not an old one.

Source: Standard Webhooks 1.0.0 (symmetric scheme, `v1`).
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

PREFIX = "whsec_"
LEAST, MOST = 24, 64


class WrongSecret(Exception):
    """A signing secret that is not `whsec_` and the Base64 of 24 to 64 bytes. It is never repeated."""


def headers(key: uuid.UUID, body: bytes, secrets: Sequence[bytes], at: datetime) -> dict[str, str]:
    """The three headers of a message; one signature for each secret, the newest first, so that secrets can rotate.

    The id is the same at every attempt, the time is the attempt's.
    """
    name, seconds = f"msg_{key.hex}", str(int(at.timestamp()))
    signatures = [f"v1,{signature(name, seconds, body, secret)}" for secret in secrets]
    return {
        "webhook-id": name,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(signatures),
    }


def signature(name: str, seconds: str, body: bytes, secret: bytes) -> str:
    """Base64 of HMAC-SHA256 over `name.seconds.body`."""
    content = f"{name}.{seconds}.".encode() + body
    return base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()


def read_secret(text: str) -> bytes:
    """The bytes of `whsec_...`. Errors: `WrongSecret`."""
    if not text.startswith(PREFIX):
        raise WrongSecret
    try:
        found = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise WrongSecret from None
    if not LEAST <= len(found) <= MOST:
        raise WrongSecret
    return found


def write_secret(secret: bytes) -> str:
    """A secret as it is handed to a receiver."""
    return PREFIX + base64.b64encode(secret).decode()


def derived(key: uuid.UUID, version: int) -> list[bytes]:
    """The signing secrets of a person's own endpoint: from the portal's key, then from its keys of before.

    They are kept nowhere, so nothing that is stolen from the database signs anything.
    """
    context = f"gatehouse.endpoint.signing:{key}:{version}".encode()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hmac.digest(each.encode(), context, hashlib.sha256) for each in keys]
