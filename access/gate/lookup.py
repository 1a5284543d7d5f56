"""The tables one query asked for, as its reader may see them: what the guard looks tables up in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from access.discovery import discoverable_by
from access.errors import Refusal
from access.gate.listing import listing_of
from access.models import Principal
from access.policies.policy import TablePolicy
from access.policies.reading import Reading, Standing, readings
from access.sql import Plan
from access.sql.listings import ListedTable
from catalog.identity import identity_of
from catalog.models import Warehouse


class Tables:
    """The tables one query asked for, as this principal may see them: the guard's lookup."""

    def __init__(self, principal: Principal, warehouse: Warehouse, dialect: str) -> None:
        self._principal = principal
        self._warehouse = warehouse
        self._dialect = dialect
        self._asked: dict[str, Reading | None] = {}
        # Whether the answer rests on more than the policies of the tables, so that no plan may be kept under them.
        self.is_fleeting = False

    def __call__(self, schema: str | None, table: str, warehouse: str | None) -> TablePolicy | None:
        """The policy of a table; None when it does not exist as far as this principal may know."""
        if schema is None or warehouse not in (None, self._warehouse.name):
            return None
        identity = identity_of(self._warehouse.engine, schema, table)
        if identity not in self._asked:
            self.fetch(frozenset([identity]))
        return self._visible(self._asked[identity])

    def fetch(self, identities: frozenset[str]) -> None:
        """Reads the policies of several tables at once. Cost: one query."""
        found = readings(self._principal, self._warehouse, identities)
        self._asked.update({identity: found.get(identity) for identity in identities})

    def listing(
        self,
        schemas: frozenset[str] | None = None,
        tables: frozenset[str] | None = None,
        *,
        with_columns: bool = False,
    ) -> Iterable[ListedTable]:
        """What this principal may know of the warehouse. Cost: two queries, three with columns."""
        self.is_fleeting = True
        listed = listing_of(self._principal, self._warehouse, self._dialect)
        return listed(schemas, tables, with_columns=with_columns)

    def variables(self, stands: Standing) -> dict[str, Any]:
        """What `:principal` and `:teams` mean in a policy."""
        return {"principal": self._principal.username, "teams": list(stands.teams)}

    def settled(self, plan: Plan) -> Plan:
        """The plan with the grants that it rests on."""
        return plan

    @property
    def asked(self) -> frozenset[str]:
        """The identities asked for so far."""
        return frozenset(self._asked)

    @property
    def fingerprints(self) -> tuple[tuple[str, str], ...] | None:
        """The policy of every table asked for; None when one of them cannot simply be read."""
        found = [(identity, reading) for identity, reading in sorted(self._asked.items())]
        if any(
            reading is not None and (reading.is_broken or not reading.policy.grants)
            for _, reading in found
        ):
            return None
        return tuple(
            (identity, reading.policy.fingerprint if reading else "") for identity, reading in found
        )

    @property
    def known(self) -> tuple[Reading, ...]:
        """The readings of the datasets asked for that this principal may know of. Cost: a query each without a grant."""
        return tuple(
            reading
            for reading in self._asked.values()
            if reading is not None and not reading.is_missing and self._is_known(reading)
        )

    def behind(self, plan: Plan) -> tuple[Reading, ...]:
        """The readings of the datasets a plan reads."""
        return tuple(
            reading
            for reading in self._asked.values()
            if reading is not None and reading.policy.dataset in plan.grants
        )

    def _visible(self, reading: Reading | None) -> TablePolicy | None:
        if reading is None or reading.is_missing:
            return None
        if not self._is_known(reading):
            return None
        if reading.is_broken:
            raise Refusal(
                f"The rules that protect {reading.policy.dataset} no longer fit its columns, so nobody can read it "
                "until a steward mends them. Its stewards were told; you can reach them from its page.",
                code="policy_broken",
            )
        return reading.policy

    def _is_known(self, reading: Reading) -> bool:
        return bool(reading.policy.grants) or (
            discoverable_by(self._principal).filter(pk=reading.dataset_id).exists()
        )
