"""What the portal told me, with what is new; kept here whether or not it also went by mail or to a webhook."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from access import notices
from access.clock import database_now
from access.delivering.topics import TOPICS, topic_of
from access.models import Notice
from access.words import counted
from portal.views.paging import leaves
from portal.views.people import person

PAGE = 30


def listing(request: HttpRequest) -> HttpResponse:
    """My notices, newest first; with `?unread=1` only those I have not read."""
    viewer = person(request)
    rows = notices.shown_to(viewer)
    only_unread = request.GET.get("unread") == "1"
    page = Paginator(rows.filter(read_at=None) if only_unread else rows, PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "told": [(each, topic_of(each.kind)) for each in page.object_list],
        "n_unread": notices.n_unread(viewer),
        "only_unread": only_unread,
        "topics": TOPICS,
        **leaves(request, page),
    }
    return render(request, "portal/notices.html", context)


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Goes where a notice of mine leads, and marks it read: the address to give to others is the one behind it."""
    viewer = person(request)
    found = get_object_or_404(Notice, pk=pk, recipient=viewer)
    notices.mark_read(viewer, [found.pk], now=database_now())
    return redirect(found.link if found.link.startswith("/") else "notices")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all of mine read, or the one that the form names."""
    viewer = person(request)
    named = [int(each) for each in request.POST.getlist("notice") if each.isdecimal()]
    n_read = notices.mark_read(viewer, named or None, now=database_now())
    if not named:
        messages.success(request, f"Marked {counted(n_read, 'notice')} read.")
    return redirect("notices")
