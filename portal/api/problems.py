"""Errors as `application/problem+json`. Source: RFC 9457; `code` is the stable member that programs branch on."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from access.errors import AccessError, Need, Refusal
from catalog.errors import CatalogError

CATALOG_STATUS = {"bad_cursor": 400, "unknown_name": 404}


def problem(
    status: int, code: str, detail: str, extra: Mapping[str, Any] | None = None
) -> HttpResponse:
    """One problem document."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **(extra or {}),
    }
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/problem+json")


def register(api: NinjaAPI) -> None:
    """Teach `api` to answer every error of the rooms below, and its own, as a problem."""
    api.add_exception_handler(AccessError, _access)
    api.add_exception_handler(CatalogError, _catalog)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _stranger)
    api.add_exception_handler(Http404, _absent)
    api.add_exception_handler(HttpError, _plain)


def _access(request: HttpRequest, error: AccessError | type[AccessError]) -> HttpResponse:
    assert isinstance(error, AccessError)
    return refusal(error)


def refusal(error: AccessError) -> HttpResponse:
    """What the access room refused, with the request that would help when there is one."""
    extra: dict[str, Any] = {}
    field = getattr(error, "field", "")
    if field:
        extra["field"] = field
    if isinstance(error, Refusal) and error.needs:
        extra["needs"] = [need_of(need) for need in error.needs]
    response = problem(error.status, error.code, error.message, extra)
    if isinstance(error, Refusal) and error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, Refusal) and error.query_id:
        # In the head, so that what is hidden and what does not exist have the same body.
        response["Gatehouse-Query"] = str(error.query_id)
    return response


def need_of(need: Need) -> dict[str, Any]:
    """A missing right as the request that asks for it, for programs and for people."""
    query = urlencode([("columns", ",".join(need.columns))] if need.columns else [])
    page = reverse("request-access", args=[need.dataset])
    return {
        "dataset": need.dataset,
        "columns": list(need.columns),
        "request": {
            "method": "POST",
            "path": "/api/v1/access-requests",
            "body": {"dataset": need.dataset, "columns": list(need.columns)},
            "page": f"{page}?{query}" if query else page,
        },
    }


def _catalog(request: HttpRequest, error: CatalogError | type[CatalogError]) -> HttpResponse:
    assert isinstance(error, CatalogError)
    return problem(CATALOG_STATUS.get(error.code, 422), error.code, str(error))


def _invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    assert isinstance(error, ValidationError)
    fields = [
        {"field": ".".join(str(step) for step in each["loc"][1:]), "expected": each["msg"]}
        for each in error.errors
    ]
    said = "; ".join(f"{each['field'] or 'body'}: {each['expected']}" for each in fields)
    return problem(422, "invalid", said, {"errors": fields})


def _stranger(
    request: HttpRequest, error: AuthenticationError | type[AuthenticationError]
) -> HttpResponse:
    detail = "Send a valid token as `Authorization: Bearer TOKEN`."
    response = problem(401, "unauthenticated", detail)
    response["WWW-Authenticate"] = 'Bearer realm="gatehouse"'
    return response


def _absent(request: HttpRequest, error: Http404 | type[Http404]) -> HttpResponse:
    return problem(404, "not_found", "There is nothing here that you may know of.")


def _plain(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    assert isinstance(error, HttpError)
    code = "bad_request" if error.status_code == 400 else "error"
    # What reads a body fails in its own words, which ninja wraps in fewer.
    said = error.__cause__ if isinstance(error.__cause__, HttpError) else error
    return problem(error.status_code, code, str(said))
