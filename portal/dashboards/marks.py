"""What a click on a mark offers: the filter it sets, the rows beneath it, and how the number is made."""

from dataclasses import dataclass

import orjson
from django.urls import reverse

from access.models import Principal
from access.policies.sight import visible_columns_of
from catalog.models import Dataset
from portal.dashboards.definition import Tile


@dataclass(frozen=True)
class Marks:
    """For one tile and one person. `filters` says of each filter whether the mark's place (`x`) or its `series` sets it;
    `x` and `series` are columns of the dataset they may ask rows by, empty where not.
    """

    filters: dict[str, str]
    table: str
    label: str
    x: str = ""
    series: str = ""

    @property
    def as_json(self) -> str:
        """For the page's script."""
        told = {
            "filters": self.filters,
            "table": self.table,
            "x": self.x,
            "series": self.series,
            "workbench": reverse("workbench"),
        }
        return orjson.dumps(told).decode()


def marks_of(tile: Tile, dataset: Dataset | None, viewer: Principal) -> Marks:
    """What the marks of a drawn tile offer this person. Cost: two queries."""
    filters = {
        name: "series" if part in ("series", tile.series) else "x"
        for name, part in tile.click.items()
    }
    if dataset is None:
        return Marks(filters, "", "")
    seen = {column.name for column in visible_columns_of(viewer, [dataset]).get(dataset.pk, ())}
    return Marks(
        filters,
        dataset.name,
        dataset.label,
        x=tile.x if tile.x and tile.x in seen else "",
        series=tile.series if tile.series and tile.series in seen else "",
    )
