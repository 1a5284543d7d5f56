"""The mailbox: every message the portal sent this person, readable whether or not mail is configured."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access import notices
from access.clock import database_now
from access.models import Notice
from portal.views.paging import leaves
from portal.views.people import person


def mailbox(request: HttpRequest) -> HttpResponse:
    """My messages, newest first; opening the page marks them read."""
    viewer = person(request)
    rows = Notice.objects.filter(recipient=viewer)
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    response = render(
        request, "portal/mailbox.html", {"page": page, "notices": shown, **leaves(request, page)}
    )
    notices.mark_read(viewer, [notice.pk for notice in shown], now=database_now())
    return response
