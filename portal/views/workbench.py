"""The SQL workbench: my schema, an editor, a grid and a chart; what is refused turns into a request."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

import orjson
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from access import gate
from access.errors import AccessError, Refusal
from access.gate.results import Result
from access.gate.seeing import MOST_ROWS, Eyes
from access.grants import readable_by
from access.models import Principal, QueryRecord, Surface
from access.policies.sight import visible_columns_of
from catalog.models import Dataset, Warehouse
from portal.dashboards.suggestions import suggested_figure
from portal.pages.calls import call_of_query
from portal.pages.grid import Grid, grid_of
from portal.pages.seeing import eyes_named, holders_seen_by
from portal.views.asking import is_fragment, pending_for, request_url
from portal.views.people import person

ROWS = 1_000


@dataclass(frozen=True)
class Readable:
    """A dataset in the side panel, with the columns this person sees in it."""

    dataset: Dataset
    columns: tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """A result as the grid shows it."""

    grid: Grid
    milliseconds: int
    is_cut: bool
    query_id: str
    policy: str
    valid_until: Any
    figure_json: str = ""
    seen_as: str = ""


def workbench(request: HttpRequest) -> HttpResponse:
    """The page, with the schema this person can read and their last queries."""
    context = _page(person(request), request.GET.get("warehouse", ""))
    named = request.GET.get("dataset", "")
    context["sql"] = request.GET.get("sql") or _starter(named, context["readable"])
    return render(request, "portal/workbench.html", context)


def _page(viewer: Principal, warehouse: str) -> dict[str, Any]:
    """What stands around the editor."""
    datasets = list(readable_by(viewer).select_related("warehouse").order_by("name")[:200])
    columns = visible_columns_of(viewer, datasets)
    readable = [Readable(dataset, columns.get(dataset.pk, ())) for dataset in datasets]
    recent = (
        QueryRecord.objects.filter(principal=viewer, surface=Surface.WORKBENCH)
        .values("sql")
        .annotate(last=Max("started_at"))
        .order_by("-last")[:8]
    )
    return {
        "readable": readable,
        "schema_json": _schema_json(readable),
        "warehouses": Warehouse.objects.all(),
        "warehouse": warehouse,
        "recent": list(recent),
        "holders": holders_seen_by(viewer),
        "shortcuts": [("Ctrl Enter", "Run the query"), ("Ctrl Space", "Complete a name")],
    }


def _starter(name: str, readable: list[Readable]) -> str:
    for each in readable:
        if each.dataset.name == name or not name:
            columns = ", ".join(column.name for column in each.columns[:6]) or "*"
            return f"select {columns}\nfrom {each.dataset.schema_name}.{each.dataset.table_name}\nlimit 100"
    return f"select *\nfrom {name}\nlimit 100" if name else ""


def _schema_json(readable: list[Readable]) -> str:
    """Names for completion, as a data block; `<` is escaped so that it cannot end the block."""
    schema = [
        {
            "name": f"{each.dataset.schema_name}.{each.dataset.table_name}",
            "columns": [column.name for column in each.columns],
        }
        for each in readable
    ]
    return orjson.dumps(schema).decode().replace("<", "\\u003c")


@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Run one query and show its rows, or why not and what to ask for; without scripts, with the page around it."""
    viewer = person(request)
    sql = request.POST.get("sql", "").strip()
    named = request.POST.get("warehouse", "")
    eyes = eyes_named(viewer, request.POST.get("as", ""))
    template, context = _answer(viewer, sql, _warehouse(named), eyes)
    context["call"] = call_of_query(sql, request.build_absolute_uri("/").rstrip("/"))
    if is_fragment(request):
        return render(request, template, context)
    around = {"sql": sql, "answer": template, "as_label": request.POST.get("as", "")}
    page = {**_page(viewer, named), **around, **context}
    return render(request, "portal/workbench.html", page)


def _answer(
    viewer: Principal, sql: str, warehouse: Warehouse | None, eyes: Eyes | None
) -> tuple[str, dict[str, Any]]:
    """The template of the answer and what it shows."""
    if warehouse is None or not sql:
        said = "Write a query first." if warehouse else "Choose in which warehouse to run it."
        return "portal/_refused.html", {"title": "Nothing to run", "text": said}
    try:
        outcome = _outcome(viewer, sql, warehouse, eyes)
    except AccessError as error:
        return "portal/_refused.html", _refused(viewer, error, eyes)
    return "portal/_outcome.html", {"outcome": outcome, "limit": MOST_ROWS if eyes else ROWS}


def _warehouse(name: str) -> Warehouse | None:
    every = Warehouse.objects.all()
    return every.filter(name=name).first() if name else every.first()


def _outcome(viewer: Principal, sql: str, warehouse: Warehouse, eyes: Eyes | None) -> Outcome:
    began = monotonic()
    with _opened(viewer, sql, warehouse, eyes) as result:
        rows = list(result.rows())
        names = [name for name, _ in result.columns]
        # What describes columns is no series of numbers.
        figure = None if names[0] == "column_name" else suggested_figure(names, rows)
        return Outcome(
            grid=grid_of(result.columns, rows),
            milliseconds=round((monotonic() - began) * 1000),
            is_cut=result.is_truncated,
            query_id=str(result.id),
            policy=result.policy_fingerprint,
            valid_until=result.valid_until,
            figure_json=orjson.dumps(figure).decode().replace("<", "\\u003c") if figure else "",
            seen_as=str(eyes.holder) if eyes else "",
        )


def _opened(viewer: Principal, sql: str, warehouse: Warehouse, eyes: Eyes | None) -> Result:
    if eyes is not None:
        return gate.look(viewer, eyes, sql, warehouse=warehouse)
    return gate.open(viewer, sql, warehouse=warehouse, surface=Surface.WORKBENCH, limit=ROWS)


def _refused(viewer: Principal, error: AccessError, eyes: Eyes | None) -> dict[str, Any]:
    needs = error.needs if isinstance(error, Refusal) and eyes is None else ()
    title = "You do not have access to all of this yet" if needs else "The query was not run"
    return {
        "title": f"Not to be seen as {eyes.holder}" if eyes else title,
        "text": error.message,
        "code": error.code,
        "query_id": error.query_id if isinstance(error, Refusal) else None,
        "needs": [
            {
                "dataset": need.dataset,
                "columns": need.columns,
                "url": request_url(need.dataset, need.columns, "workbench"),
                "pending": pending_for(viewer, need.dataset, need.columns),
            }
            for need in needs
        ],
    }
