"""Reads OpenLineage events: run, job and dataset events, as far as the catalog uses them, and nothing else.

Source: https://openlineage.io/spec/2-0-2/OpenLineage.json and the facets SchemaDatasetFacet, ColumnLineageDatasetFacet,
DocumentationDatasetFacet, OwnershipDatasetFacet, DataQualityAssertionsDatasetFacet and SQLJobFacet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from catalog.errors import BrokenFile
from catalog.importers.column_lineage import Transformation
from catalog.importers.files import Part

RUN_STATES = frozenset({"START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER"})
Name = tuple[str, str]
# How a facet calls what we call a transformation; both generations of the facet are spoken.
TRANSFORMATIONS: dict[str, Transformation] = {
    "IDENTITY": "identity",
    "AGGREGATION": "aggregation",
}


@dataclass(frozen=True)
class EventField:
    """A column as an event describes it."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Assertion:
    """One claim about a dataset that a run checked."""

    assertion: str
    name: str
    column: str
    is_success: bool
    severity: str
    failures: int | None
    params: Mapping[str, Any]


@dataclass(frozen=True)
class EventInput:
    """A column some other column is computed from, by OpenLineage name."""

    name: Name
    column: str
    transformation: Transformation


@dataclass(frozen=True)
class EventDataset:
    """A dataset as an event describes it; absent facets are empty."""

    name: Name
    description: str = ""
    fields: tuple[EventField, ...] = ()
    owners: tuple[tuple[str, str], ...] = ()
    assertions: tuple[Assertion, ...] = ()
    column_lineage: Mapping[str, tuple[EventInput, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """One event. `state` is the run's state, or JOB or DATASET for events without a run."""

    state: str
    at: datetime
    run_id: str
    job: Name
    producer: str
    inputs: tuple[EventDataset, ...]
    outputs: tuple[EventDataset, ...]
    sql: str
    payload: Mapping[str, Any]
    digest: str

    @property
    def datasets(self) -> tuple[EventDataset, ...]:
        """Every dataset the event names."""
        return self.inputs + self.outputs


def read_events(
    lines: Iterable[str | bytes | Mapping[str, Any]], path: str = "events"
) -> Iterator[Event]:
    """Events from lines of JSON, or from objects already read; empty lines are skipped.

    A recorded HTTP request (`{"path": ..., "body": event}`) stands for the event in its body.
    Errors: `BrokenFile` naming the line (or the event's number) and the field.
    """
    for number, line in enumerate(lines, start=1):
        if isinstance(line, Mapping):
            yield read_event(Part(path, f"event {number}", _unwrapped(line)))
        elif line.strip():
            yield read_event(Part(path, f"line {number}", _unwrapped(_loaded(line, path, number))))


def _loaded(line: str | bytes, path: str, number: int) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        where = f"line {number} column {error.colno}"
        raise BrokenFile(path, where, f"one JSON object per line ({error.msg})") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise BrokenFile(path, f"line {number}", "JSON in UTF-8") from error


def _unwrapped(value: Any) -> Any:
    is_recording = isinstance(value, Mapping) and "body" in value and "eventTime" not in value
    return value["body"] if is_recording else value


def read_event(part: Part) -> Event:
    """One event. Errors: `BrokenFile` naming the field."""
    if not isinstance(part.value, Mapping):
        raise part.refuse("an event, which is an object")
    at = part.at("eventTime").time()
    if at is None:
        raise part.at("eventTime").refuse("an ISO time")
    state = _state(part)
    # A dataset event describes a dataset without a job: it stands alone on the output side.
    described = [part.at("dataset")] if state == "DATASET" else part.at("outputs").items()
    payload = _storable(part.value)
    return Event(
        state=state,
        at=at,
        run_id=_short(part.at("run").at("runId"), 100) if part.at("run").value else "",
        job=("", "") if state == "DATASET" else _name(part.at("job")),
        producer=part.at("producer").text()[:500],
        inputs=tuple(_dataset(one) for one in part.at("inputs").items()),
        outputs=tuple(_dataset(one) for one in described),
        sql=part.at("job").at("facets").at("sql").at("query").text(),
        payload=payload,
        digest=sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest(),
    )


def stored_event(payload: Mapping[str, Any]) -> Event:
    """An event that was read and stored before."""
    return read_event(Part("stored event", "", payload))


def _state(part: Part) -> str:
    if part.at("run").value is not None:
        # The spec lets a run event leave its type out; it then only adds to what is known of the run.
        state = part.at("eventType").text("OTHER").upper()
        if state not in RUN_STATES:
            raise part.at("eventType").refuse(f"one of {', '.join(sorted(RUN_STATES))}")
        return state
    if part.at("job").value is not None:
        return "JOB"
    if part.at("dataset").value is not None:
        return "DATASET"
    raise part.refuse("a run, a job or a dataset")


def _short(part: Part, longest: int) -> str:
    words = part.required()
    if len(words) > longest:
        raise part.refuse(f"text of at most {longest} characters")
    return words.replace("\x00", "")


def _name(part: Part) -> Name:
    return _short(part.at("namespace"), 500), _short(part.at("name"), 500)


def _dataset(part: Part) -> EventDataset:
    facets = part.at("facets")
    return EventDataset(
        name=_name(part),
        description=facets.at("documentation").at("description").text(),
        fields=tuple(_field(one) for one in facets.at("schema").at("fields").items()),
        owners=tuple(
            (one.at("name").required(), one.at("type").text("owner"))
            for one in facets.at("ownership").at("owners").items()
        ),
        assertions=tuple(_assertions(part)),
        column_lineage={
            name: tuple(_inputs(one.at("inputFields")))
            for name, one in facets.at("columnLineage").at("fields").entries()
        },
    )


def _field(part: Part) -> EventField:
    return EventField(
        _short(part.at("name"), 255), part.at("type").text(), part.at("description").text()
    )


def _inputs(fields: Part) -> Iterator[EventInput]:
    for part in fields.items():
        transformation = _transformation(part)
        if transformation is not None:
            yield EventInput(_name(part), part.at("field").required(), transformation)


def _transformation(part: Part) -> Transformation | None:
    """How the strongest direct use transforms the column; None where it only decides which rows there are."""
    uses = list(part.at("transformations").items())
    if not uses:
        return "expression"
    direct = [one for one in uses if one.at("type").text("DIRECT").upper() == "DIRECT"]
    kinds = {TRANSFORMATIONS.get(one.at("subtype").text().upper(), "expression") for one in direct}
    for kind in ("aggregation", "expression", "identity"):
        if kind in kinds:
            return kind
    return None


def _assertions(dataset: Part) -> Iterator[Assertion]:
    """Assertions stand in `inputFacets` by the spec; some producers repeat or only put them in `facets`."""
    for facets in ("inputFacets", "facets"):
        found = list(dataset.at(facets).at("dataQualityAssertions").at("assertions").items())
        for part in found:
            yield _assertion(part)
        if found:
            return


def _assertion(part: Part) -> Assertion:
    success = part.at("success")
    if not isinstance(success.value, bool):
        raise success.refuse("true or false")
    actual = str(part.at("actual").value or "")
    return Assertion(
        assertion=part.at("assertion").required(),
        name=part.at("name").text(),
        column=part.at("column").text(),
        is_success=success.value,
        severity=part.at("severity").text("error").lower(),
        failures=int(actual) if actual.isdecimal() and len(actual) < 18 else None,
        params=_storable(part.at("params").mapping()),
    )


def _storable(value: Any) -> Any:
    """The same JSON without NUL characters, which PostgreSQL cannot keep."""
    if "\\u0000" not in json.dumps(value, default=str):
        return value
    if isinstance(value, Mapping):
        return {_storable(key): _storable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return value.replace("\x00", "") if isinstance(value, str) else value
