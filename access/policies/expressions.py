"""Owners' and approvers' expressions, tried before anybody relies on them, and again when the schema has changed.

Three questions in turn: can the guard bind it to the table; do the tables it looks into exist, and may its author look
there; and does the engine's own planner accept it, with the right type. The planner is asked without reading a row.
An engine that cannot be asked is no reason to refuse: the gate binds every expression again for every query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.functional import cached_property

from access.errors import Invalid
from access.models import DatasetPolicy, Principal
from access.people.permissions import Permission, over
from access.policies.masks import Mask
from access.policies.policy import ColumnFact
from access.sql import PolicyProblem, check_expression, kinds, masks, names, rules
from catalog.engines import EngineError, engine_for
from catalog.identity import identity_of
from catalog.models import Column, Dataset, EngineKind

DIALECTS = {kind: kind.dialect for kind in EngineKind}
# Causes that say nothing about the expression; every other means that the planner refuses it.
NOT_ASKED = frozenset({"busy", "unreachable", "crash", "deadline", "memory"})
Identities = frozenset[str]


@dataclass(frozen=True)
class Bound:
    """An expression that can stand in a policy: the tables it looks into, and its type where the engine told."""

    looks_into: Identities = frozenset()
    type: str = ""


class Table:
    """One dataset's table as the expressions of somebody see it; without an `author`, as the operator's do.

    Cost: a query, and a few more if an expression looks elsewhere.
    """

    def __init__(self, dataset: Dataset, author: Principal | None = None) -> None:
        self.dataset = dataset
        self.author = author
        self.warehouse = dataset.warehouse
        self.dialect = EngineKind(dataset.warehouse.engine).dialect
        found = dataset.columns.filter(removed_at=None).order_by("position")
        self.columns = {column.name: ColumnFact(column.name, column.type) for column in found}

    @cached_property
    def open_to_author(self) -> Identities:
        """The tables an author may look into: what they decide about, and what the dataset's rules look into."""
        assert self.author is not None
        charges = over(self.author, Permission.DECIDE).filter(warehouse=self.warehouse)
        return frozenset(
            {
                self.dataset.identity,
                *charges.values_list("identity", flat=True),
                *standing(self.dataset),
            }
        )

    @cached_property
    def neighbours(self) -> dict[str, tuple[str, ...]]:
        """The columns of every table an expression may look into, by `schema.table`."""
        found: dict[str, tuple[str, ...]] = {}
        columns = Column.objects.filter(
            dataset__warehouse=self.warehouse, dataset__missing_at=None, removed_at=None
        )
        if self.author is not None:
            columns = columns.filter(dataset__identity__in=self.open_to_author)
        for schema, table, name in columns.order_by("dataset", "position").values_list(
            "dataset__schema_name", "dataset__table_name", "name"
        ):
            key = f"{schema}.{table}"
            found[key] = (*found.get(key, ()), name)
        return found

    @cached_property
    def _known(self) -> Identities:
        found = Dataset.objects.filter(warehouse=self.warehouse, missing_at=None)
        return frozenset(found.values_list("identity", flat=True))

    def rows(self, text: str, field: str = "rows") -> Bound:
        """A row filter. Errors: `Invalid` unless it is a condition over this table."""
        bound = self._bound(text, "rows", field)
        if bound.type and kinds.of_type(bound.type) != kinds.BOOL:
            raise Invalid(
                f"A row filter says yes or no for each row; this gives {bound.type}. Compare it with something.",
                field,
            )
        return bound

    def mask(self, column: str, mask: Mask, field: str) -> tuple[Mask, Identities]:
        """A mask with the type the engine gives it, and the tables it looks into. Errors: `Invalid`."""
        if column not in self.columns:
            raise Invalid(f"{self.dataset.name} has no column {column}.", field)
        self._suits(self.columns[column], mask, field)
        text = masks.expression(mask, self.dataset.table_name, column, self.dialect)
        if text is None:
            return mask, frozenset()
        bound = self._bound(text, "mask", field)
        return replace(mask, type=bound.type), bound.looks_into

    def _suits(self, column: ColumnFact, mask: Mask, field: str) -> None:
        """Errors: `Invalid` for parameters that the column's type cannot keep."""
        width = mask.option("width")
        if width is not None and kinds.of_type(column.type) == kinds.INT and width != int(width):
            raise Invalid(
                f"{column.name} holds whole numbers, so its ranges need a whole width.", field
            )

    def _bound(self, text: str, kind: str, field: str) -> Bound:
        try:
            compiled = check_expression(
                text,
                columns=self.columns.values(),
                dialect=self.dialect,
                kind=kind,
                warehouse=self.warehouse.name,
                schema=self.dataset.schema_name,
                table=self.dataset.table_name,
                related=self.neighbours if "select" in text.lower() else None,
            )
        except PolicyProblem as problem:
            raise Invalid(str(problem), field) from problem
        return Bound(self._identities(compiled.relations, field), self._type(compiled.text, field))

    def _identities(self, relations: frozenset[tuple[str, str]], field: str) -> Identities:
        """The tables looked into. What an author may not look into, and what is not there, is told alike."""
        found = {
            identity_of(self.warehouse.engine, schema, table): f"{schema}.{table}"
            for schema, table in relations
        }
        if self.author is not None and found.keys() - self.open_to_author:
            strange = min(found[identity] for identity in found.keys() - self.open_to_author)
            raise Invalid(
                f"You do not answer for a table called {strange}, so an expression of yours cannot look into it. Use "
                "the columns of the dataset itself, or ask an administrator to put this into the dataset's rules.",
                field,
            )
        unknown = sorted(name for identity, name in found.items() if identity not in self._known)
        if unknown:
            raise Invalid(
                f"The portal knows of no table {unknown[0]} in the warehouse {self.warehouse.name}. If it is new, "
                f"import the warehouse again: ./manage.py ingest warehouse {self.warehouse.name}",
                field,
            )
        return frozenset(found)

    def _type(self, text: str, field: str) -> str:
        """The type the engine's planner gives an expression; empty where it cannot be asked."""
        parts = (self.dataset.schema_name, self.dataset.table_name)
        table = ".".join(names.quote(part, self.dialect) for part in parts)
        row = names.quote(rules.ROW, self.dialect)
        # The expression was bound by the guard; the rest are quoted names.
        sql = f"SELECT ({text}) AS shown FROM {table} AS {row}"  # noqa: S608
        try:
            ((_, kind),) = engine_for(self.warehouse.url, self.warehouse.manage).shape(sql)
        except EngineError as error:
            if error.cause in NOT_ASKED:
                return ""
            raise Invalid(
                f"The warehouse cannot use this expression. {error} Check the names, and whether the types of what it "
                "compares fit each other.",
                field,
            ) from error
        return kind


def check_rows(dataset: Dataset, rows: str, *, author: Principal | None = None) -> None:
    """Errors: `Invalid` unless `rows` is a filter that compiles against the dataset's columns.

    A filter reads other tables unfiltered, and who may read its result learns what stands in them. An `author` may
    therefore look only into what they decide about, and into what the dataset's own rules look into; the operator,
    who has no author, into everything.
    """
    Table(dataset, author).rows(rows)


def check_masks(
    dataset: Dataset, wanted: Mapping[str, Mask], *, author: Principal | None = None
) -> dict[str, Mask]:
    """The masks with the types the engine gives them.

    Errors: `Invalid` (`masks.email`) unless each column exists and an owner's expression compiles against them; an
    `author` looks only into tables they answer for, as in `check_rows`.
    """
    if not wanted:
        return {}
    table = Table(dataset, author)
    return {
        column: table.mask(column, mask, f"masks.{column}")[0] for column, mask in wanted.items()
    }


def standing(dataset: Dataset) -> Identities:
    """The tables that a dataset's rules look into today, as far as they still compile."""
    policy = DatasetPolicy.objects.filter(dataset=dataset).first()
    if policy is None:
        return frozenset()
    table = Table(dataset)
    found: Identities = frozenset()
    try:
        found |= table.rows(policy.rows).looks_into if policy.rows else frozenset()
        for mask in policy.masks.all():
            found |= table.mask(mask.column_name, mask.value, "masks")[1]
    except (Invalid, ValueError):
        return found
    return found
