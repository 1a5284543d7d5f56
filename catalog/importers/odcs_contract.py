"""Reads an Open Data Contract Standard file: what it promises about tables, as far as the catalog keeps it.

Source: https://github.com/bitol-io/open-data-contract-standard (apiVersion v3.0 to v3.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from catalog.errors import BrokenFile
from catalog.importers.files import Part

SECONDS = {
    "s": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
PROSE = ("purpose", "usage", "limitations")


@dataclass(frozen=True)
class Quality:
    """One quality rule; `rule` is everything the contract says about it."""

    name: str
    description: str
    severity: str
    rule: Mapping[str, Any]


@dataclass(frozen=True)
class ContractColumn:
    """A property of a table in the contract."""

    name: str
    type: str
    description: str
    tags: tuple[str, ...]
    is_required: bool
    is_unique: bool
    quality: tuple[Quality, ...]


@dataclass(frozen=True)
class ContractTable:
    """A schema object of the contract; `table` is its physical name, which may carry a schema."""

    name: str
    table: str
    title: str
    description: str
    tags: tuple[str, ...]
    columns: tuple[ContractColumn, ...]
    quality: tuple[Quality, ...]
    fresh_column: str
    fresh_within: int | None


@dataclass(frozen=True)
class Contract:
    """A data contract. `servers` are pairs of engine type and schema; `team` is as written."""

    id: str
    servers: tuple[tuple[str, str], ...]
    tables: tuple[ContractTable, ...]
    team: Any


def read_contract(path: Path) -> Contract:
    """An ODCS v3 contract. Errors: `BrokenFile` naming the line or the field."""
    root = Part(str(path), "", _loaded(path))
    if root.at("kind").value != "DataContract":
        raise root.at("kind").refuse("DataContract")
    if not root.at("apiVersion").required().startswith("v3."):
        raise root.at("apiVersion").refuse("a version of ODCS 3, such as v3.1.0")
    team = root.at("team").value
    return Contract(
        id=root.at("id").required(),
        servers=tuple(
            (one.at("type").text().lower(), one.at("schema").text())
            for one in root.at("servers").items()
        ),
        tables=tuple(_table(one, root) for one in root.at("schema").items()),
        team=team.get("members") if isinstance(team, Mapping) else team,
    )


def _loaded(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise BrokenFile(path, "", "this file to exist") from error
    except UnicodeDecodeError as error:
        raise BrokenFile(path, "", "YAML in UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        raise BrokenFile(
            path, where, f"YAML ({getattr(error, 'problem', 'unreadable')})"
        ) from error


def _table(part: Part, root: Part) -> ContractTable:
    name = part.at("name").required()
    column, within = _freshness(root, name)
    return ContractTable(
        name=name,
        table=part.at("physicalName").text(name),
        title=part.at("businessName").text(),
        description=part.at("description").text() or _prose(root.at("description")),
        tags=part.at("tags").words(),
        columns=tuple(_column(one) for one in part.at("properties").items()),
        quality=tuple(_qualities(part)),
        fresh_column=column,
        fresh_within=within,
    )


def _prose(part: Part) -> str:
    if isinstance(part.value, str):
        return part.value
    return "\n\n".join(words for key in PROSE if (words := part.at(key).text()))


def _column(part: Part) -> ContractColumn:
    is_key = part.at("primaryKey").value is True
    return ContractColumn(
        name=part.at("physicalName").text() or part.at("name").required(),
        type=part.at("physicalType").text() or part.at("logicalType").text(),
        description=part.at("description").text() or part.at("businessName").text(),
        tags=(*part.at("tags").words(), *part.at("classification").words()),
        is_required=is_key or part.at("required").value is True,
        is_unique=is_key or part.at("unique").value is True,
        quality=tuple(_qualities(part)),
    )


def _qualities(part: Part) -> Iterator[Quality]:
    for one in part.at("quality").items():
        rule = one.mapping()
        named = next(
            (str(rule[key]) for key in ("name", "metric", "rule", "type") if rule.get(key)), "rule"
        )
        yield Quality(
            name=named,
            description=one.at("description").text(),
            severity=one.at("severity").text("error"),
            rule={key: value for key, value in rule.items() if key != "description"},
        )


def _freshness(root: Part, table: str) -> tuple[str, int | None]:
    """The freshness a contract promises for a table: `element` may name the table, a column of it, or neither."""
    for part in root.at("slaProperties").items():
        if part.at("property").text().lower() not in ("freshness", "latency", "ly", "frequency"):
            continue
        named, _, column = part.at("element").text().rpartition(".")
        seconds = SECONDS.get(part.at("unit").text().lower())
        count = part.at("value").value
        if named in ("", table) and seconds and isinstance(count, int | float) and count > 0:
            return column, int(count * seconds)
    return "", None
