"""What a principal may know of one warehouse, as the gate's answer to SHOW, DESCRIBE and information_schema.

Which tables are in it is decided by `access.discovery` and nowhere else. Of a dataset they can read, people find the
columns that a star would give them; of one they cannot, those they could ask for.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from access.discovery import discoverable_by
from access.models import Principal
from access.policies.policy import CLEAR, CONDITIONAL, MASKED, Cell, cells, visible_columns
from access.policies.reading import Reading, readings
from access.sql.listings import MOST_ROWS, ListedColumn, ListedTable, Listing
from access.sql.statements import NOT_GRANTED
from access.sql.views import told_type
from catalog.models import Column, Dataset, DatasetKind, Warehouse

GRANTED = "granted"
CLOSED = "closed"
ACCESS = {CLEAR: GRANTED, MASKED: "masked", CONDITIONAL: "masked in some rows"}
LONGEST_COMMENT = 200


def listing_of(principal: Principal, warehouse: Warehouse, dialect: str) -> Listing:
    """The listing of one reader. Cost of a call: two queries, three with columns."""

    def listed(
        schemas: frozenset[str] | None = None,
        tables: frozenset[str] | None = None,
        *,
        with_columns: bool = False,
    ) -> Iterable[ListedTable]:
        known = discoverable_by(principal).filter(warehouse=warehouse, missing_at=None)
        if schemas is not None:
            known = known.filter(schema_name__in=schemas)
        if tables is not None:
            known = known.filter(table_name__in=tables)
        return _listed(principal, warehouse, known, dialect if with_columns else "")

    return listed


def _listed(
    principal: Principal, warehouse: Warehouse, known: QuerySet[Dataset], dialect: str
) -> list[ListedTable]:
    """The tables with their columns, spelled for a dialect; without one, without columns."""
    # One more than may be written out, so that the guard says there are too many instead of leaving some out.
    fields = ("identity", "schema_name", "table_name", "kind", "title", "description")
    ordered = known.only(*fields).order_by("schema_name", "table_name")
    datasets = list(ordered[: MOST_ROWS + 1])
    found = readings(principal, warehouse, [dataset.identity for dataset in datasets])
    columns: dict[int, list[Column]] = defaultdict(list)
    wanted = datasets if dialect else []
    for column in Column.objects.filter(dataset__in=wanted, removed_at=None).order_by(
        "dataset", "position", "name"
    ):
        columns[column.dataset_id].append(column)
    return [
        _table(dataset, columns[dataset.pk], found.get(dataset.identity), dialect)
        for dataset in datasets
    ]


def _table(
    dataset: Dataset, columns: list[Column], reading: Reading | None, dialect: str
) -> ListedTable:
    is_readable = bool(reading and reading.policy.grants and not reading.is_broken)
    access = GRANTED if is_readable else NOT_GRANTED
    if reading is not None and reading.is_broken:
        access = CLOSED
    return ListedTable(
        schema=dataset.schema_name,
        name=dataset.table_name,
        is_view=dataset.kind == DatasetKind.VIEW,
        comment=_comment(dataset.description or dataset.title),
        access=access,
        columns=_readable(columns, reading, dialect)
        if reading is not None and is_readable and dialect
        else tuple(_column(column, column.type, access) for column in columns),
    )


def _readable(columns: list[Column], reading: Reading, dialect: str) -> tuple[ListedColumn, ...]:
    by_name = {column.name: column for column in columns}
    shown: dict[str, Cell] = {cell.column.name: cell for cell in cells(reading.policy)}
    return tuple(
        _column(
            by_name[each.name],
            told_type(shown[each.name], dialect) or by_name[each.name].type,
            ACCESS[each.how],
        )
        for each in visible_columns(reading.policy)
        if each.name in by_name
    )


def _column(column: Column, type_text: str, access: str) -> ListedColumn:
    is_nullable = column.is_nullable or access not in (GRANTED, NOT_GRANTED)
    return ListedColumn(column.name, type_text, is_nullable, _comment(column.description), access)


def _comment(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= LONGEST_COMMENT else first[: LONGEST_COMMENT - 1] + "…"
