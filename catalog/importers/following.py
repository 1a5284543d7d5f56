"""Follows the query behind a dataset once, and again only when the query or a table it reads has changed.

Following a query costs milliseconds and a project has thousands; almost none of them change from one import to the
next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from catalog.importers.column_lineage import QueryLineage, derive
from catalog.importers.register import Register
from catalog.importers.reports import ImportReport
from catalog.models import Dataset, FollowedQuery, Source
from catalog.reconciliation import reconcile

# Raised whenever queries are followed differently, so that everything is followed anew.
GENERATION = 1


@dataclass(frozen=True)
class Followed:
    """The tables a query reads, and its lineage; None where the stored lineage still holds."""

    reads: tuple[str, ...]
    query: QueryLineage | None


class Following:
    """The queries of one source in one warehouse, compared with those that were followed before.

    Cost: one query to read; one to three to write.
    """

    def __init__(self, register: Register, source: Source) -> None:
        self.register = register
        self.source = source
        self.tables = register.tables()
        self.wanted: list[FollowedQuery] = []
        known = FollowedQuery.objects.filter(
            source=source, dataset__in=[dataset.pk for dataset in register.datasets.values()]
        )
        self.known = {followed.dataset_id: followed for followed in known}

    def follow(self, dataset: Dataset, sql: str) -> Followed:
        """The lineage of the query behind a dataset, worked out only where it may differ from what is stored."""
        known = self.known.get(dataset.pk)
        if known and known.fingerprint == self._fingerprint(dataset, sql, known.reads):
            self.wanted.append(known)
            return Followed(tuple(known.reads), None)
        query = derive(sql, self.tables)
        reads = sorted(query.tables)
        self.wanted.append(
            FollowedQuery(
                dataset=dataset,
                source=self.source,
                reads=reads,
                fingerprint=self._fingerprint(dataset, sql, reads),
            )
        )
        return Followed(tuple(reads), query)

    def keep(self, about: Iterable[int], report: ImportReport) -> None:
        """Remembers what was followed; of the datasets in `about`, those not followed now have no query."""
        about = set(about)
        tally, _ = reconcile(
            [followed for followed in self.known.values() if followed.dataset_id in about],
            self.wanted,
            key=["dataset_id"],
            fields=["reads", "fingerprint"],
        )
        report.count("queries followed", tally)

    def _fingerprint(self, dataset: Dataset, sql: str, reads: Iterable[str]) -> str:
        columns = {identity: self._columns(identity) for identity in (dataset.identity, *reads)}
        words = json.dumps([GENERATION, sql, columns], sort_keys=True)
        return sha256(words.encode()).hexdigest()

    def _columns(self, identity: str) -> list[str]:
        dataset = self.register.datasets.get(identity)
        return list(self.register.columns().get(dataset.pk, ())) if dataset else []
