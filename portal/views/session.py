"""Signing in and out, and the appearance a person chose."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from access.audit.events import Kind, record
from access.models import Principal
from portal.forms.sign_in import SignInForm
from portal.pages.cast import actors, shared_password
from portal.shell import THEME_COOKIE, THEMES
from portal.views.people import person

_A_YEAR = 365 * 24 * 60 * 60


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; afterwards on to where the person was going."""
    target = _local(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.user.is_authenticated:
        return redirect(target)
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        _welcome(request, form)
        return redirect(target)
    if form.errors:
        _note_refusal(form)
    people = actors()
    context = {
        "form": form,
        "next": target,
        "people": people,
        "password": shared_password() if people else "",
    }
    return render(request, "portal/sign_in.html", context, status=422 if form.errors else 200)


def _welcome(request: HttpRequest, form: SignInForm) -> None:
    login(request, form.get_user())
    record(Kind.SIGNED_IN, actor=person(request))


def _note_refusal(form: SignInForm) -> None:
    """One event for a name that exists; what was typed as a name may be a password and is never kept."""
    typed = Principal.objects.filter(username=form.cleaned_data.get("username", "")).first()
    if typed:
        record(Kind.SIGN_IN_FAILED, actor=None, subject=typed.label)


@require_POST
@login_not_required
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    if request.user.is_authenticated:
        record(Kind.SIGNED_OUT, actor=person(request))
    logout(request)
    return redirect("sign-in")


@require_POST
@login_not_required
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen appearance in a cookie and goes back to the page; `system` forgets it."""
    response = redirect(_local(request, request.POST.get("next", "")))
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
        return response
    response.set_cookie(
        THEME_COOKIE,
        chosen,
        max_age=_A_YEAR,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure(),
    )
    return response


def _local(request: HttpRequest, url: str) -> str:
    """`url` when it stays on this portal, else the home page: a sign-in link must not lead elsewhere."""
    hosts = {request.get_host()}
    # A path and nothing else: `redirect` takes other words for names of routes, and fails on those it does not know.
    if url.startswith("/") and url_has_allowed_host_and_scheme(
        url, hosts, require_https=request.is_secure()
    ):
        return url
    return resolve_url(settings.LOGIN_REDIRECT_URL)
