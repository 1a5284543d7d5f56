"""Finding datasets and reading everything the catalog knows of one."""

from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from access import grants
from access.clock import database_now
from access.discovery import dataset_for, discoverable_by
from access.models import Principal
from access.people import stewardship
from access.policies.policy import VisibleColumn
from access.policies.sight import visible_columns_for
from access.spans import write_span
from catalog import freshness, lineage, search
from catalog.models import Check, Column, Dataset, SchemaVersion
from portal.api.approval import approval_shape
from portal.api.callers import caller
from portal.api.paging import listed
from portal.api.shapes import graph_shape, moment

router = Router(tags=["catalog"])

DIRECTIONS: dict[str, lineage.Direction] = {
    "up": "upstream",
    "upstream": "upstream",
    "down": "downstream",
    "downstream": "downstream",
    "both": "both",
}


class Filters(Schema):
    """What to look for. Filters narrow; `q` ranks."""

    q: str = ""
    domain: str | None = None
    tag: str | None = None
    owner: str | None = None
    sensitivity: str | None = None
    warehouse: str | None = None
    cursor: str | None = None


@router.get("/datasets", summary="Search datasets")
def find(request: HttpRequest, filters: Query[Filters]) -> dict[str, Any]:
    """Datasets that the caller may discover, best first, with facets."""
    principal = caller(request, "catalog")
    found = search.search(
        discoverable_by(principal),
        filters.q,
        filters=search.Filters(
            **{
                name: (value,)
                for name in ("domain", "tag", "owner", "sensitivity", "warehouse")
                if (value := getattr(filters, name))
            }
        ),
        cursor=filters.cursor,
        now=database_now(),
    )
    items = [_summary(hit.dataset) for hit in found.hits]
    facets = {
        facet.name: [
            {"value": each.value, "label": each.label, "n": each.n} for each in facet.values
        ]
        for facet in found.facets
    }
    return listed(
        items, found.next, facets=facets, corrections=list(found.corrections), n=found.n_capped
    )


@router.get("/datasets/{name}", summary="One dataset")
def one(request: HttpRequest, name: str) -> dict[str, Any]:
    """Everything the dataset page shows, the caller's own access included."""
    principal = caller(request, "catalog")
    return described(dataset_for(principal, name), principal)


def _summary(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "title": dataset.label,
        "description": dataset.description,
        "domain": dataset.domain.name if dataset.domain else None,
        "sensitivity": dataset.sensitivity,
        "tags": dataset.tags,
        "kind": dataset.kind,
        "deprecated": dataset.deprecated_at is not None,
        "popularity": dataset.popularity,
    }


def described(dataset: Dataset, principal: Principal) -> dict[str, Any]:
    """The dataset as `principal` may know it."""
    now = database_now()
    return {
        **_summary(dataset),
        "warehouse": dataset.warehouse.name,
        "schema": dataset.schema_name,
        "table": dataset.table_name,
        "schema_version": dataset.schema_version,
        "columns": _columns(dataset, principal),
        "rules": approval_shape(dataset, principal),
        "access": _own_access(principal, dataset, now),
        "deprecation": _deprecation(dataset, principal),
        **_people(dataset),
        **_trust(dataset, now),
    }


def _people(dataset: Dataset) -> dict[str, Any]:
    return {
        "stewards": [each.label for each in stewardship.stewards_of(dataset)],
        "contacts": [
            {
                "name": each.name,
                "email": each.email or None,
                "role": each.role,
                "source": each.source,
            }
            for each in dataset.contacts.all()
        ],
        "aliases": [
            {"kind": each.kind, "namespace": each.namespace, "value": each.value}
            for each in dataset.aliases.all()
        ],
    }


def _trust(dataset: Dataset, now: datetime) -> dict[str, Any]:
    fresh = freshness.freshness(dataset, now)
    return {
        "freshness": {
            "state": fresh.state,
            "updated_at": moment(fresh.updated_at),
            "words": fresh.words,
        },
        "checks": [_check(check) for check in Check.objects.filter(dataset=dataset)],
        "versions": [
            {"number": each.number, "seen_at": moment(each.seen_at), "diff": each.diff}
            for each in SchemaVersion.objects.filter(dataset=dataset)[:20]
        ],
    }


def _deprecation(dataset: Dataset, principal: Principal) -> dict[str, Any] | None:
    """Why not to use it and what instead; a successor the caller may not know of is not named."""
    if dataset.deprecated_at is None:
        return None
    successor = dataset.successor
    known = successor and discoverable_by(principal).filter(pk=successor.pk).exists()
    return {
        "note": dataset.deprecation_note,
        "successor": successor.name if successor and known else None,
    }


def _own_access(principal: Principal, dataset: Dataset, now: datetime) -> dict[str, Any]:
    summary = grants.summary(principal, dataset, now)
    return {
        "state": summary.state,
        "sentence": summary.sentence,
        "columns_seen": summary.columns_seen,
        "columns_total": summary.columns_total,
        "until": moment(summary.until),
        "approved_by": summary.approved_by or None,
        "grant": summary.grant.pk if summary.grant else None,
        "request": summary.request.pk if summary.request else None,
    }


def shown_span(span: timedelta | None) -> str | None:
    """A span as it is written, or nothing."""
    return write_span(span) if span else None


def _columns(dataset: Dataset, principal: Principal) -> list[dict[str, Any]]:
    seen = {each.name: each for each in visible_columns_for(principal, dataset)}
    present = dataset.columns.filter(removed_at=None)
    return [_column(column, seen.get(column.name)) for column in present]


def _column(column: Column, seen: VisibleColumn | None) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "nullable": column.is_nullable,
        "description": column.description,
        "tags": column.tags,
        "access": seen.how if seen else "none",
        "mask": seen.mask if seen else None,
        "mask_words": (seen.words or None) if seen else None,
        "type_seen": (seen.type or None) if seen else None,
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "column": check.column_name or None,
        "source": check.source,
        "status": check.last_status or None,
        "failures": check.last_failures,
        "run_at": moment(check.last_run_at),
    }


class Walk(Schema):
    """How far to walk and in which direction; `columns` adds the links between columns."""

    direction: Literal["up", "down", "upstream", "downstream", "both"] = "both"
    depth: int = Field(2, ge=0, le=20)
    columns: bool = False


@router.get("/datasets/{name}/lineage", summary="Lineage of one dataset")
def walk(request: HttpRequest, name: str, walk: Query[Walk]) -> dict[str, Any]:
    """Nodes and edges around a dataset; neighbours the caller may not know of are counted, not named."""
    principal = caller(request, "catalog")
    graph = lineage.neighbourhood(
        dataset_for(principal, name),
        visible=discoverable_by(principal),
        direction=DIRECTIONS[walk.direction],
        depth=walk.depth,
        columns=walk.columns,
    )
    return graph_shape(graph)
