"""`GET /metrics`: what an operator watches, in the Prometheus text format.

The figures are counted in the database when they are asked for, so every web process says the same and a restart
forgets nothing. They are totals: no name of a dataset, a person or a query is among them.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from access.clock import database_now
from access.grants import live
from access.models import (
    AccessRequest,
    AuditEvent,
    AuditSeal,
    Endpoint,
    Letter,
    OutboxMessage,
    Post,
    QueryRecord,
    RequestState,
    SweepRun,
)
from catalog.models import Check, Dataset


class Facts(Collector):
    """Counts the portal's state. Cost: thirteen queries."""

    def collect(self) -> Iterator[Metric]:
        """Every figure, one family each."""
        yield from self._access()
        yield from self._queries()
        yield from self._background()
        yield from self._catalog()

    def _access(self) -> Iterator[Metric]:
        yield _gauge("grants_live", "Grants that give access now.", live().count())
        waiting = AccessRequest.objects.filter(state=RequestState.PENDING)
        yield _gauge("requests_pending", "Requests that wait for a decision.", waiting.count())

    def _queries(self) -> Iterator[Metric]:
        total = CounterMetricFamily(
            "gatehouse_queries",
            "Queries at the gate, by surface and outcome.",
            labels=("surface", "code"),
        )
        counted = QueryRecord.objects.values_list("surface", "code").annotate(n=Count("id"))
        for surface, code, n in counted.order_by():
            total.add_metric([surface, code or "delivered"], n)
        yield total
        hour = database_now() - timedelta(hours=1)
        open_now = QueryRecord.objects.filter(finished_at=None, started_at__gte=hour)
        yield _gauge(
            "queries_open", "Queries being answered, started in the last hour.", open_now.count()
        )

    def _background(self) -> Iterator[Metric]:
        outbox = _waiting_and_aside(OutboxMessage.objects.filter(delivered_at=None))
        yield _gauge("outbox_waiting", "Messages not delivered yet.", outbox["waiting"])
        yield _gauge("outbox_quarantined", "Messages given up on.", outbox["aside"])
        yield from _telling()
        sealed = AuditSeal.objects.aggregate(last=Max("last_id"))["last"] or 0
        unsealed = AuditEvent.objects.filter(pk__gt=sealed).count()
        yield _gauge("audit_unsealed", "Audit events written and not sealed yet.", unsealed)
        finished = SweepRun.objects.aggregate(at=Max("finished_at"))["at"]
        stamp = finished.timestamp() if finished else 0
        yield _gauge("sweep_finished_timestamp_seconds", "When a review last finished.", stamp)

    def _catalog(self) -> Iterator[Metric]:
        datasets = Dataset.objects.filter(missing_at=None).count()
        yield _gauge("datasets", "Datasets in the catalog.", datasets)
        checks = GaugeMetricFamily("gatehouse_checks", "Checks by last result.", labels=("status",))
        counted = Check.objects.values_list("last_status").annotate(n=Count("id"))
        for status, n in counted.order_by():
            checks.add_metric([status or "not_run"], n)
        yield checks


def _telling() -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "gatehouse_deliveries_waiting", "Mails and posts not sent yet.", labels=("channel",)
    )
    aside = GaugeMetricFamily(
        "gatehouse_deliveries_quarantined", "Mails and posts given up on.", labels=("channel",)
    )
    unsent = {
        "mail": Letter.objects.filter(sent_at=None),
        "webhook": Post.objects.filter(sent_at=None),
    }
    for channel, rows in unsent.items():
        counted = _waiting_and_aside(rows)
        waiting.add_metric([channel], counted["waiting"])
        aside.add_metric([channel], counted["aside"])
    yield waiting
    yield aside
    off = Endpoint.objects.exclude(disabled_at=None).count()
    yield _gauge("webhooks_disabled", "Webhooks that are switched off.", off)


def _waiting_and_aside(rows: QuerySet[Any]) -> dict[str, int]:
    """How many of the rows not sent yet are still tried, and how many were set aside."""
    counted: dict[str, int] = rows.aggregate(
        waiting=Count("id", filter=Q(quarantined_at=None)),
        aside=Count("id", filter=Q(quarantined_at__isnull=False)),
    )
    return counted


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"gatehouse_{name}", words, value=value)


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as text; open without signing in, like the health checks, because they name nothing."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Facts())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
