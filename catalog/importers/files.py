"""Reading files that other programs wrote: whole, as what they claim to be, or refused naming the place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog.errors import BrokenFile

EXCERPT = 40
PLACE = re.compile(r"(line|event) \d+")


@dataclass(frozen=True)
class Part:
    """A value somewhere in a file, that knows where it stands, so that a surprise can be reported exactly.

    Reading is tolerant: keys nobody asks for are never looked at, and null stands for "absent".
    """

    path: str
    where: str
    value: Any

    def refuse(self, expected: str) -> BrokenFile:
        """The error that says what should have stood here and what does."""
        return BrokenFile(self.path, self.where, f"{expected}, found {_shown(self.value)}")

    def at(self, key: str) -> Part:
        """The value under a key; absent values are None."""
        return Part(self.path, _below(self.where, key), self.mapping().get(key))

    def mapping(self) -> Mapping[str, Any]:
        """The value as an object; absent is empty. Errors: `BrokenFile`."""
        if self.value is None:
            return {}
        if not isinstance(self.value, Mapping):
            raise self.refuse("an object")
        return self.value

    def entries(self) -> Iterator[tuple[str, Part]]:
        """Each key of an object with its value. Errors: `BrokenFile`."""
        for key in self.mapping():
            yield key, self.at(key)

    def items(self) -> Iterator[Part]:
        """Each element of a list; absent is empty. Errors: `BrokenFile`."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.refuse("a list")
        for index, value in enumerate(self.value):
            yield Part(self.path, f"{self.where}[{index}]", value)

    def text(self, default: str = "") -> str:
        """The value as text; absent is `default`. Errors: `BrokenFile`."""
        if self.value is None:
            return default
        if not isinstance(self.value, str):
            raise self.refuse("text")
        return self.value.replace("\x00", "")

    def required(self) -> str:
        """The value as text that may not be absent or empty. Errors: `BrokenFile`."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.refuse("text")
        return self.value

    def whole(self) -> int | None:
        """The value as a whole number, if there is one. Errors: `BrokenFile`."""
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.refuse("a number")
        return int(self.value)

    def time(self) -> datetime | None:
        """The value as an aware time, UTC where it names no zone. Errors: `BrokenFile`."""
        if not (words := self.text()):
            return None
        try:
            found = datetime.fromisoformat(words)
        except ValueError as error:
            raise self.refuse("an ISO time") from error
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def words(self) -> tuple[str, ...]:
        """The value as several words: a list of texts, or one text. Errors: `BrokenFile`."""
        if isinstance(self.value, str):
            return (self.value,)
        return tuple(part.text() for part in self.items())


def _below(where: str, key: str) -> str:
    """`nodes.x` below `nodes`, `line 3: run` below `line 3`."""
    separator = ": " if PLACE.fullmatch(where) else "."
    return f"{where}{separator}{key}" if where else key


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    words = json.dumps(value, default=str)
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT]}..."


def read_json(path: Path) -> Part:
    """A JSON file as its root. Errors: `BrokenFile` naming the line when it is missing or is no JSON object."""
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise BrokenFile(path, "", "this file to exist") from error
    except IsADirectoryError as error:
        raise BrokenFile(path, "", "a file, found a folder") from error
    except OSError as error:
        raise BrokenFile(path, "", f"a readable file ({error.strerror})") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BrokenFile(path, where, f"JSON ({error.msg})") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise BrokenFile(path, "", "JSON in UTF-8") from error
    root = Part(str(path), "", value)
    if not isinstance(value, dict):
        raise root.refuse("a JSON object")
    return root
