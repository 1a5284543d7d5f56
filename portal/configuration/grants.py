"""Brings grants to what the files say.

A grant of the configuration is known by holder, dataset and reason. A span in `expires` counts from the apply that
first gave it; applying again does not make it longer. One that is over by then is given anew, because the file still
says that it should be.
"""

from datetime import datetime, timedelta
from typing import Any

from access import grants
from access.errors import AccessError
from access.models import EndReason, Grant, Principal, Team
from access.spans import write_span
from catalog.models import Dataset
from portal.configuration.schema import GrantEntry
from portal.configuration.warehouses import dataset_named
from portal.configuration.work import Entry, Work


def bring_grants(work: Work) -> None:
    """Give, replace or leave alone every grant the files name."""
    for entry in work.entries("grants"):
        said: GrantEntry = entry.value
        holder = work.holder(entry, said.principal, "principal")
        dataset = dataset_named(work, entry, said.dataset, "dataset")
        if holder is None or dataset is None or not _columns_exist(work, entry, dataset):
            continue
        if not work.name(entry, "grant", grant_key(said), **terms(said)):
            continue
        try:
            _bring_grant(work, said, holder, dataset)
        except AccessError as error:
            work.wrong(entry, error, *_where(error))


def grant_key(said: GrantEntry) -> str:
    """What makes two entries the same grant."""
    return f"{said.principal} on {said.dataset} for {said.reason}"


def terms(said: GrantEntry) -> dict[str, Any]:
    """Everything the entry says beside its key, as JSON."""
    return {
        "columns": list(said.columns) if said.columns is not None else None,
        "unmasked": list(said.unmasked),
        "masks": {column: mask.as_json() for column, mask in said.masks.items()},
        "rows": said.rows or "",
        "expires": write_span(said.expires)
        if isinstance(said.expires, timedelta)
        else said.expires.isoformat(),
    }


def _where(error: AccessError) -> tuple[str, ...]:
    field = str(getattr(error, "field", "") or "")
    known = {"expires_at": "expires", "duration": "expires", "purpose": "reason"}
    return tuple(known.get(field, field).split(".")) if field else ()


def _columns_exist(work: Work, entry: Entry[GrantEntry], dataset: Dataset) -> bool:
    known = set(dataset.columns.filter(removed_at=None).values_list("name", flat=True))
    said = entry.value
    named: list[tuple[tuple[str | int, ...], str]] = [
        *((("columns", index), name) for index, name in enumerate(said.columns or ())),
        *((("unmasked", index), name) for index, name in enumerate(said.unmasked)),
        *((("masks", name), name) for name in said.masks),
    ]
    unknown = [(trail, name) for trail, name in named if name not in known]
    for trail, name in unknown:
        work.mistakes.append(entry.mistake(f"{dataset.name} has no column {name}", *trail))
    return not unknown


def _bring_grant(work: Work, said: GrantEntry, holder: Principal | Team, dataset: Dataset) -> None:
    key, wanted = grant_key(said), terms(said)
    applied = work.applied("grant").get(key)
    open_grant = _open_grant(holder, dataset, said.reason, work.now)
    if open_grant is not None and applied is not None and applied.fields == wanted:
        return
    if open_grant is None:
        work.changed(
            "grant", key, "create", **{name: (None, value) for name, value in wanted.items()}
        )
    else:
        old = applied.fields if applied else {}
        changed = {
            name: (old.get(name), value) for name, value in wanted.items() if old.get(name) != value
        }
        work.changed("grant", key, "update", **changed)
        grants.revoke(
            open_grant,
            actor=None,
            reason="The configuration changed it.",
            end_reason=EndReason.REPLACED,
            now=work.now,
        )
    grants.grant_directly(
        holder,
        dataset,
        actor=None,
        columns=wanted["columns"],
        unmasked=wanted["unmasked"],
        masks=wanted["masks"],
        rows=wanted["rows"],
        expires_at=_expiry(said.expires, work.now),
        reason=said.reason,
        now=work.now,
    )


def _expiry(expires: datetime | timedelta, now: datetime) -> datetime:
    return now + expires if isinstance(expires, timedelta) else expires


def _open_grant(
    holder: Principal | Team, dataset: Dataset, purpose: str, now: datetime
) -> Grant | None:
    owner = {"team": holder} if isinstance(holder, Team) else {"principal": holder}
    return Grant.objects.filter(
        dataset=dataset, purpose=purpose, ended_at=None, expires_at__gt=now, **owner
    ).first()
