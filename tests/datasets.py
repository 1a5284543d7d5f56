"""Makes the least valid catalog rows; a test says only what matters to it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from catalog.models import (
    Column,
    ColumnEdge,
    Contact,
    Dataset,
    Domain,
    Exposure,
    ExposureInput,
    LineageEdge,
    Warehouse,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def make_warehouse(name: str = "wh") -> Warehouse:
    """A DuckDB warehouse that nothing ever opens."""
    url = f"duckdb:////nowhere/{name}.duckdb"
    return Warehouse.objects.get_or_create(name=name, defaults={"url": url, "engine": "duckdb"})[0]


def make_domain(name: str = "commerce", title: str = "") -> Domain:
    """A domain."""
    return Domain.objects.get_or_create(name=name, defaults={"title": title})[0]


def make_dataset(
    name: str = "sales.orders",
    *,
    columns: Iterable[str] | Mapping[str, str] = (),
    contacts: Iterable[str] = (),
    **fields: Any,
) -> Dataset:
    """A dataset called `schema.table`, or `warehouse.schema.table`, with columns (or columns and what they mean)."""
    *warehouse, schema, table = name.split(".")
    home = make_warehouse(*warehouse)
    dataset = Dataset.objects.create(
        warehouse=home,
        schema_name=schema,
        table_name=table,
        identity=f"{schema}.{table}".lower(),
        name=f"{home.name}.{schema}.{table}",
        **fields,
    )
    meanings = columns if isinstance(columns, Mapping) else dict.fromkeys(columns, "")
    Column.objects.bulk_create(
        Column(dataset=dataset, name=column, position=position, description=meaning)
        for position, (column, meaning) in enumerate(meanings.items(), start=1)
    )
    Contact.objects.bulk_create(
        Contact(dataset=dataset, source="dbt", name=contact) for contact in contacts
    )
    return dataset


def make_edge(upstream: Dataset, downstream: Dataset, source: str = "dbt") -> LineageEdge:
    """`downstream` is made from `upstream`."""
    return LineageEdge.objects.create(
        upstream=upstream, downstream=downstream, source=source, seen_at=NOW
    )


def make_chain(*datasets: Dataset) -> None:
    """Each is made from the one before."""
    for upstream, downstream in pairwise(datasets):
        make_edge(upstream, downstream)


def make_column_edge(
    upstream: tuple[Dataset, str], downstream: tuple[Dataset, str], transformation: str = "identity"
) -> ColumnEdge:
    """The second column takes its values from the first."""
    ends = [dataset.columns.get(name=name) for dataset, name in (upstream, downstream)]
    return ColumnEdge.objects.create(
        upstream=ends[0], downstream=ends[1], source="dbt", transformation=transformation
    )


def make_exposure(name: str, *datasets: Dataset, **fields: Any) -> Exposure:
    """A dashboard that reads these datasets."""
    exposure = Exposure.objects.create(
        source="dbt", key=name, name=name, kind="dashboard", **fields
    )
    ExposureInput.objects.bulk_create(
        ExposureInput(exposure=exposure, dataset=dataset) for dataset in datasets
    )
    return exposure
