"""Pages of a list that a person leafs through; the filters in the URL stay."""

from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest


def leaves(request: HttpRequest, page: Page[Any]) -> dict[str, str]:
    """The context of the pagination partial: `note`, `first_url` and `next_url`, empty where there is none."""
    note = f"{page.start_index():,} to {page.end_index():,} of {page.paginator.count:,}"
    return {
        "note": note,
        "first_url": _url(request, 1) if page.number > 1 else "",
        "next_url": _url(request, page.number + 1) if page.has_next() else "",
    }


def _url(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
