"""How datasets look to somebody: which columns they would find, and behind which mask. For pages, never for reading."""

from collections import defaultdict
from collections.abc import Iterable

from access.models import Principal
from access.policies.masks import Mask
from access.policies.policy import ColumnFact, TablePolicy, VisibleColumn, cells, visible_columns
from access.policies.reading import readings
from access.sql import masks
from access.sql.views import told_type
from catalog.models import Dataset, EngineKind


def visible_columns_of(
    principal: Principal, datasets: Iterable[Dataset]
) -> dict[int, tuple[VisibleColumn, ...]]:
    """The columns each dataset would show this principal now, by the dataset's key. Cost: one query a warehouse."""
    by_warehouse = defaultdict(list)
    for dataset in datasets:
        by_warehouse[dataset.warehouse].append(dataset.identity)
    return {
        reading.dataset_id: () if reading.is_broken else seen_in(reading.policy, warehouse.engine)
        for warehouse, identities in by_warehouse.items()
        for reading in readings(principal, warehouse, identities).values()
    }


def visible_columns_for(principal: Principal, dataset: Dataset) -> tuple[VisibleColumn, ...]:
    """The columns one dataset would show this principal now, in table order; none without a live grant."""
    return visible_columns_of(principal, [dataset]).get(dataset.pk, ())


def seen_in(policy: TablePolicy, engine: str) -> tuple[VisibleColumn, ...]:
    """The columns a policy shows, each with the type its reader gets."""
    dialect = EngineKind(engine).dialect
    return tuple(
        column._replace(type=told_type(cell, dialect))
        for column, cell in zip(visible_columns(policy), cells(policy), strict=True)
    )


def type_behind(mask: Mask, name: str, type: str, engine: str) -> str:
    """The type a column has behind its dataset's mask, for those who hold nothing yet; empty where nobody said."""
    dialect = EngineKind(engine).dialect
    return masks.result_type(mask, ColumnFact(name, type), dialect) or mask.type
