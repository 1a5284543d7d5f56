"""Deciding one request by the link in a mail: whoever follows it signs in first, and decides by a form."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from access.clock import database_now
from access.deciding import decisions
from access.delivering import links
from access.errors import AccessError
from access.models import AccessRequest, DecisionLink, RequestState
from portal.forms.asking import DecisionForm
from portal.pages.cases import cases_of, columns_asked
from portal.views.inbox import RELATIONS, settle
from portal.views.people import person


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, token: str) -> HttpResponse:
    """The one request, with approving and denying; looking at it changes nothing."""
    viewer, now = person(request), database_now()
    link = links.opened(token, actor=viewer)
    asked = AccessRequest.objects.select_related(*RELATIONS).get(pk=link.request_id)
    why_not = _why_not(link, asked) or decisions.reason_not_to(viewer, asked)
    error = ""
    if request.method == "POST" and not why_not:
        form = DecisionForm(request.POST, columns=columns_asked(asked), unmasked=asked.unmasked)
        if form.is_valid():
            said = {**form.cleaned_data, "narrowed": False, "rows": "", "duration": None}
            try:
                words = links.use(
                    link,
                    partial(settle, asked, viewer, said),
                    actor=viewer,
                    approves=said["verdict"] == "approve",
                    now=now,
                )
            except AccessError as refused:
                error = refused.message
            else:
                messages.success(request, words)
                return redirect("request", pk=asked.pk)
        else:
            error = " ".join(str(each) for found in form.errors.values() for each in found)
    context = {
        "case": None if why_not else cases_of([asked], viewer, now)[0],
        "access_request": asked,
        "why_not": why_not,
        "error": error,
    }
    status = 422 if error else 409 if request.method == "POST" else 200
    return render(request, "portal/decide.html", context, status=status)


def _why_not(link: DecisionLink, asked: AccessRequest) -> str:
    """Why the link leads to no decision any more, in words."""
    if asked.state != RequestState.PENDING:
        return "It has been settled."
    if links.is_spent(link, database_now()):
        return "This link was used, or its time is over. What waits for you is in your inbox."
    return ""
