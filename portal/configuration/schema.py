"""The shape of a configuration file: every key there is, what it may hold, and what is said when it holds else.

Names here are promised to outside clients; see `docs/reference/configuration.md`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from access.policies.masks import Mask, WrongMask, from_words
from access.spans import parse_span
from catalog.engines.base import REFERENCE
from portal.configuration.document import Document
from portal.configuration.errors import BrokenConfiguration, Mistake


def _span(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("expected a span such as 90s, 12h or 30d")
    return parse_span(value)


def _moment_or_span(value: object) -> datetime | timedelta:
    if not isinstance(value, str):
        raise ValueError("expected a span such as 30d or an ISO time such as 2027-01-31T18:00:00Z")
    try:
        return parse_span(value)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(
            "expected a span such as 30d or an ISO time such as 2027-01-31T18:00:00Z"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Span = Annotated[timedelta, BeforeValidator(_span)]
Expiry = Annotated[datetime | timedelta, BeforeValidator(_moment_or_span)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=63)]
Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@+-]*$", max_length=150)]
DatasetName = Annotated[str, Field(pattern=r"^[^.\s]+\.\S(.*\S)?\.\S(.*\S)?$", max_length=600)]
Holder = Annotated[str, Field(pattern=r"^(user|team|service):.+$")]


class Strict(BaseModel):
    """A mapping whose every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _mask(value: object) -> Mask:
    if isinstance(value, Mask):
        return value
    try:
        return from_words(value)
    except WrongMask as wrong:
        # The field within the mask travels in the error, and `_mistakes` adds it to the place.
        raise PydanticCustomError(
            "mask", "{text}", {"text": str(wrong), "within": wrong.field}
        ) from None


MaskKey = Annotated[InstanceOf[Mask], BeforeValidator(_mask)]


class NativeEntry(Strict):
    """How native access works; what is not said is as at the first time."""

    take_back: bool = False
    host: Annotated[str, Field(max_length=255)] = ""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None

    def how(self) -> dict[str, Any]:
        """As the access room takes it."""
        return {"takes_back": self.take_back, "host": self.host, "port": self.port}


class WarehouseEntry(Strict):
    """One warehouse. `${NAME}` in a URL stays as written and is resolved on connection."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=63)]
    url: Annotated[str, Field(min_length=1, max_length=500)]
    manage: Annotated[str, Field(max_length=500)] = ""
    native: bool | NativeEntry | None = None

    @model_validator(mode="after")
    def _managed_is_postgresql(self) -> Self:
        schemes = ("postgresql://", "postgres://")
        if self.manage and not (self.manage.startswith(schemes) and self.url.startswith(schemes)):
            raise ValueError(
                "`manage` is the postgresql:// URL of an administrator of the same database"
            )
        return self


class UserEntry(Strict):
    """A person, or a service account with the person who answers for it."""

    username: Username
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    name: str | None = None
    teams: tuple[str, ...] | None = None
    service: bool = False
    owner: str | None = None
    administrator: bool | None = None

    @model_validator(mode="after")
    def _service_has_owner(self) -> Self:
        if self.service and not self.owner:
            raise ValueError("a service account needs `owner`, the person who answers for it")
        if self.owner and not self.service:
            raise ValueError("only a service account has an `owner`; add `service: true`")
        if self.service and self.administrator:
            raise ValueError("a service account cannot be an administrator")
        return self


class TeamEntry(Strict):
    """A team; with `members` they are all of its members."""

    name: Annotated[str, Field(min_length=1, max_length=150)]
    members: tuple[str, ...] | None = None


class ColumnEntry(Strict):
    """What is said of one column."""

    name: Annotated[str, Field(min_length=1)]
    description: str | None = None
    tags: tuple[str, ...] | None = None
    mask: MaskKey | None = None


class AutoApproval(Strict):
    """A rule that approves at once for the members of a team."""

    team: str
    columns: tuple[str, ...] | None = None
    unmasked: tuple[str, ...] = ()
    except_tags: tuple[str, ...] = ()
    longest: Span | None = None


class StageEntry(Strict):
    """One step of deciding: how many of whom. `by` names roles, people or teams."""

    by: Annotated[tuple[str, ...], Field(min_length=1)] = ("stewards",)
    approvals: Annotated[int, Field(ge=1, le=10)] = 1


class ApprovalRules(Strict):
    """How requests are decided; what is left out is left to the next place that may say it."""

    approvals: Annotated[int, Field(ge=1, le=10)] | None = None
    stages: Annotated[tuple[StageEntry, ...], Field(min_length=1, max_length=5)] | None = None
    longest: Span | None = None
    auto_approve: tuple[AutoApproval, ...] | None = None
    responders: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        if self.approvals and self.stages:
            raise ValueError("expected either `approvals` or `stages`, not both")
        return self


class AccessRules(ApprovalRules):
    """How requests for the dataset are decided, how long unused access lasts, and the terms of use."""

    unused_after: Span | None = None
    terms: str | None = None


class DomainEntry(Strict):
    """A domain, who answers for all its datasets, and how requests for them are decided where they say nothing."""

    name: Slug
    title: str | None = None
    description: str | None = None
    stewards: tuple[str, ...] | None = None
    access: ApprovalRules | None = None


class SensitivityEntry(Strict):
    """How requests are decided where neither the dataset nor its domain says it."""

    name: Literal["public", "internal", "confidential", "restricted"]
    access: ApprovalRules


class FreshnessEntry(Strict):
    """Its data is fresh while the latest value of `column` is younger than `within`."""

    column: str
    within: Span


class DeprecationEntry(Strict):
    """Why not to use it any more, and what to use instead."""

    note: str = ""
    successor: DatasetName | None = None


class AcceptedValues(Strict):
    """A column may hold these values alone."""

    column: str
    values: tuple[str | int | float | bool, ...]


class CheckEntry(Strict):
    """Something that must hold: one of `unique`, `not_null`, `accepted_values` or `sql`."""

    unique: str | None = None
    not_null: str | None = None
    accepted_values: AcceptedValues | None = None
    sql: str | None = None
    name: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (
            sum(
                bool(value)
                for value in (self.unique, self.not_null, self.accepted_values, self.sql)
            )
            != 1
        ):
            raise ValueError("expected exactly one of unique, not_null, accepted_values or sql")
        return self


class DatasetEntry(Strict):
    """What the organisation says of a dataset, and the policy that holds for every reader of it."""

    name: DatasetName
    title: str | None = None
    domain: Slug | None = None
    stewards: tuple[str, ...] | None = None
    viewers: tuple[str, ...] | None = None
    sensitivity: Literal["public", "internal", "confidential", "restricted"] | None = None
    visibility: Literal["listed", "hidden"] | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    deprecated: DeprecationEntry | None = None
    columns: tuple[ColumnEntry, ...] = ()
    rows: str | None = None
    access: AccessRules | None = None
    freshness: FreshnessEntry | None = None
    checks: tuple[CheckEntry, ...] | None = None

    @field_validator("columns")
    @classmethod
    def _once_each(cls, columns: tuple[ColumnEntry, ...]) -> tuple[ColumnEntry, ...]:
        names = [column.name for column in columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"column {twice[0]} is described twice")
        return columns


class GrantEntry(Strict):
    """A right to read, given by the configuration itself."""

    principal: Holder
    dataset: DatasetName
    columns: tuple[str, ...] | None = None
    unmasked: tuple[str, ...] = ()
    masks: dict[str, MaskKey] = Field(default_factory=dict)
    rows: str | None = None
    expires: Expiry
    reason: Annotated[str, Field(min_length=1)]


class WebhookEntry(Strict):
    """Where everybody's notices are posted. `${NAME}` in an address or a secret stays as written until it is used."""

    name: Slug
    kind: Literal["slack", "teams", "generic"]
    url: Annotated[str, Field(min_length=1, max_length=500)]
    secret: Annotated[str, Field(max_length=500)] | None = None
    old_secret: Annotated[str, Field(max_length=500)] | None = None
    kinds: tuple[Annotated[str, Field(pattern=r"^[a-z_]+\.([a-z_]+|\*)$")], ...] = ()
    domains: tuple[Slug, ...] = ()
    hidden: bool = False

    @field_validator("secret", "old_secret")
    @classmethod
    def _is_a_reference(cls, text: str | None) -> str | None:
        if text is not None and not REFERENCE.fullmatch(text):
            raise ValueError("expected a reference such as ${NAME} or ${file:/run/secrets/name}")
        return text

    @model_validator(mode="after")
    def _secrets_by_reference(self) -> Self:
        is_signed = self.kind == "generic"
        if is_signed and self.secret is None:
            raise ValueError("a generic webhook is signed and needs `secret`, a reference")
        if not is_signed and (self.secret or self.old_secret):
            raise ValueError("only a generic webhook is signed; leave `secret` out")
        if not is_signed and not REFERENCE.fullmatch(self.url):
            raise ValueError("expected the url as a reference such as ${NAME}: it is a secret")
        if self.old_secret and not self.secret:
            raise ValueError("`old_secret` is what `secret` replaces; give both")
        if not REFERENCE.search(self.url) and not self.url.startswith(("https://", "http://")):
            raise ValueError("expected a url that begins with https://")
        return self


class Entries(Strict):
    """A whole file."""

    warehouses: tuple[WarehouseEntry, ...] = ()
    users: tuple[UserEntry, ...] = ()
    teams: tuple[TeamEntry, ...] = ()
    domains: tuple[DomainEntry, ...] = ()
    sensitivities: tuple[SensitivityEntry, ...] = ()
    datasets: tuple[DatasetEntry, ...] = ()
    grants: tuple[GrantEntry, ...] = ()
    dashboards: tuple[dict[str, Any], ...] = ()
    metrics: tuple[dict[str, Any], ...] = ()
    syncs: tuple[dict[str, Any], ...] = ()
    webhooks: tuple[WebhookEntry, ...] = ()


SINGULAR = {"missing": "this is required", "extra_forbidden": "there is no such key here"}


def check(document: Document) -> Entries:
    """The document as entries. Errors: `BrokenConfiguration` naming every mistake in it."""
    try:
        entries = Entries.model_validate(document.values)
    except ValidationError as error:
        raise BrokenConfiguration(list(_mistakes(error, document))) from error
    mistakes = [
        document.mistake((kind,), f"{kind} cannot be applied in this version; leave the list empty")
        for kind in ("metrics", "syncs")
        if getattr(entries, kind)
    ]
    if mistakes:
        raise BrokenConfiguration(mistakes)
    return entries


def _mistakes(error: ValidationError, document: Document) -> Iterator[Mistake]:
    for each in error.errors(include_url=False, include_input=False):
        within = str(each.get("ctx", {}).get("within") or "")
        loc = (*each["loc"], *within.split(".")) if within else each["loc"]
        trail = _trail(loc, document)
        known = SINGULAR.get(each["type"])
        expected = known or each["msg"].removeprefix("Value error, ").removeprefix("Input should ")
        if not known and not expected.startswith(("a ", "expected", "only", "column")):
            expected = f"should {expected}" if each["msg"].startswith("Input") else expected
        yield document.mistake(trail, expected)


def _trail(loc: tuple[str | int, ...], document: Document) -> tuple[str | int, ...]:
    """pydantic's location without the names it adds for the members of a union."""
    trail: tuple[str | int, ...] = ()
    for step in loc:
        longer = (*trail, step)
        if longer in document.lines or (step == loc[-1] and _is_key(step)):
            trail = longer
    return trail


def _is_key(step: str | int) -> bool:
    return isinstance(step, str) and step.isidentifier() and step != "str"
