"""Who is looking at a page."""

from typing import cast

from django.http import HttpRequest

from access.models import Principal


def person(request: HttpRequest) -> Principal:
    """The signed-in person; pages are only reached by one."""
    return cast(Principal, request.user)
