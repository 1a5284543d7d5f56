"""What every request passes: text that can be stored, signing in first, and domain errors told as pages.

The API authenticates by token and tells its errors itself; the last two leave `/api/` alone.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

from access.errors import AccessError
from catalog.errors import CatalogError
from portal.views.errors import explain

API_PREFIX = "/api/"


class StorableText:
    """Refuses a path, query or form that holds a NUL character: PostgreSQL stores none, so nothing can match it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passes the request on, or answers 400."""
        if "\x00" in request.path_info or _holds_nul(request.GET) or _holds_nul(request.POST):
            raise BadRequest("The request holds a NUL character. Leave it out.")
        return self.get_response(request)


def _holds_nul(form: QueryDict) -> bool:
    return any("\x00" in text for name, texts in form.lists() for text in (name, *texts))


class SignInFirst(LoginRequiredMiddleware):
    """Every page needs a signed-in person unless its view says `login_not_required`: closed by default."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Sends strangers to the sign-in page; the API's own door stands beside this one."""
        if request.path_info.startswith(API_PREFIX):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class DomainErrors:
    """Turns an error of the catalog or access rooms into a page, a fragment or a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Passes the request on; errors come back through `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of a domain error; other errors are not ours to handle."""
        if request.path_info.startswith(API_PREFIX):
            return None
        if isinstance(error, AccessError | CatalogError):
            return explain(request, error)
        return None
