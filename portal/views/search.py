"""Searching: the page, and what the palette shows while somebody types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from access.clock import database_now
from portal.pages.search import found_for, palette_hits, places_for
from portal.shell import Shell
from portal.views.people import person


def search(request: HttpRequest) -> HttpResponse:
    """The search page; a search as typed swaps the results alone."""
    found = found_for(person(request), request.GET, now=database_now())
    context = {"found": found, "query": request.GET.get("q", "")}
    return render(request, "portal/search.html", context)


def palette(request: HttpRequest) -> HttpResponse:
    """The lines under the palette's box."""
    typed = request.GET.get("q", "").strip()
    context = {
        "query": typed,
        "hits": palette_hits(person(request), typed, now=database_now()) if typed else [],
        "places": places_for(Shell(request).places, typed),
        "search_url": f"{reverse('search')}?{urlencode({'q': typed})}",
    }
    return render(request, "portal/components/_palette_results.html", context)
