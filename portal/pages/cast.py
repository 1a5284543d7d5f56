"""The people of the demo on its sign-in page: whom to try, what to try as them, and their one password."""

from dataclasses import dataclass

from django.conf import settings

from access.models import Principal
from portal.demo.people import PERSONAS, SHARED


@dataclass(frozen=True)
class Actor:
    """Somebody to sign in as."""

    username: str
    name: str
    story: str


def actors() -> tuple[Actor, ...]:
    """The demo’s people who are here; nobody in production, or where the demo was not loaded. Cost: one query."""
    if settings.IS_PRODUCTION:
        return ()
    wanted = [persona.username for persona in PERSONAS]
    found = Principal.objects.filter(username__in=wanted, is_active=True).in_bulk(
        field_name="username"
    )
    return tuple(
        Actor(persona.username, str(found[persona.username]), persona.story)
        for persona in PERSONAS
        if persona.username in found
    )


def shared_password() -> str:
    """The password of everybody in the cast."""
    return SHARED
