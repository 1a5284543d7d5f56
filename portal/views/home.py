"""The page a person starts from."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.clock import database_now
from portal.pages.home import home_of
from portal.views.people import person


def home(request: HttpRequest) -> HttpResponse:
    """Search, my data, pinned dashboards, what waits for me."""
    viewer = person(request)
    return render(request, "portal/home.html", {"home": home_of(viewer, now=database_now())})
