"""Reads what dbt leaves in `target/`, tolerantly: what the catalog needs, by name, and nothing else.

Unknown keys and newer minor formats are fine; a value of the wrong shape is refused with its place. The manifest has
no column types and only documented columns, so the catalog file is joined in.
Source: https://docs.getdbt.com/reference/artifacts/manifest-json (manifest v12, catalog v1, run-results v6, sources v3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.errors import BrokenFile
from catalog.importers.files import Part, read_json

# What dbt builds or reads as one relation of the warehouse.
RELATIONS = frozenset({"model", "seed", "snapshot", "source"})


@dataclass(frozen=True)
class DbtColumn:
    """A documented column; `type` only where the project declares one."""

    name: str
    description: str
    tags: tuple[str, ...]
    type: str


@dataclass(frozen=True)
class DbtNode:
    """A model, seed, snapshot or source. `is_relation` is False for what exists only inside other queries."""

    unique_id: str
    resource_type: str
    package: str
    database: str
    schema: str
    table: str
    relation_name: str
    materialized: str
    title: str
    description: str
    tags: tuple[str, ...]
    owner: Any
    group: str
    deprecated_at: datetime | None
    columns: tuple[DbtColumn, ...]
    parents: tuple[str, ...]
    sql: str
    language: str
    fresh_column: str
    fresh_within: int | None

    @property
    def is_relation(self) -> bool:
        """Whether the warehouse has a table or view for it."""
        return self.materialized != "ephemeral" and bool(self.schema and self.table)


@dataclass(frozen=True)
class DbtTest:
    """A data test: generic (`kind` is its macro's name) or singular (`kind` is `sql`)."""

    unique_id: str
    name: str
    kind: str
    column: str
    description: str
    severity: str
    arguments: Mapping[str, Any]
    attached: str
    parents: tuple[str, ...]
    sql: str


@dataclass(frozen=True)
class DbtExposure:
    """Something made from models: a dashboard, a notebook, an application."""

    unique_id: str
    name: str
    title: str
    kind: str
    url: str
    description: str
    owner_name: str
    owner_email: str
    tags: tuple[str, ...]
    parents: tuple[str, ...]


@dataclass(frozen=True)
class DbtResult:
    """The outcome of running one node."""

    status: str
    run_at: datetime
    failures: int | None
    message: str


@dataclass(frozen=True)
class BuiltColumn:
    """A column as the catalog file found it in the warehouse."""

    name: str
    type: str
    comment: str


@dataclass
class DbtProject:
    """Everything the catalog takes from one `target/` folder. Keys are dbt unique ids."""

    name: str
    adapter: str
    nodes: dict[str, DbtNode] = field(default_factory=dict)
    tests: tuple[DbtTest, ...] = ()
    exposures: tuple[DbtExposure, ...] = ()
    owners: dict[str, Any] = field(default_factory=dict)
    built: dict[str, tuple[BuiltColumn, ...]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    results: dict[str, DbtResult] = field(default_factory=dict)
    loaded_at: dict[str, datetime] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    def parents_of(self, unique_id: str) -> set[str]:
        """The relations a node is made from; ephemeral models are looked through."""
        found: set[str] = set()
        waiting = [*self.nodes[unique_id].parents]
        seen = {unique_id}
        while waiting:
            parent = waiting.pop()
            node = self.nodes.get(parent)
            if node is None or parent in seen:
                continue
            seen.add(parent)
            if node.is_relation:
                found.add(parent)
            else:
                waiting.extend(node.parents)
        return found


def read_project(directory: Path) -> DbtProject:
    """Reads `manifest.json`, and `catalog.json`, `run_results.json` and `sources.json` where they exist.

    Errors: `BrokenFile` when the manifest is missing, or any file is not what its name says.
    """
    if not directory.is_dir():
        raise BrokenFile(directory, "", "the folder dbt writes to, usually target/")
    manifest = _artifact(directory / "manifest.json", "manifest")
    project = DbtProject(
        name=manifest.at("metadata").at("project_name").text(),
        adapter=manifest.at("metadata").at("adapter_type").text(),
        nodes=_nodes(manifest),
        tests=tuple(_tests(manifest)),
        exposures=tuple(_exposures(manifest)),
        owners={
            part.at("name").text(): part.at("owner").value
            for _, part in manifest.at("groups").entries()
        },
    )
    readers = {
        "catalog.json": _read_catalog,
        "run_results.json": _read_results,
        "sources.json": _read_freshness,
    }
    present = [name for name in readers if (directory / name).exists()]
    for name in present:
        kind = name.removesuffix(".json").replace("_", "-")
        readers[name](project, _artifact(directory / name, kind))
    project.absent = tuple(name for name in readers if name not in present)
    return project


def _artifact(path: Path, kind: str) -> Part:
    root = read_json(path)
    schema = root.at("metadata").at("dbt_schema_version")
    if f"/{kind}/" not in schema.text():
        raise schema.refuse(f"a dbt {kind} file (https://schemas.getdbt.com/dbt/{kind}/...)")
    return root


def _nodes(manifest: Part) -> dict[str, DbtNode]:
    parts = [*manifest.at("nodes").entries(), *manifest.at("sources").entries()]
    return {
        unique_id: _node(unique_id, part)
        for unique_id, part in parts
        if part.at("resource_type").text() in RELATIONS
    }


def _node(unique_id: str, part: Part) -> DbtNode:
    config = part.at("config")
    meta = {**config.at("meta").mapping(), **part.at("meta").mapping()}
    kind = part.at("resource_type").text()
    title = meta.get("title")
    return DbtNode(
        unique_id=unique_id,
        resource_type=kind,
        package=part.at("package_name").text(),
        database=part.at("database").text(),
        schema=part.at("schema").text(),
        table=_first(part, "identifier", "alias", "name"),
        relation_name=part.at("relation_name").text(),
        materialized=config.at("materialized").text(kind),
        title=title if isinstance(title, str) else "",
        description=part.at("description").text(),
        tags=part.at("tags").words(),
        owner=meta.get("owner"),
        group=_first(part, "group") or config.at("group").text(),
        deprecated_at=part.at("deprecation_date").time(),
        columns=tuple(_column(one) for _, one in part.at("columns").entries()),
        parents=part.at("depends_on").at("nodes").words(),
        sql=_first(part, "compiled_code", "compiled_sql"),
        language=part.at("language").text("sql"),
        fresh_column=part.at("loaded_at_field").text(),
        fresh_within=_promise(part.at("freshness")),
    )


def _first(part: Part, *keys: str) -> str:
    return next((words for key in keys if (words := part.at(key).text())), "")


def _column(part: Part) -> DbtColumn:
    return DbtColumn(
        name=part.at("name").required(),
        description=part.at("description").text(),
        tags=tuple(sorted({*part.at("tags").words(), *part.at("config").at("tags").words()})),
        type=part.at("data_type").text(),
    )


PERIODS = {"minute": 60, "hour": 3600, "day": 86400}


def _promise(freshness: Part) -> int | None:
    """The strictest promise of a source in seconds: when dbt would warn, else when it would fail."""
    for key in ("warn_after", "error_after"):
        count = freshness.at(key).at("count").whole()
        period = PERIODS.get(freshness.at(key).at("period").text())
        if count and period:
            return count * period
    return None


def _tests(manifest: Part) -> Iterator[DbtTest]:
    for unique_id, part in manifest.at("nodes").entries():
        if part.at("resource_type").text() != "test":
            continue
        generic = part.at("test_metadata")
        yield DbtTest(
            unique_id=unique_id,
            name=part.at("name").text(unique_id),
            kind=generic.at("name").text("sql"),
            column=part.at("column_name").text(),
            description=part.at("description").text(),
            severity=part.at("config").at("severity").text("error").lower(),
            arguments=generic.at("kwargs").mapping(),
            attached=part.at("attached_node").text(),
            parents=part.at("depends_on").at("nodes").words(),
            sql=_first(part, "compiled_code", "compiled_sql"),
        )


def _exposures(manifest: Part) -> Iterator[DbtExposure]:
    for unique_id, part in manifest.at("exposures").entries():
        owner = part.at("owner")
        email = owner.at("email").words()
        yield DbtExposure(
            unique_id=unique_id,
            name=part.at("name").text(unique_id),
            title=part.at("label").text(),
            kind=part.at("type").text(),
            url=part.at("url").text(),
            description=part.at("description").text(),
            owner_name=owner.at("name").text(),
            owner_email=email[0] if email else "",
            tags=part.at("tags").words(),
            parents=part.at("depends_on").at("nodes").words(),
        )


def _read_catalog(project: DbtProject, catalog: Part) -> None:
    for section in ("nodes", "sources"):
        for unique_id, part in catalog.at(section).entries():
            columns = [
                (one.at("index").whole() or 0, one) for _, one in part.at("columns").entries()
            ]
            project.kinds[unique_id] = part.at("metadata").at("type").text().lower()
            project.built[unique_id] = tuple(
                BuiltColumn(
                    one.at("name").required(), one.at("type").text(), one.at("comment").text()
                )
                for _, one in sorted(columns, key=lambda column: column[0])
            )


def _read_results(project: DbtProject, results: Part) -> None:
    generated_at = results.at("metadata").at("generated_at").time()
    for part in results.at("results").items():
        run_at = _finished_at(part) or generated_at
        if run_at is None:
            raise results.at("metadata").at("generated_at").refuse("an ISO time")
        project.results[part.at("unique_id").required()] = DbtResult(
            status=part.at("status").required(),
            run_at=run_at,
            failures=part.at("failures").whole(),
            message=part.at("message").text(),
        )


def _finished_at(result: Part) -> datetime | None:
    for timing in result.at("timing").items():
        if timing.at("name").text() == "execute":
            return timing.at("completed_at").time()
    return None


def _read_freshness(project: DbtProject, sources: Part) -> None:
    for part in sources.at("results").items():
        loaded_at = part.at("max_loaded_at").time()
        if loaded_at is not None:
            project.loaded_at[part.at("unique_id").required()] = loaded_at
