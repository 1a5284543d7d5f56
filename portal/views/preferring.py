"""How I want to be told: hours, topics, and webhooks of my own."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from access import mail
from access.clock import database_now
from access.delivering import endpoints
from access.delivering import preferences as said
from access.errors import AccessError
from access.models import Endpoint, Principal
from portal.forms.telling import HoursForm, TopicsForm, WebhookForm
from portal.views.people import person


def preferences(request: HttpRequest) -> HttpResponse:
    """The page, and what was typed about hours."""
    viewer = person(request)
    form = HoursForm.of(said.preferences_for(viewer).hours, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            clean = form.cleaned_data
            hours = said.hours_from(clean["zone"], clean["digest_hour"], form.quiet)
            said.choose(viewer, hours=hours, now=database_now())
        except AccessError as error:
            field = {"quiet": "quiet_until"}.get(error.field, error.field)  # type: ignore[attr-defined]
            form.add_error(field, error.message)
        else:
            messages.success(request, "Kept.")
            return redirect("preferences")
    return _page(request, viewer, hours=form)


@require_POST
def topics(request: HttpRequest) -> HttpResponse:
    """What was chosen for each topic."""
    viewer = person(request)
    before = said.preferences_for(viewer)
    form = TopicsForm(before, request.POST)
    if not form.is_valid():
        return _page(request, viewer, topics=form)
    has_webhooks = Endpoint.objects.filter(owner=viewer).exists()
    said.choose(
        viewer, choices=form.choices(before, with_webhooks=has_webhooks), now=database_now()
    )
    messages.success(request, "Kept.")
    return redirect("preferences")


@require_POST
@never_cache
@sensitive_post_parameters("url")
def add_webhook(request: HttpRequest) -> HttpResponse:
    """Add a webhook of one's own; a signing secret is on this answer and nowhere else."""
    viewer = person(request)
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            made = endpoints.create(actor=viewer, now=database_now(), **form.cleaned_data)
        except AccessError as error:
            form.add_error(str(getattr(error, "field", "")) or None, error.message)
        else:
            messages.success(request, f"{made.endpoint.name} hears what you are told from now on.")
            return _after(request, viewer, made)
    return _page(request, viewer, webhook=form)


@require_POST
@never_cache
def act_on_webhook(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Rotate the secret of a webhook, switch it on or off, or remove it."""
    viewer, now = person(request), database_now()
    found = get_object_or_404(endpoints.visible_to(viewer), pk=pk)
    if act == "rotate":
        return _after(request, viewer, endpoints.rotate(found, actor=viewer, now=now))
    if act == "remove":
        endpoints.remove(found, actor=viewer, now=now)
    elif act == "enable":
        endpoints.enable(found, actor=viewer, now=now)
    elif act == "disable":
        endpoints.disable(found, actor=viewer, reason=f"{viewer} switched it off.", now=now)
    else:
        raise Http404
    messages.success(request, "Done.")
    is_own = found.owner_id == viewer.pk
    return redirect(f"{reverse('preferences')}#webhooks" if is_own else reverse("deliveries"))


def _after(request: HttpRequest, viewer: Principal, made: endpoints.Made) -> HttpResponse:
    """The page with a secret on it, this once; without one, back to the page."""
    if not made.secret:
        return redirect(f"{reverse('preferences')}#webhooks")
    return _page(request, viewer, made=made, status=200)


def _page(request: HttpRequest, viewer: Principal, **shown: Any) -> HttpResponse:
    kept = said.preferences_for(viewer)
    status = shown.pop("status", 422 if request.method == "POST" else 200)
    context = {
        "hours": HoursForm.of(kept.hours),
        "topics": TopicsForm(kept),
        "webhook": WebhookForm(),
        "webhooks": Endpoint.objects.filter(owner=viewer),
        "zones": HoursForm.zones(),
        "has_mail": mail.is_configured() and bool(viewer.email),
        "digest_time": kept.hours.digest_time(),
        **shown,
    }
    return render(request, "portal/preferences.html", context, status=status)
