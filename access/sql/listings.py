"""What the engine's catalog would say, answered from our own: `information_schema` as relations of constants.

The rows are those the reader may know of, and are written into the query, so that they can be filtered and joined
like any table while the engine's real catalog is never read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlglot import exp

from access.errors import Refusal
from access.sql import kinds, names
from access.sql.aliases import keys_of, under_alias
from access.sql.sources import Fact, Output, Relation, Source

if TYPE_CHECKING:
    from access.sql.scopes import Walk

INFORMATION_SCHEMA = "information_schema"
PG_CATALOG = "pg_catalog"
MOST_ROWS = 5_000


@dataclass(frozen=True)
class ListedColumn:
    """A column as its reader may know it; `access` says in words how they would see it."""

    name: str
    type: str
    is_nullable: bool
    comment: str
    access: str


@dataclass(frozen=True)
class ListedTable:
    """A table that its reader may know of, with the columns they would find or could ask for."""

    schema: str
    name: str
    is_view: bool
    comment: str
    access: str
    columns: tuple[ListedColumn, ...]


class Listing(Protocol):
    """What one reader may know of a warehouse; the names narrow it down, spelled as the warehouse spells them.

    Columns come only where they are asked for.
    """

    def __call__(
        self,
        schemas: frozenset[str] | None = None,
        tables: frozenset[str] | None = None,
        *,
        with_columns: bool = False,
    ) -> Iterable[ListedTable]: ...


Value = str | int | None
Row = tuple[Value, ...]


@dataclass(frozen=True)
class Shape:
    """A relation of the catalog: its columns, each a text, a number, or always NULL, and what its rows are made of."""

    texts: str
    rows: Callable[[Iterable[ListedTable], str], Iterable[Row]]
    numbers: str = ""
    nothing: str = ""
    schema: str = "table_schema"
    table: str = "table_name"
    with_columns: bool = False

    @property
    def listed(self) -> list[tuple[str, str]]:
        """The columns that rows give a value, in their order, with the family of their type."""
        numbers = set(self.numbers.split())
        return [(name, kinds.INT if name in numbers else kinds.TEXT) for name in self.texts.split()]


def _schemata(tables: Iterable[ListedTable], warehouse: str) -> Iterable[Row]:
    for schema in sorted({table.schema for table in tables}):
        yield warehouse, schema


def _tables(tables: Iterable[ListedTable], warehouse: str) -> Iterable[Row]:
    for table in tables:
        kind = "VIEW" if table.is_view else "BASE TABLE"
        yield warehouse, table.schema, table.name, kind, "NO", table.comment, table.access


def _views(tables: Iterable[ListedTable], warehouse: str) -> Iterable[Row]:
    for table in tables:
        if table.is_view:
            yield warehouse, table.schema, table.name, "NO"


def _columns(tables: Iterable[ListedTable], warehouse: str) -> Iterable[Row]:
    for table in tables:
        for position, column in enumerate(table.columns, start=1):
            yield (
                warehouse, table.schema, table.name, column.name, position,
                "YES" if column.is_nullable else "NO", column.type, column.comment, column.access,
            )  # fmt: skip


def _pg_tables(tables: Iterable[ListedTable], warehouse: str) -> Iterable[Row]:
    for table in tables:
        if not table.is_view:
            yield table.schema, table.name


def _pg_views(tables: Iterable[ListedTable], warehouse: str) -> Iterable[Row]:
    for table in tables:
        if table.is_view:
            yield table.schema, table.name


SHAPES: Mapping[str, Mapping[str, Shape]] = {
    INFORMATION_SCHEMA: {
        "schemata": Shape(
            "catalog_name schema_name", _schemata, nothing="schema_owner", schema="schema_name"
        ),
        "tables": Shape(
            "table_catalog table_schema table_name table_type is_insertable_into table_comment access",
            _tables,
        ),
        "views": Shape(
            "table_catalog table_schema table_name is_updatable", _views, nothing="view_definition"
        ),
        "columns": Shape(
            "table_catalog table_schema table_name column_name ordinal_position is_nullable data_type"
            " column_comment access",
            _columns,
            numbers="ordinal_position",
            with_columns=True,
            nothing="column_default character_maximum_length numeric_precision numeric_scale datetime_precision",
        ),
    },
    PG_CATALOG: {
        "pg_tables": Shape(
            "schemaname tablename", _pg_tables, nothing="tableowner",
            schema="schemaname", table="tablename",
        ),
        "pg_views": Shape(
            "schemaname viewname", _pg_views, nothing="viewowner definition",
            schema="schemaname", table="viewname",
        ),
    },
}  # fmt: skip


def source(walk: Walk, node: exp.Table, key: str) -> Source | None:
    """The relation of the catalog that a name in FROM means, None when it means none.

    Errors: Refusal for a part of the catalog that is not answered here, or one too long to write out.
    """
    found = _meant(walk, node, key)
    if found is None or walk.listing is None:
        return None
    schema, shape = found
    tables = walk.listing(*_wanted(walk, node, shape), with_columns=shape.with_columns)
    relation = written(shape, shape.rows(tables, walk.warehouse))
    walk.findings.listed.append((node, relation))
    made = under_alias(walk, node, Relation(_outputs(shape)))
    if not node.alias:
        made.path = (names.fold(walk.warehouse, True, walk.dialect), schema, key)
        node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name, quoted=True)))
        made.keys = keys_of(walk, made.relation)
    return made


def _meant(walk: Walk, node: exp.Table, key: str) -> tuple[str, Shape] | None:
    """The schema and shape; an unqualified name reaches into pg_catalog as it does in the engines."""
    if walk.listing is None:
        return None
    schema = names.lower(node.db) if node.db else PG_CATALOG
    here = {names.fold(walk.warehouse, True, walk.dialect), ""}
    if schema not in SHAPES or names.fold(node.catalog, True, walk.dialect) not in here:
        return None
    shape = SHAPES[schema].get(names.lower(key))
    if shape is None and node.db:
        raise Refusal(
            f"Of {schema}, only {', '.join(SHAPES[schema])} can be read here; they list what you may know of. "
            "SHOW TABLES and DESCRIBE work too.",
            code="unknown_table",
        )
    return None if shape is None else (schema, shape)


def _outputs(shape: Shape) -> list[Output]:
    nothing = [(name, kinds.TEXT) for name in shape.nothing.split()]
    return [Output(name, Fact(kind=kind)) for name, kind in [*shape.listed, *nothing]]


def written(shape: Shape, rows: Iterable[Row]) -> exp.Select:
    """The rows as a query over constants. Errors: Refusal when they are too many to write out."""
    found = list(rows)
    if len(found) > MOST_ROWS:
        raise Refusal(
            f"That lists more than {MOST_ROWS:,} entries. Narrow it down with WHERE {shape.schema} = '...' or "
            f"{shape.table} = '...', or use DESCRIBE for one table.",
            code="too_large",
        )
    empty = tuple(0 if kind == kinds.INT else "" for _, kind in shape.listed)
    values = constants([name for name, _ in shape.listed], found or [empty])
    nothing = [
        exp.Alias(this=_null(), alias=exp.to_identifier(name, quoted=True))
        for name in shape.nothing.split()
    ]
    query = exp.Select(expressions=[exp.Star(), *nothing], from_=exp.From(this=values))
    if not found:
        query.set("where", exp.Where(this=exp.Boolean(this=False)))
    return query


def constants(columns: Sequence[str], rows: Iterable[Row]) -> exp.Values:
    """VALUES under the gate's own alias, its columns named."""
    listed = [exp.to_identifier(name, quoted=True) for name in columns]
    alias = exp.to_identifier(f"{names.RESERVED}_listed", quoted=True)
    return exp.Values(
        expressions=[exp.Tuple(expressions=[_constant(value) for value in row]) for row in rows],
        alias=exp.TableAlias(this=alias, columns=listed),
    )


def _constant(value: Value) -> exp.Expr:
    if value is None:
        return _null()
    if isinstance(value, int):
        return exp.Literal.number(value)
    return exp.Literal.string(value)


def _null() -> exp.Expr:
    return exp.Cast(this=exp.Null(), to=exp.DataType.build("VARCHAR"))


# Narrowing


def _wanted(
    walk: Walk, node: exp.Table, shape: Shape
) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """The schemas and tables that the query's own WHERE leaves; None for all. A filter stays in the query as well."""
    holder = node.parent
    select = holder.parent if isinstance(holder, (exp.From, exp.Join)) else None
    where = select.args.get("where") if isinstance(select, exp.Select) else None
    alias = node.args.get("alias")
    if where is None or (alias is not None and alias.args.get("columns")):
        return None, None
    found: dict[str, frozenset[str]] = {}
    is_all = isinstance(where.this, exp.And)
    for condition in where.this.flatten() if is_all else [where.this]:
        _narrow(condition, node.alias_or_name, found)
    return found.get(shape.schema), found.get(shape.table)


def _narrow(condition: exp.Expr, alias: str, found: dict[str, frozenset[str]]) -> None:
    """`column = 'x'` and `column IN ('x', 'y')`, of this relation or of none in particular."""
    column = condition.this
    if not isinstance(column, exp.Column) or column.table not in ("", alias):
        return
    if isinstance(condition, exp.EQ):
        values = [condition.expression]
    elif isinstance(condition, exp.In) and not condition.args.get("query"):
        values = condition.expressions
    else:
        return
    if values and all(isinstance(value, exp.Literal) and value.is_string for value in values):
        found[names.lower(column.name)] = frozenset(value.name for value in values)
