"""A policy as a screen: the form for a PostgreSQL in which the portal may keep views and row-level security.

What depends on who asks is left to the session's settings, so that one screen serves everybody whose rules are alike.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import lru_cache

from sqlglot import TokenType

from access.policies.policy import TablePolicy
from access.sql import names, rules
from access.sql.dialects import POSTGRES, grammar
from access.sql.rules import PRINCIPAL, TEAMS, Setting
from access.sql.views import Fence, Rendering, Variables, View, fenced, parts
from catalog.engines.screens import SCHEMA, SETTINGS, Screen, Screening, Table

_PRINCIPAL, _TEAMS, _MASK_KEY = SETTINGS
_VARIABLES: Variables = (
    (PRINCIPAL, Setting(f"(SELECT pg_catalog.current_setting('{_PRINCIPAL}'))")),
    (TEAMS, Setting(f"CAST((SELECT pg_catalog.current_setting('{_TEAMS}')) AS text[])")),
)
# Stands for the key of hash masks while a text is made; nobody can write it into an expression of their own.
_KEY = secrets.token_hex(32)
_ASKED_KEY = f"(SELECT pg_catalog.current_setting('{_MASK_KEY}'))"


@lru_cache(maxsize=2048)
def screen(policy: TablePolicy, warehouse: str) -> Screen:
    """The screen of one policy.

    Errors: Refusal policy_broken when an owner's expression no longer fits the table.
    """
    rendering = Rendering(policy, POSTGRES, warehouse, _VARIABLES, _KEY)
    # Only what expressions look into remains, be it the table itself a second time.
    rendering.relations = set()
    shown, condition = parts(policy, rendering)
    own = Table(policy.schema, policy.table)
    return Screen(
        own,
        tuple(text.replace(names.literal(_KEY), _ASKED_KEY) for text in shown),
        _by_table(condition, own),
        frozenset(Table(*found) for found in rendering.relations),
    )


def view(policy: TablePolicy, warehouse: str, fence: Fence) -> View:
    """What stands in the query for the table: its screen, behind a fence where one is needed."""
    columns = [names.quote(name) for name in policy.visible]
    found = screen(policy, warehouse)
    # Quoted names of the policy's own columns, and a digest.
    text = f"SELECT {', '.join(columns)} FROM {names.quote(SCHEMA)}.{names.quote(found.view)}"  # noqa: S608
    own = (policy.schema, policy.table)
    return View(text + fenced(fence, len(columns)), frozenset({own, *found.looks_into}))


def screening(
    policies: Iterable[TablePolicy], warehouse: str, variables: Variables, key: str
) -> Screening | None:
    """The screens of these tables, with the session's settings for their reader; None for no tables."""
    screens = tuple(screen(policy, warehouse) for policy in policies)
    if not screens:
        return None
    said = dict(variables)
    teams = ",".join(f'"{_escaped(str(team))}"' for team in said[TEAMS])
    settings = {_PRINCIPAL: str(said[PRINCIPAL]), _TEAMS: f"{{{teams}}}", _MASK_KEY: key}
    return Screening(screens, settings)


def _escaped(team: str) -> str:
    """A text inside an array's quotes."""
    return team.replace("\\", "\\\\").replace('"', '\\"')


def _by_table(condition: str, table: Table) -> str:
    """The condition with the table's own name in place of the gate's alias, which a policy of PostgreSQL cannot have.

    With its schema the name is never taken for an alias of a subquery.
    """
    name = f"{names.quote(table.schema)}.{names.quote(table.name)}"
    text = condition
    for token in reversed(grammar(POSTGRES).tokenize(condition)):
        if token.token_type == TokenType.IDENTIFIER and token.text == rules.ROW:
            text = text[: token.start] + name + text[token.end + 1 :]
    return text
