"""Checkpoints of the audit: what one says, and the signature by which this portal knows its own."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.conf import settings

from access.models import AuditCheckpoint

SIGNED = ("last_id", "head", "n_events", "until", "made_at")


def last_checkpoint() -> AuditCheckpoint | None:
    """The checkpoint that stands furthest along."""
    return AuditCheckpoint.objects.order_by("-last_id").first()


def fields_of(made: AuditCheckpoint) -> dict[str, Any]:
    """What a checkpoint says and signs, as it is exported."""
    return {
        "last_id": made.last_id,
        "head": made.head,
        "n_events": made.n_events,
        "until": made.until.isoformat(),
        "made_at": made.made_at.isoformat(),
    }


def is_signed(fields: Mapping[str, Any], signature: str) -> bool:
    """Whether this portal signed these fields, with its present key or one it had before."""
    keys = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
    return any(hmac.compare_digest(_signed(fields, key), signature) for key in keys)


def signature(fields: Mapping[str, Any]) -> str:
    """The signature of these fields under the portal's present key."""
    return _signed(fields, settings.SECRET_KEY)


def _signed(fields: Mapping[str, Any], key: str) -> str:
    """An HMAC-SHA256 over the fields in order, under a key derived for this use alone."""
    derived = hmac.digest(key.encode(), b"gatehouse audit checkpoint", "sha256")
    text = "\n".join(str(fields[name]) for name in SIGNED)
    return hmac.new(derived, text.encode(), sha256).hexdigest()
