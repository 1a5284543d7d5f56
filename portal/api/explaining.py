"""Why a query shows what it shows: before it runs, and later by its number."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from access.errors import NotFound
from access.gate import explaining
from access.gate.explaining import Basis, Explanation, Seen, Told
from access.gate.whereabouts import warehouse_for
from portal.api.callers import caller
from portal.api.problems import need_of
from portal.api.queries import QueryBody
from portal.api.shapes import moment

router = Router(tags=["queries"])


@router.post("/queries/explain", summary="Explain a query without running it")
def explain(request: HttpRequest, body: QueryBody) -> dict[str, Any]:
    """What the gate would make of it: allowed or refused, which grants, filters and masks apply, and from whom.

    Nothing is run and nothing counts as use. `rewritten_sql` is there for whoever decides about every dataset in it.
    """
    principal = caller(request, "query")
    found = explaining.explain(
        principal, body.sql, warehouse=warehouse_for(body.sql, body.warehouse), schema=body.schema_
    )
    return explanation_shape(found)


@router.get("/queries/{uuid:id}", summary="Explain a query of the past")
def past(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """One query of the caller, by the number in `Gatehouse-Query`; 404 for everybody else's."""
    principal = caller(request, "query")
    record = explaining.record_for(principal, id)
    if record is None:
        raise NotFound("There is no query of yours by that number.")
    return told_shape(explaining.told(principal, record))


def told_shape(told: Told) -> dict[str, Any]:
    """A query of the past: what it was, what it used, and how it stands now."""
    record = told.record
    return {
        "id": str(record.pk),
        "principal": record.principal.label,
        "sql": record.sql,
        "warehouse": record.warehouse.name if record.warehouse else None,
        "schema": record.schema_name or None,
        "surface": record.surface,
        "purpose": record.purpose,
        "started_at": moment(record.started_at),
        "finished_at": moment(record.finished_at),
        "code": record.code or None,
        "rows": record.rows,
        "bytes": record.bytes_sent,
        "policy": record.fingerprint or None,
        "columns": {
            dataset: {column: list(clauses) for column, clauses in columns.items()}
            for dataset, columns in told.columns.items()
        },
        "grants": [_basis(basis) for basis in told.bases],
        "policy_unchanged": told.is_as_then,
        "now": explanation_shape(told.now) if told.now else None,
    }


def explanation_shape(found: Explanation) -> dict[str, Any]:
    """What the gate makes of a query now."""
    refusal = found.refusal
    return {
        "verdict": "refused" if refusal else "allowed",
        "code": refusal.code if refusal else None,
        "detail": refusal.message if refusal else None,
        "needs": [need_of(need) for need in found.needs],
        "policy": found.fingerprint or None,
        "valid_until": moment(found.valid_until),
        "datasets": [_seen(seen) for seen in found.datasets],
        "rewritten_sql": found.rewritten or None,
    }


def _seen(seen: Seen) -> dict[str, Any]:
    return {
        "name": seen.dataset.name,
        "readable": seen.is_readable,
        "columns_visible": seen.n_visible,
        "columns_total": seen.n_total,
        "rows": list(seen.rows),
        "owner_filter": seen.owner_filter or None,
        "columns": [
            {
                "name": column.view.name,
                "how": column.view.how,
                "mask": column.view.mask,
                "shows": column.view.words or None,
                "type": column.view.type or None,
                "clauses": list(column.clauses),
                "mask_sql": column.mask_sql or None,
            }
            for column in seen.columns
        ],
        "grants": [_basis(basis) for basis in seen.bases],
    }


def _basis(basis: Basis) -> dict[str, Any]:
    grant = basis.grant
    return {
        "id": grant.pk,
        "principal": grant.holder.label,
        "dataset": grant.dataset.name,
        "purpose": grant.purpose,
        "state": basis.state.value,
        "approved_by": basis.approved_by or None,
        "approved_at": moment(grant.decision.decided_at),
        "starts_at": moment(grant.starts_at),
        "expires_at": moment(grant.expires_at),
        "columns": grant.columns,
        "unmasked": grant.unmasked,
        "rows": basis.rows or None,
        "rows_withheld": basis.rows_withheld,
    }
