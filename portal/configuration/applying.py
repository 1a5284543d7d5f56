"""Applies files to the portal: all of it, or nothing. A plan is an apply that is rolled back."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from access.audit.events import Kind, record
from portal.configuration import document
from portal.configuration.approval import bring_sensitivities
from portal.configuration.dashboards import bring_dashboards
from portal.configuration.datasets import bring_datasets
from portal.configuration.errors import BrokenConfiguration, Mistake
from portal.configuration.grants import bring_grants
from portal.configuration.native import bring_native
from portal.configuration.people import bring_domains, bring_teams, bring_users
from portal.configuration.pruning import prune
from portal.configuration.warehouses import bring_warehouses, describe_unknown
from portal.configuration.webhooks import bring_webhooks
from portal.configuration.work import Change, Work
from portal.models import AppliedObject

STEPS = (
    bring_warehouses,
    bring_native,
    bring_users,
    bring_teams,
    bring_domains,
    bring_sensitivities,
    describe_unknown,
    bring_datasets,
    bring_grants,
    bring_dashboards,
    bring_webhooks,
)


class _OnlyPlanned(Exception):
    """Leaves the transaction of a plan."""


def apply(
    paths: Sequence[Path], *, now: datetime, plan: bool = False, pruning: bool = False
) -> tuple[Change, ...]:
    """Bring the portal to the state that the files describe and return what differed.

    With `plan` the same happens and is rolled back. With `pruning`, what an earlier apply created and no file names
    any more is removed. Errors: `BrokenConfiguration` with every mistake; then nothing has changed.
    """
    work = Work(_documents(paths), now)
    try:
        with transaction.atomic():
            _bring_about(work, pruning=pruning)
            if plan:
                raise _OnlyPlanned
    except _OnlyPlanned:
        pass
    return tuple(work.changes)


def _documents(paths: Sequence[Path]) -> list[document.Document]:
    documents: list[document.Document] = []
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            documents.append(document.read(path))
        except BrokenConfiguration as broken:
            mistakes.extend(broken.mistakes)
    if mistakes:
        raise BrokenConfiguration(mistakes)
    return documents


def _bring_about(work: Work, *, pruning: bool) -> None:
    for step in STEPS:
        step(work)
        if work.mistakes:
            raise BrokenConfiguration(work.mistakes)
    if pruning:
        prune(work)
    _remember(work)
    if work.changes:
        record(
            Kind.CONFIGURATION_APPLIED,
            actor=None,
            data={"changes": [f"{each.verb} {each.kind} {each.key}" for each in work.changes]},
            now=work.now,
        )


def _remember(work: Work) -> None:
    """Keep what the files named, so that a later `--prune` knows what was theirs."""
    present = {(each.kind, each.key): each for each in AppliedObject.objects.all()}
    for (kind, key), fields in work.named.items():
        known = present.get((kind, key))
        if known is None:
            AppliedObject.objects.create(kind=kind, key=key, fields=fields, applied_at=work.now)
        elif known.fields != fields:
            AppliedObject.objects.filter(pk=known.pk).update(fields=fields, applied_at=work.now)
