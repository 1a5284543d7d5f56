"""A policy as a view for its holder's own tools, which send any text they like.

As at the gate, a cell shows when some grant covers its row and its column. But nobody rewrites what is asked here, and
the portal may be stopped when a grant ends, so the view itself judges each grant by the clock. Who asks is the session's
own user: settings, which anybody may change, decide nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import lru_cache

from access.policies.policy import Cell, GrantRule, Mask, TablePolicy, cells, mask_for
from access.sql import names, rules
from access.sql.dialects import POSTGRES
from access.sql.rules import PRINCIPAL, TEAMS, Setting
from access.sql.views import Rendering, Variables, broken, displayed, same_type
from catalog.engines import native
from catalog.engines.native import NativeView
from catalog.engines.screens import Table

_VARIABLES: Variables = (
    (PRINCIPAL, Setting(native.PRINCIPAL)),
    (TEAMS, Setting(native.TEAMS)),
)
# Stands for the key of hash masks while a text is made; nobody can write it into an expression of their own.
_KEY = secrets.token_hex(32)


@lru_cache(maxsize=4096)
def native_view(policy: TablePolicy, warehouse: str) -> NativeView:
    """The view of one policy, which rests on all of its grants.

    Errors: Refusal policy_broken when an owner's expression no longer fits the table.
    """
    rendering = Rendering(policy, POSTGRES, warehouse, _VARIABLES, _KEY)
    rendering.relations = set()
    try:
        shown = [_column(policy, cell, rendering) for cell in cells(policy)]
        condition = _condition(policy, rendering)
    except rules.PolicyProblem:
        raise broken(policy) from None
    return NativeView(
        Table(policy.schema, policy.table),
        tuple(text.replace(names.literal(_KEY), native.KEY) for text in shown),
        condition,
        tuple(sorted(grant.grant_id for grant in policy.grants)),
        frozenset(Table(*found) for found in rendering.relations),
        _has_expressions(policy),
    )


def _condition(policy: TablePolicy, rendering: Rendering) -> str:
    """A row shows when the dataset's own filter holds on it, and some live grant's."""
    granted = _granted(policy.grants, rendering)
    if policy.rows is None:
        return granted
    return f"({rendering.expression(policy.rows)}) AND ({granted})"


def _column(policy: TablePolicy, cell: Cell, rendering: Rendering) -> str:
    """The first of the column's cases of which some grant is live and covers the row; NULL where none is.

    Cases that cannot be met today are left out, as at the gate, because they might change the column's type. When
    grants end, what they covered turns NULL until the view is made afresh: less is shown meanwhile, never more.
    """
    alike = same_type(cell, POSTGRES)
    cases = [(case.mask, _behind(policy, cell, case.mask)) for case in cell.cases]
    name = names.quote(cell.column.name)
    values = [displayed(mask, cell.column, rendering, alike) for mask, _ in cases]
    if len(cases) == 1 and len(cases[0][1]) == len(policy.grants):
        return f"{values[0]} AS {name}"
    whens = [
        f"WHEN {_granted(grants, rendering)} THEN {value}"
        for (_, grants), value in zip(cases, values, strict=True)
    ]
    return f"CASE {' '.join(whens)} END AS {name}"


def _behind(policy: TablePolicy, cell: Cell, mask: Mask | None) -> tuple[GrantRule, ...]:
    """The grants that show a column so."""
    name = cell.column.name
    return tuple(
        grant
        for grant in policy.grants
        if grant.covers(name) and mask_for(policy, grant, name) == mask
    )


def _granted(grants: Iterable[GrantRule], rendering: Rendering) -> str:
    """That one of these grants is live and covers the row."""
    parts = []
    for grant in sorted(grants, key=lambda grant: grant.grant_id):
        live = native.live(grant.grant_id)
        covers = f" AND ({rendering.expression(grant.rows)})" if grant.rows is not None else ""
        parts.append(f"({live}{covers})")
    return " OR ".join(parts)


def _has_expressions(policy: TablePolicy) -> bool:
    """Whether an owner's or approver's own text decides anything here."""
    every = [policy.masks, *(grant.masks for grant in policy.grants)]
    return (
        policy.rows is not None
        or any(grant.rows is not None for grant in policy.grants)
        or any(mask.looks_up for masks in every for mask in masks.values())
    )
