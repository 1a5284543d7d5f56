"""One apply under way: what it changed, what was wrong, and what the files name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from access.audit.events import Kind, record
from access.errors import AccessError
from access.models import Principal, Team
from access.people.principals import parse_holder
from access.spans import write_span
from portal.configuration.document import Document, Step
from portal.configuration.errors import Mistake
from portal.configuration.schema import Entries, Strict, check
from portal.models import AppliedObject

T = TypeVar("T", bound=Strict)


@dataclass(frozen=True)
class Change:
    """One thing that differs: `verb` is create, update or remove; `fields` are `{field: (old, new)}`."""

    kind: str
    key: str
    verb: str
    fields: Mapping[str, tuple[object, object]] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """The change as a person reads it: a sign and a name, then a line a field."""
        sign = {"create": "+", "update": "~", "remove": "-"}[self.verb]
        yield f"{sign} {self.kind} {self.key}"
        for name, (old, new) in self.fields.items():
            if self.verb == "create":
                yield f"    {name}: {shown(new)}"
            else:
                yield f"    {name}: {shown(old)} -> {shown(new)}"


@dataclass(frozen=True)
class Entry(Generic[T]):
    """One entry of a file and where it stands."""

    value: T
    document: Document
    trail: tuple[Step, ...]

    def mistake(self, expected: str, *steps: Step) -> Mistake:
        """A mistake in this entry, at `steps` below it."""
        return self.document.mistake((*self.trail, *steps), expected)


class Work:
    """Collects the entries of all files, the changes made and the mistakes found."""

    def __init__(self, documents: list[Document], now: datetime) -> None:
        self.now = now
        self.changes: list[Change] = []
        self.mistakes: list[Mistake] = []
        self.named: dict[tuple[str, str], dict[str, Any]] = {}
        self._read: list[tuple[Document, Entries]] = [(each, check(each)) for each in documents]

    def entries(self, kind: str) -> list[Entry[Any]]:
        """Every entry of one kind, in the order of the files."""
        return [
            Entry(value, document, (kind, index))
            for document, entries in self._read
            for index, value in enumerate(getattr(entries, kind))
        ]

    def changed(self, kind: str, key: str, verb: str, **fields: tuple[object, object]) -> None:
        """Note a change that was just made."""
        self.changes.append(Change(kind, key, verb, fields))

    def note(self, kind: Kind, subject: str, **data: object) -> None:
        """Leave the audit event of a change that no other function records."""
        record(kind, actor=None, subject=subject, data=data, now=self.now)

    def name(self, entry: Entry[Any], kind: str, key: str, **fields: Any) -> bool:
        """Say that the files name this object; False, with a mistake noted, when they name it twice."""
        if (kind, key) in self.named:
            self.mistakes.append(entry.mistake(f"{kind} {key} is already described above"))
            return False
        self.named[kind, key] = fields
        return True

    def wrong(self, entry: Entry[Any], error: Exception, *steps: Step) -> None:
        """Note what a room of the portal refused."""
        self.mistakes.append(entry.mistake(str(error), *steps))

    def holder(self, entry: Entry[Any], text: str, *steps: Step) -> Principal | Team | None:
        """The person, service account or team that `text` names; None, with a mistake noted, when there is none.

        A bare name is a person or service account if there is one, else a team.
        """
        try:
            return holder_named(text)
        except AccessError:
            self.mistakes.append(
                entry.mistake(f"there is no user, service account or team called {text}", *steps)
            )
            return None

    def applied(self, kind: str) -> dict[str, AppliedObject]:
        """What earlier applies took charge of, by key."""
        return {each.key: each for each in AppliedObject.objects.filter(kind=kind)}


def holder_named(text: str) -> Principal | Team:
    """Who `user:alice`, `team:sales`, `service:loader` or a bare name means. Errors: `AccessError` when nobody."""
    if ":" in text:
        return parse_holder(text)
    found = (
        Principal.objects.filter(username=text).first() or Team.objects.filter(name=text).first()
    )
    return found or parse_holder(f"user:{text}")


def shown(value: object) -> str:
    """A value as the plan prints it; URLs lose their password."""
    if value is None or value == "" or value == []:
        return "(nothing)"
    if isinstance(value, timedelta):
        return write_span(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(each) for each in value)
    return str(value)
