"""In which warehouse a query runs, where nobody says so: the only one there is, or the one its tables are named by."""

import re

from access.errors import Invalid, NotFound
from catalog.models import Warehouse

LONGEST_NAMED = 1_000_000
"""Characters; in a longer text, which the guard refuses anyway, no name is looked for."""
_DOT = r"\s{0,20}\.\s{0,20}"


def warehouse_for(sql: str, name: str | None = None) -> Warehouse:
    """The warehouse called `name`; without one the only one there is, or the one that `warehouse.schema.table` names.

    A guess from the text gives nothing: the guard reads every name again. Errors: `NotFound` for a name nobody has;
    `Invalid` where the query names none, or several.
    """
    if name is not None:
        found = Warehouse.objects.filter(name=name).first()
        if found is None:
            raise NotFound("There is no warehouse of that name.")
        return found
    every = list(Warehouse.objects.order_by("name"))
    named = every if len(every) == 1 else [each for each in every if _names(sql, each.name)]
    if len(named) > 1:
        said = " and ".join(each.name for each in named[:2])
        raise Invalid(f"The query names tables of {said}. It runs in one warehouse.", "warehouse")
    if not named:
        raise Invalid(
            "Say in which `warehouse` the tables live, or write warehouse.schema.table.",
            "warehouse",
        )
    return named[0]


def _names(sql: str, warehouse: str) -> bool:
    """Whether the text holds a name of three parts whose first is this warehouse, quoted or not."""
    if len(sql) > LONGEST_NAMED:
        return False
    first = rf"(?<![\w.\"`])[\"`]?{re.escape(warehouse)}[\"`]?"
    found = re.search(rf"{first}{_DOT}[^.\n]{{1,200}}?{_DOT}[\w\"`]", sql, re.IGNORECASE)
    return found is not None
