"""Keeps a secret that the portal has to be able to read again, such as somebody's Slack address, unreadable in its rows.

What is kept is encrypted with a key made from SECRET_KEY, and authenticated; a copy of the database alone tells nothing.
HMAC-SHA256 makes the key stream (a pseudorandom function in counter mode) and, under another key, the tag over what
was encrypted. Source: Bellare and Namprempre (2000), encrypt-then-MAC; NIST SP 800-108 for the derivation.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from django.conf import settings

FORM = "concealed:1:"
NONCE, TAG = 16, 32


class Unreadable(Exception):
    """It was concealed with a key this portal no longer has, or was altered."""


def conceal(text: str, about: str) -> str:
    """The text, readable only here and only for `about`."""
    nonce = secrets.token_bytes(NONCE)
    hidden = _mixed(text.encode(), nonce, settings.SECRET_KEY)
    tag = _tag(hidden, nonce, about, settings.SECRET_KEY)
    return FORM + base64.b64encode(nonce + tag + hidden).decode()


def reveal(concealed: str, about: str) -> str:
    """The text again. Errors: `Unreadable`."""
    try:
        raw = base64.b64decode(concealed.removeprefix(FORM), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable from None
    nonce, tag, hidden = raw[:NONCE], raw[NONCE : NONCE + TAG], raw[NONCE + TAG :]
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(tag, _tag(hidden, nonce, about, key)):
            return _mixed(hidden, nonce, key).decode()
    raise Unreadable


def is_concealed(text: str) -> bool:
    """Whether the text is one of ours."""
    return text.startswith(FORM)


def _key(secret: str, use: str) -> bytes:
    return hmac.digest(secret.encode(), f"gatehouse.concealing.{use}".encode(), hashlib.sha256)


def _tag(hidden: bytes, nonce: bytes, about: str, secret: str) -> bytes:
    named = about.encode()
    content = len(named).to_bytes(8, "big") + named + nonce + hidden
    return hmac.digest(_key(secret, "tag"), content, hashlib.sha256)


def _mixed(content: bytes, nonce: bytes, secret: str) -> bytes:
    """Content and key stream, one over the other: the same again gives the content back."""
    key = _key(secret, "stream")
    blocks = (len(content) + 31) // 32
    stream = b"".join(
        hmac.digest(key, nonce + number.to_bytes(8, "big"), hashlib.sha256)
        for number in range(blocks)
    )
    return bytes(left ^ right for left, right in zip(content, stream, strict=False))
