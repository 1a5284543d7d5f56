"""What could not be told, for administrators: mails and posts that were set aside, and webhooks that are off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from access.clock import database_now
from access.delivering import overview
from access.people.permissions import Permission, require
from access.words import counted
from portal.views.people import person


def deliveries(request: HttpRequest) -> HttpResponse:
    """Webhooks with how they fare, and whatever was given up on."""
    viewer = person(request)
    require(viewer, Permission.ADMINISTER)
    return render(request, "portal/deliveries.html", {"seen": overview.overview(viewer)})


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Try everything that was set aside once more."""
    n_again = overview.try_again(actor=person(request), now=database_now())
    messages.success(request, f"{counted(n_again, 'message')} will be tried again.")
    return redirect("deliveries")
