"""The shape of a dashboard: what its YAML may say, checked once, when it is applied. See `docs/reference/dashboards.md`."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from access.spans import parse_span

Trail = tuple[str | int, ...]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=63)]
Format = Literal["currency", "integer", "decimal", "percent", "days", "text", "date"]
RESERVED = {"principal", "teams"}
PLACEHOLDER = re.compile(r"(?<![:\w]):([a-z][a-z0-9_]*)")


class BrokenDefinition(ValueError):
    """The definition is not usable; `mistakes` are `(where in the entry, what was expected)`."""

    def __init__(self, mistakes: list[tuple[Trail, str]]) -> None:
        self.mistakes = mistakes
        super().__init__(
            "; ".join(f"{'.'.join(map(str, where))}: {said}" for where, said in mistakes)
        )


class Part(BaseModel):
    """A mapping whose every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _option(value: object) -> object:
    return {"value": value, "label": value} if isinstance(value, str) else value


class Option(Part):
    """One choice of a select filter."""

    value: str
    label: str


class DateSpan(Part):
    """Two days, both inclusive."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")


def _period(value: object) -> object:
    return parse_span(value) if isinstance(value, str) else value


Period = Annotated[DateSpan | timedelta, BeforeValidator(_period)]


class DateRangeFilter(Part):
    """A period; gives `:NAME_from` and `:NAME_to`, both inclusive, and `:NAME_before`, the first day of as many before."""

    kind: Literal["daterange"]
    name: Name
    label: str
    default: Period = timedelta(days=90)
    choices: tuple[str, ...] = ()

    @field_validator("choices")
    @classmethod
    def _spans(cls, choices: tuple[str, ...]) -> tuple[str, ...]:
        for choice in choices:
            parse_span(choice)
        return choices

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names that SQL may use."""
        return f"{self.name}_from", f"{self.name}_to", f"{self.name}_before"


class SelectFilter(Part):
    """One value out of a list, given or queried as the viewer; gives the placeholder `:NAME`."""

    kind: Literal["select"]
    name: Name
    label: str
    all: str | None = None
    default: str | None = None
    options: tuple[Annotated[Option, BeforeValidator(_option)], ...] = ()
    sql: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.options) == bool(self.sql):
            raise ValueError("expected either `options` or `sql`")
        if self.all is None and self.default is None:
            raise ValueError("expected `default`, or `all` as the words for no choice")
        return self

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names that SQL may use."""
        return (self.name,)


Filter = Annotated[DateRangeFilter | SelectFilter, Field(discriminator="kind")]


class TableColumn(Part):
    """How one column of a table tile is shown."""

    name: str
    label: str | None = None
    format: Format | None = None
    bar: bool = False


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Tile(Part):
    """One governed query and how it is shown."""

    name: Name
    title: str
    kind: Literal["kpi", "line", "area", "bar", "stacked", "table"]
    dataset: str
    sql: str
    x: str | None = None
    y: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    series: str | None = None
    format: Format = "integer"
    good: Literal["up", "down"] = "up"
    trend: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    click: dict[str, str] = Field(default_factory=dict)
    columns: tuple[TableColumn, ...] = ()
    horizontal: bool = False
    limit: Annotated[int, Field(ge=1, le=10_000)] | None = None
    note: str = ""
    width: Annotated[int, Field(ge=1, le=12)] = 6
    height: Literal["short", "regular", "tall"] = "regular"

    @model_validator(mode="after")
    def _axes(self) -> Self:
        if self.kind in ("line", "area", "bar", "stacked") and not (self.x and self.y):
            raise ValueError(f"a {self.kind} tile needs `x` and `y`")
        if self.series and len(self.y) > 1:
            raise ValueError("`series` splits one `y`; several `y` are several series already")
        return self


class Definition(Part):
    """A whole dashboard."""

    name: Name
    title: str
    description: str = ""
    domain: str | None = None
    owner: str | None = None
    warehouse: str
    schema_name: str | None = Field(None, alias="schema")
    filters: tuple[Filter, ...] = ()
    tiles: Annotated[tuple[Tile, ...], Field(min_length=1)]

    @property
    def placeholders(self) -> frozenset[str]:
        """Every name that the SQL of this dashboard may use."""
        return frozenset(name for each in self.filters for name in each.placeholders)

    def tile(self, name: str) -> Tile | None:
        """The tile of that name."""
        return next((tile for tile in self.tiles if tile.name == name), None)


def parse_definition(said: Mapping[str, Any]) -> Definition:
    """The definition that an entry writes. Errors: `BrokenDefinition` with every mistake and where it stands."""
    try:
        definition = Definition.model_validate(said)
    except ValidationError as error:
        raise BrokenDefinition(
            [(_trail(each["loc"]), _words(each["type"], each["msg"])) for each in error.errors()]
        ) from error
    mistakes = [*_unknown_placeholders(definition), *_repeated(definition)]
    if mistakes:
        raise BrokenDefinition(mistakes)
    return definition


def _trail(loc: tuple[str | int, ...]) -> Trail:
    return tuple(step for step in loc if step not in ("daterange", "select", "DateSpan"))


def _words(kind: str, message: str) -> str:
    known = {"missing": "this is required", "extra_forbidden": "there is no such key here"}
    return known.get(kind) or message.removeprefix("Value error, ")


def _unknown_placeholders(definition: Definition) -> Iterator[tuple[Trail, str]]:
    for index, tile in enumerate(definition.tiles):
        for field in ("sql", "trend"):
            for name in PLACEHOLDER.findall(getattr(tile, field) or ""):
                if name not in definition.placeholders:
                    yield ("tiles", index, field), f"no filter gives the placeholder :{name}"


def _repeated(definition: Definition) -> Iterator[tuple[Trail, str]]:
    for field in ("tiles", "filters"):
        seen: set[str] = set()
        for index, each in enumerate(getattr(definition, field)):
            if each.name in seen:
                yield (field, index, "name"), f"{each.name} is used twice"
            if field == "filters" and each.name in RESERVED:
                yield (field, index, "name"), f"{each.name} is a word of the policies"
            seen.add(each.name)
