"""Governed metrics. None can be defined in this version, so every name asked for is unknown; the address is promised."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from access.errors import Invalid, NotFound
from portal.api.callers import caller

router = Router(tags=["metrics"])


class MetricsQuery(Schema):
    """Which metrics, sliced how."""

    metrics: list[str] = Field(min_length=1)
    dimensions: list[str] = Field(default_factory=list)
    where: str | None = None
    grain: str | None = None


@router.post("/metrics/query", summary="Query governed metrics")
def query(request: HttpRequest, body: MetricsQuery) -> dict[str, Any]:
    """404 for a metric that is not defined."""
    caller(request, "metrics")
    if any(not name.strip() for name in body.metrics):
        raise Invalid("Name the metrics to query.", field="metrics")
    raise NotFound(f"There is no metric called {body.metrics[0]}.")
