"""The living style page: every component in every state."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal import samples


def style(request: HttpRequest) -> HttpResponse:
    """Shows the design system as it is."""
    return render(request, "portal/style.html", samples.context())
