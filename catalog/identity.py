"""One physical table is one dataset, whoever reports it.

A table is identified by its warehouse and its `schema.table`, folded the way the engine compares names. Every other
spelling (a dbt unique id, a relation name, an OpenLineage namespace and name, a contract id) is an alias of that
dataset. A name that leads to no table of a known warehouse never becomes a dataset: it waits in quarantine.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.db.models import QuerySet

from catalog.errors import AliasTaken
from catalog.models import (
    Alias,
    AliasKind,
    Dataset,
    DatasetKind,
    EngineKind,
    QuarantinedName,
    Source,
    Warehouse,
)

# DuckDB compares names letter by letter over A-Z only: "Ä" and "ä" are two tables there.
ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
QUOTES = {'"': '"', "`": "`", "[": "]"}

# The scheme of an OpenLineage namespace, by the engine it means.
# https://openlineage.io/docs/spec/naming
NAMESPACE_SCHEMES = {
    "duckdb": EngineKind.DUCKDB,
    "postgres": EngineKind.POSTGRESQL,
    "postgresql": EngineKind.POSTGRESQL,
    "hive": EngineKind.SPARK,
    "sc": EngineKind.SPARK,
    "trino": EngineKind.TRINO,
}


def fold(engine: str, name: str) -> str:
    """A stored name as the engine compares it: PostgreSQL exactly, the others without the case of A-Z."""
    return name if engine == EngineKind.POSTGRESQL else name.translate(ASCII_LOWER)


def fold_reference(engine: str, name: str, *, quoted: bool) -> str:
    """A name written in SQL as the engine looks it up; PostgreSQL lowers it unless it was quoted."""
    return name if engine == EngineKind.POSTGRESQL and quoted else name.translate(ASCII_LOWER)


def dotted(*parts: str) -> str:
    """The parts joined by dots; a part that holds a dot or a quote is quoted, so that no two tables share a name."""
    return ".".join(
        '"{}"'.format(part.replace('"', '""')) if "." in part or '"' in part or not part else part
        for part in parts
    )


def identity_of(engine: str, schema: str, table: str) -> str:
    """What identifies a table inside its warehouse."""
    return dotted(fold(engine, schema), fold(engine, table))


def parts_of(name: str) -> tuple[tuple[str, bool], ...]:
    """The parts of a dotted name, each with whether it was quoted: `a."b.c"` is a, and b.c quoted.

    Reads double quotes, backticks and brackets; an unclosed quote is taken as a plain letter.
    """
    parts: list[tuple[str, bool]] = []
    rest = name
    while True:
        part, quoted, rest = _first_part(rest)
        parts.append((part, quoted))
        if not rest:
            return tuple(parts)
        rest = rest[1:]


def _first_part(text: str) -> tuple[str, bool, str]:
    closing = QUOTES.get(text[:1])
    position = 1
    while closing and (end := text.find(closing, position)) > 0:
        if closing != "]" and text[end : end + 2] == closing * 2:
            position = end + 2
            continue
        if text[end + 1 : end + 2] in ("", "."):
            return text[1:end].replace(closing * 2, closing), True, text[end + 1 :]
        break
    head, dot, tail = text.partition(".")
    return head, False, dot + tail


def normalised_relation(engine: str, relation: str) -> str:
    """A relation name as SQL writes it, in the one spelling aliases use: `"Jaffle"."main"."Orders"` is jaffle.main.orders."""
    return dotted(
        *(fold_reference(engine, part, quoted=quoted) for part, quoted in parts_of(relation))
    )


def dataset_name(warehouse: Warehouse, schema: str, table: str) -> str:
    """`warehouse.schema.table`, as the engine spells it."""
    return dotted(warehouse.name, schema, table)


def find(warehouse: Warehouse, schema: str, table: str) -> Dataset | None:
    """The dataset of a table, by its stored names; None where the warehouse has none."""
    identity = identity_of(warehouse.engine, schema, table)
    return Dataset.objects.filter(warehouse=warehouse, identity=identity).first()


def by_name(name: str) -> Dataset | None:
    """The dataset called `warehouse.schema.table`; the case of it only counts where the engine says so."""
    exact = Dataset.objects.select_related("warehouse").filter(name=name).first()
    parts = [part for part, _ in parts_of(name)]
    if exact or len(parts) != 3:
        return exact
    warehouse = Warehouse.objects.filter(name=parts[0]).first()
    return find(warehouse, parts[1], parts[2]) if warehouse else None


def ensure_dataset(
    warehouse: Warehouse,
    schema: str,
    table: str,
    *,
    kind: str = DatasetKind.TABLE,
    source: Source,
    now: datetime,
) -> tuple[Dataset, bool]:
    """The dataset of a table and whether it had to be made; two reporters at once still make one.

    Only the warehouse corrects how an existing name is spelled and how the table is stored: it is the one that knows.
    """
    dataset, is_new = Dataset.objects.get_or_create(
        warehouse=warehouse,
        identity=identity_of(warehouse.engine, schema, table),
        defaults={
            "schema_name": schema,
            "table_name": table,
            "name": dataset_name(warehouse, schema, table),
            "kind": kind,
        },
    )
    if not is_new and source == Source.WAREHOUSE and respell(dataset, schema, table, kind):
        dataset.updated_at = now
        dataset.save(update_fields=["schema_name", "table_name", "name", "kind", "updated_at"])
    return dataset, is_new


def respell(dataset: Dataset, schema: str, table: str, kind: str) -> bool:
    """Takes over the warehouse's own spelling and kind, unsaved; True where that changed something."""
    told = (schema, table, dataset_name(dataset.warehouse, schema, table), kind)
    known = (dataset.schema_name, dataset.table_name, dataset.name, dataset.kind)
    dataset.schema_name, dataset.table_name, dataset.name, dataset.kind = told
    return told != known


def learn_alias(dataset: Dataset, kind: AliasKind, namespace: str, value: str) -> bool:
    """Remembers another name of a dataset; True where it was new.

    Errors: `AliasTaken` when the name already leads to another dataset.
    """
    alias, is_new = Alias.objects.get_or_create(
        kind=kind, namespace=namespace, value=value, defaults={"dataset": dataset}
    )
    if alias.dataset_id != dataset.pk:
        raise AliasTaken(
            f"{value} is already another name of {alias.dataset.name}. "
            "Remove that alias first if it was learned in error."
        )
    return is_new


def resolve_openlineage(namespace: str, name: str) -> Dataset | None:
    """The dataset an OpenLineage reporter means, learning its name for next time; None where it cannot be told.

    Tried in order: the learned alias; a relation of that full name; `schema.table` in the warehouse whose address is
    the namespace; `schema.table` in the warehouses of the namespace's engine, where exactly one has it.
    """
    learned = Alias.objects.filter(kind=AliasKind.OPENLINEAGE, namespace=namespace, value=name)
    if alias := learned.select_related("dataset__warehouse").first():
        return alias.dataset
    dataset = _by_relation(namespace, name) or _by_table(namespace, name)
    if dataset:
        learn_alias(dataset, AliasKind.OPENLINEAGE, namespace, name)
    return dataset


def _by_relation(namespace: str, name: str) -> Dataset | None:
    engine = NAMESPACE_SCHEMES.get(namespace.partition(":")[0].lower())
    warehouses = Warehouse.objects.filter(engine=engine) if engine else Warehouse.objects.all()
    found = {
        alias.dataset_id: alias.dataset
        for warehouse in warehouses
        for alias in Alias.objects.filter(
            kind=AliasKind.RELATION,
            namespace=warehouse.name,
            value=_stored(warehouse.engine, name),
        ).select_related("dataset__warehouse")
    }
    return _only(found.values(), namespace)


def _stored(engine: str, name: str) -> str:
    return dotted(*(fold(engine, part) for part, _ in parts_of(name)))


def _by_table(namespace: str, name: str) -> Dataset | None:
    parts = [part for part, _ in parts_of(name)]
    engine = NAMESPACE_SCHEMES.get(namespace.partition(":")[0].lower())
    if len(parts) < 2 or engine is None:
        return None
    identity = identity_of(engine, parts[-2], parts[-1])
    found: QuerySet[Dataset] = Dataset.objects.filter(warehouse__engine=engine, identity=identity)
    candidates = [
        one
        for one in found.select_related("warehouse")
        if engine != EngineKind.POSTGRESQL or _is_database(one.warehouse.url, parts[:-2])
    ]
    return _only(candidates, namespace)


def _is_database(url: str, leading: list[str]) -> bool:
    """Whether a PostgreSQL warehouse is the database named before the schema; `public.users` exists on every server."""
    return not leading or urlsplit(url).path.strip("/") == leading[-1]


def _only(datasets: Iterable[Dataset], namespace: str) -> Dataset | None:
    """The one candidate, or the one whose warehouse lives at the namespace; several others are left undecided."""
    candidates = list(datasets)
    at_home = [one for one in candidates if _same_address(one.warehouse.url, namespace)]
    chosen = at_home or candidates
    return chosen[0] if len(chosen) == 1 else None


def _same_address(url: str, namespace: str) -> bool:
    """Whether a warehouse URL and a namespace name one place: scheme, host and path, without user or parameters."""
    return _address(url) == _address(namespace)


def _address(url: str) -> tuple[str, str]:
    scheme, _, rest = url.partition(":")
    place = rest.lstrip("/").partition("?")[0].rpartition("@")[2].rstrip("/")
    engine = NAMESPACE_SCHEMES.get(scheme.lower())
    # OpenLineage leaves the database out of a PostgreSQL namespace: it is the first part of the name there.
    host = place.partition("/")[0].removesuffix(":5432")
    return (engine or scheme, host if engine == EngineKind.POSTGRESQL else place)


def quarantine(namespace: str, name: str, *, now: datetime, times: int = 1) -> QuarantinedName:
    """Keeps a name that leads nowhere, and how often it was reported."""
    waiting, is_new = QuarantinedName.objects.get_or_create(
        namespace=namespace,
        name=name,
        defaults={"first_seen_at": now, "last_seen_at": now, "n_seen": times},
    )
    if not is_new:
        waiting.n_seen += times
        waiting.last_seen_at = now
        waiting.save(update_fields=["n_seen", "last_seen_at"])
    return waiting


def release_quarantined() -> tuple[tuple[QuarantinedName, Dataset], ...]:
    """Lets go of every waiting name that leads to a dataset by now; each name with its dataset.

    Cost: two or three queries per waiting name.
    """
    released = tuple(
        (waiting, dataset)
        for waiting in QuarantinedName.objects.order_by("pk")
        if (dataset := resolve_openlineage(waiting.namespace, waiting.name))
    )
    QuarantinedName.objects.filter(pk__in=[waiting.pk for waiting, _ in released]).delete()
    return released
