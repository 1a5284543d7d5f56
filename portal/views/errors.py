"""Errors as people and programs meet them: a calm page, a fragment for a swap, or an RFC 9457 problem document.

What you may not see and what does not exist read the same. What you may see but not do names the way to ask.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """What went wrong, in words: `code` is stable, `detail` is the sentence for the person."""

    status: int
    code: str
    title: str
    detail: str


_TITLES = {
    400: "That request did not make sense",
    403: "You can see this, but not do that",
    404: "Nothing here by that name",
    405: "That cannot be done here",
    409: "This has changed in the meantime",
    422: "That cannot be done as it stands",
    500: "Something broke on our side",
    503: "Not available right now",
}
# The catalog knows no HTTP: these of its codes are not simply something that cannot be done.
_STATUS_OF_CODE = {"bad_cursor": 400, "unknown_name": 404}
_NOT_FOUND = (
    "It may never have existed, may have been renamed, or may not be listed for you. "
    "Search shows everything you can find."
)


def explain(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to a domain error, in the form the caller understands."""
    code = str(getattr(error, "code", "error"))
    status = int(getattr(error, "status", 0)) or _STATUS_OF_CODE.get(code, 422)
    detail = str(getattr(error, "message", "") or error)
    return answer(request, Problem(status, code, title_of(status), detail))


def title_of(status: int) -> str:
    """The headline for a status."""
    return _TITLES.get(status, _TITLES[422])


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem document for programs, a fragment for a swap, else a whole page."""
    if wants_json(request):
        return problem_document(problem)
    if getattr(request, "htmx", False):
        template = "portal/components/_problem.html"
    else:
        template = "portal/error.html"
    return render(request, template, {"problem": problem}, status=problem.status)


def problem_document(problem: Problem) -> JsonResponse:
    """`application/problem+json` with a stable `code`."""
    body = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    return JsonResponse(body, status=problem.status, content_type=PROBLEM_JSON)


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller is a program: it is on the API, or prefers JSON to a page."""
    if request.path_info.startswith("/api/"):
        return True
    preferred = request.get_preferred_type(["text/html", "application/json", PROBLEM_JSON])
    return preferred in ("application/json", PROBLEM_JSON)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for 400."""
    detail = (
        "Please go back and try again; if it keeps happening, tell an administrator what you did."
    )
    return answer(request, Problem(400, "bad_request", title_of(400), detail))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for 403."""
    detail = "Ask the steward of the data, or an administrator of this portal."
    return answer(request, Problem(403, "not_allowed", title_of(403), detail))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for 404."""
    return answer(request, Problem(404, "not_found", title_of(404), _NOT_FOUND))


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is missing or old."""
    detail = (
        "The page was open for too long, or cookies are off. Go back, reload it and send it again."
    )
    return answer(request, Problem(403, "stale_form", "This form is out of date", detail))


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler for 500: needs no database, no session and no context."""
    detail = "Nothing was changed. It has been logged; try again in a moment."
    problem = Problem(500, "internal_error", title_of(500), detail)
    if wants_json(request):
        return problem_document(problem)
    return render(None, "portal/broken.html", {"problem": problem}, status=500)
