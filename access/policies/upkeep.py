"""Policies after the schema has changed: what no longer fits closes, and whoever answers for it is told.

Nothing else watches for this: an import runs inside `taken_over`, or calls `recheck`, in the transaction in which it
brought the new schema. Until then, and where it is not called, the gate refuses by itself what it cannot bind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from access.errors import Invalid
from access.grants import ending
from access.grants.standing import live
from access.models import ColumnMask, DatasetPolicy, Grant
from access.policies import rules
from access.policies.expressions import Table
from access.policies.masks import Mask, from_json
from catalog.importers import ImportReport
from catalog.models import Dataset, Warehouse


@transaction.atomic
def taken_over(
    bring: Callable[[], ImportReport], *, now: datetime, warehouse: Warehouse | None = None
) -> tuple[ImportReport, tuple[str, ...]]:
    """What an import did, and a sentence for each dataset closed and grant suspended because of it.

    Tried again are the rules of the given warehouse, and of every one in which the import changed a table's columns,
    since a rule may look into other tables than its own.
    """
    report = bring()
    touched = Dataset.objects.filter(pk__in=report.reshaped).values("warehouse")
    given = Q(pk=warehouse.pk if warehouse else None)
    warehouses = Warehouse.objects.filter(Q(pk__in=touched) | given).order_by("name")
    return report, tuple(told for one in warehouses for told in recheck(one, now=now))


@transaction.atomic
def recheck(warehouse: Warehouse, *, now: datetime) -> tuple[str, ...]:
    """Tries every rule of a warehouse's datasets again; one sentence for each dataset closed and grant suspended.

    A mask of a column that is gone closes too: a renamed column would else be seen in the clear. A grant whose own
    filter or masks no longer fit is suspended; the other grants of its dataset stand.
    Cost: one query, three for each dataset with rules or grants of their own, and one planning for each expression.
    """
    return tuple(_closed(warehouse, now)) + tuple(_suspended(warehouse, now))


def _closed(warehouse: Warehouse, now: datetime) -> Iterator[str]:
    masked = ColumnMask.objects.filter(policy=OuterRef("pk"))
    policies = DatasetPolicy.objects.filter(
        ~Q(rows="") | Exists(masked),
        dataset__warehouse=warehouse,
        dataset__missing_at=None,
        broken_at=None,
    )
    for policy in policies.select_related("dataset__warehouse").order_by("dataset__name"):
        problem = _problem(policy.dataset, policy.rows, _masks_of(policy))
        if problem:
            rules.close(policy.dataset, reason=problem, actor=None, now=now)
            yield f"{policy.dataset.name} is closed. {problem}"
        else:
            _retype(policy)


def _retype(policy: DatasetPolicy) -> None:
    """Keeps what the engine now says comes out of the masks that look something up or are an owner's own."""
    table = Table(policy.dataset)
    for mask in policy.masks.all():
        told = table.mask(mask.column_name, mask.value, "masks")[0].type
        if told and told != mask.type:
            ColumnMask.objects.filter(pk=mask.pk).update(type=told)


def _masks_of(policy: DatasetPolicy) -> dict[str, Mask] | None:
    try:
        return {mask.column_name: mask.value for mask in policy.masks.all()}
    except ValueError:
        return None


def _suspended(warehouse: Warehouse, now: datetime) -> Iterator[str]:
    for grant in _with_expressions(warehouse):
        try:
            masks: dict[str, Mask] | None = {
                column: from_json(mask) for column, mask in grant.masks.items()
            }
        except ValueError:
            masks = None
        problem = _problem(grant.dataset, grant.rows, masks)
        if problem:
            reason = f"Its own filter or masks no longer fit the table. {problem}"
            ending.suspend(grant, actor=None, reason=reason, now=now)
            yield f"A grant of {grant.holder.label} on {grant.dataset.name} is suspended. {problem}"


def _with_expressions(warehouse: Warehouse) -> QuerySet[Grant]:
    narrowed = live().filter(~Q(rows="") | ~Q(masks={}), dataset__warehouse=warehouse)
    return narrowed.filter(dataset__missing_at=None).select_related("dataset__warehouse")


def _problem(dataset: Dataset, rows: str, masks: dict[str, Mask] | None) -> str:
    """Why these rules no longer fit the table, in a sentence; empty while they do."""
    if masks is None:
        return "It has a mask that this version of the portal does not know."
    table = Table(dataset)
    try:
        if rows:
            table.rows(rows)
        for column, mask in masks.items():
            table.mask(column, mask, f"masks.{column}")
    except Invalid as problem:
        return str(problem)
    return ""
