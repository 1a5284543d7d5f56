"""Short ways through the lifecycle for its tests: a dataset with its steward, asking, approving, using."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from access.asking import requests
from access.clock import database_now
from access.deciding import decisions
from access.models import AccessRequest, Grant, GrantUse, Principal, Team
from catalog.models import Dataset
from tests.datasets import make_dataset
from tests.people import put_in_charge

COLUMNS = ("customer_id", "email", "country")
DAY = timedelta(days=1)


def stewarded(
    steward: Principal | Team | None, name: str = "sales.customers", **fields: Any
) -> Dataset:
    """A confidential dataset of three columns that `steward` answers for."""
    fields.setdefault("sensitivity", "confidential")
    dataset = make_dataset(name, columns=COLUMNS, **fields)
    if steward is not None:
        put_in_charge(steward, dataset)
    return dataset


def ask(
    dataset: Dataset,
    actor: Principal,
    *,
    duration: timedelta = 30 * DAY,
    purpose: str = "Quarterly churn report",
    now: datetime | None = None,
    columns: Sequence[str] | None = None,
    **fields: Any,
) -> AccessRequest:
    """A request for a month, of everything unless columns are named."""
    return requests.submit(
        dataset,
        actor=actor,
        purpose=purpose,
        duration=duration,
        columns=columns,
        now=now or database_now(),
        **fields,
    )


def approve(
    access_request: AccessRequest, actor: Principal, *, now: datetime | None = None, **fields: Any
) -> Grant:
    """The grant of an approval that needs nobody else."""
    grant = decisions.approve(access_request, actor=actor, now=now or database_now(), **fields)
    assert grant is not None
    return grant


def granted(
    dataset: Dataset,
    holder: Principal,
    steward: Principal,
    *,
    now: datetime | None = None,
    **fields: Any,
) -> Grant:
    """A grant that was asked for and approved at `now`."""
    return approve(ask(dataset, holder, now=now, **fields), steward, now=now)


def use(grant: Grant, at: datetime, principal: Principal | None = None, n: int = 1) -> None:
    """Evidence that the grant was used on that day."""
    reader = principal or grant.principal
    assert reader is not None
    GrantUse.objects.update_or_create(
        grant=grant,
        principal=reader,
        day=at.date(),
        column_name="",
        defaults={"n_queries": n, "last_used_at": at},
    )
