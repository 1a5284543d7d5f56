"""Using one's own tools: a login to a warehouse, its password once, and what it shows."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from access import provisioning
from access.clock import database_now
from access.errors import Conflict
from access.models import NativeAccess, Principal
from access.people.principals import holders_for
from portal.views.people import person


def own_tools(request: HttpRequest) -> HttpResponse:
    """Every warehouse that this person, or a service account of theirs, may read with tools of their own."""
    return _page(request, person(request))


@require_POST
@never_cache
def open_login(request: HttpRequest, pk: int) -> HttpResponse:
    """A login, or a new password for it: on this answer and nowhere else."""
    viewer = person(request)
    access = get_object_or_404(NativeAccess.objects.select_related("warehouse"), pk=pk, is_on=True)
    holder = _holders(viewer).get(request.POST.get("holder", str(viewer.pk)))
    if holder is None:
        raise Http404
    try:
        issued = provisioning.open_login(access, holder=holder, actor=viewer, now=database_now())
    except Conflict as error:
        messages.error(request, error.message)
        return redirect("own-tools")
    return _page(request, viewer, issued=issued, issued_in=access, issued_to=holder)


@require_POST
def close_login(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a login back."""
    viewer = person(request)
    login = get_object_or_404(provisioning.logins_of(viewer), pk=pk)
    if provisioning.close_login(login, actor=viewer, now=database_now()):
        messages.success(request, f"{login.role} is closed. Its sessions end within moments.")
    return redirect("own-tools")


def _holders(viewer: Principal) -> dict[str, Principal]:
    """For whom this person may open a login, by the number the page sends."""
    return {str(each.pk): each for each in holders_for(viewer) if isinstance(each, Principal)}


def _page(request: HttpRequest, viewer: Principal, **shown: object) -> HttpResponse:
    context = {"tools": provisioning.tools_of(viewer), **shown}
    return render(request, "portal/own_tools.html", context)
