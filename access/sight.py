"""How datasets look to somebody: which columns they would find, and behind which mask. For pages, never for reading."""

from collections import defaultdict
from collections.abc import Iterable

from access.models import Principal
from access.policies import VisibleColumn, visible_columns
from access.reading import readings
from catalog.models import Dataset


def visible_columns_of(
    principal: Principal, datasets: Iterable[Dataset]
) -> dict[int, tuple[VisibleColumn, ...]]:
    """The columns each dataset would show this principal now, by the dataset's key. Cost: one query a warehouse."""
    by_warehouse = defaultdict(list)
    for dataset in datasets:
        by_warehouse[dataset.warehouse].append(dataset.identity)
    return {
        reading.dataset_id: () if reading.is_broken else visible_columns(reading.policy)
        for warehouse, identities in by_warehouse.items()
        for reading in readings(principal, warehouse, identities).values()
    }


def visible_columns_for(principal: Principal, dataset: Dataset) -> tuple[VisibleColumn, ...]:
    """The columns one dataset would show this principal now, in table order; none without a live grant."""
    return visible_columns_of(principal, [dataset]).get(dataset.pk, ())
