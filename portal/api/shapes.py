"""How requests, grants and moments look in JSON; one place, so that every answer spells them alike."""

from datetime import datetime
from typing import Any

from access.models import AccessRequest, Grant, Principal, Team
from access.spans import write_span
from catalog.lineage import LineageGraph, Node


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second or finer as stored."""
    return value.isoformat().replace("+00:00", "Z") if value else None


def label(holder: Principal | Team | None) -> str | None:
    """`user:alice`, `team:sales` or `service:loader`."""
    return holder.label if holder else None


def request_shape(access_request: AccessRequest) -> dict[str, Any]:
    """An access request. Cost: none beyond what is selected with it (requester, holder, dataset, decision)."""
    decision = getattr(access_request, "decision", None)
    return {
        "id": access_request.pk,
        "state": access_request.state,
        "kind": access_request.kind,
        "dataset": access_request.dataset.name,
        "requester": access_request.requester.label,
        "principal": access_request.holder.label,
        "columns": access_request.columns,
        "unmasked": access_request.unmasked,
        "purpose": access_request.purpose,
        "duration": write_span(access_request.duration),
        "stage": access_request.stage,
        "stages": access_request.n_stages,
        "starts_at": moment(access_request.starts_at),
        "waits_for_answer": access_request.paused_at is not None,
        "submitted_at": moment(access_request.submitted_at),
        "decided_at": moment(access_request.decided_at),
        "decided_by": label(decision.decider) or decision.kind if decision else None,
        "on_behalf_of": label(decision.on_behalf_of) if decision else None,
        "reason": decision.reason if decision else None,
    }


def grant_shape(grant: Grant, now: datetime, last_used_at: datetime | None) -> dict[str, Any]:
    """A grant, its state judged at `now`."""
    decision = grant.decision
    return {
        "id": grant.pk,
        "principal": grant.holder.label,
        "dataset": grant.dataset.name,
        "columns": grant.columns,
        "unmasked": grant.unmasked,
        "rows": grant.rows or None,
        "state": grant.state_at(now).value,
        "starts_at": moment(grant.starts_at),
        "expires_at": moment(grant.expires_at),
        "last_used_at": moment(last_used_at),
        # Set once its holder was warned: unless it is used before, it ends then.
        "ends_unused_at": moment(grant.revoke_due_at),
        "decided_by": label(decision.decider) or decision.kind,
        "reason": decision.reason or grant.purpose,
        "purpose": grant.purpose,
        "ended_at": moment(grant.ended_at),
        "end_reason": grant.end_reason or None,
    }


def graph_shape(graph: LineageGraph) -> dict[str, Any]:
    """Lineage as nodes and edges; a hidden step is a node with a key and nothing else."""
    return {
        "centre": graph.centre,
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [
            {"from": edge.upstream, "to": edge.downstream, "sources": list(edge.sources)}
            for edge in graph.edges
        ],
        "columns": [
            {
                "from": link.upstream,
                "from_column": link.upstream_column,
                "to": link.downstream,
                "to_column": link.downstream_column,
                "transformation": link.transformation,
            }
            for link in graph.columns
        ],
        "hidden": {"upstream": graph.n_hidden.upstream, "downstream": graph.n_hidden.downstream},
        "more": {"upstream": graph.n_more.upstream, "downstream": graph.n_more.downstream},
    }


def _node(node: Node) -> dict[str, Any]:
    shape: dict[str, Any] = {"key": node.key, "kind": node.kind.value, "level": node.level}
    if node.dataset is not None:
        shape |= {"name": node.dataset.name, "title": node.dataset.label}
    if node.exposure is not None:
        shape |= {"name": node.exposure.name, "title": str(node.exposure), "url": node.exposure.url}
    return shape
