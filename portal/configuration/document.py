"""Reads YAML keeping the line of every value, so that whatever is wrong later can be shown where it was written.

The reading is stricter and plainer than YAML 1.1: a key may stand once, `NO` is a word and not a falsehood, a date
stays the text it was, and `${NAME}` is the environment's value. Source: YAML 1.2 core schema, section 10.3.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from portal.configuration.errors import BrokenConfiguration, Mistake

Step = str | int
Trail = tuple[Step, ...]

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
KEPT_AS_WRITTEN = re.compile(r"^(warehouses\.\d+\.url|webhooks\.\d+\.(url|secret|old_secret))$")


class PlainLoader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2: only `true` and `false` are booleans and there are no dates."""


PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False)$"), list("tfTF")
)


@dataclass
class Document:
    """One file: its values, and the line on which each of them starts."""

    file: str
    values: dict[str, Any]
    lines: dict[Trail, int] = field(default_factory=dict)

    def line(self, trail: Sequence[Step]) -> int:
        """The line of the value at `trail`, or of the nearest thing around it."""
        wanted = tuple(trail)
        while wanted not in self.lines:
            wanted = wanted[:-1]
        return self.lines[wanted]

    def mistake(self, trail: Sequence[Step], expected: str) -> Mistake:
        """A mistake at `trail`."""
        return Mistake(self.file, self.line(trail), spelled(trail), expected)


def spelled(trail: Sequence[Step]) -> str:
    """`datasets[2].columns[0].mask`, the way a person points at a field."""
    words = ""
    for step in trail:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words


def read(path: Path, environment: Mapping[str, str] | None = None) -> Document:
    """The file as a document.

    Errors: `BrokenConfiguration` when it cannot be read, is no YAML mapping, repeats a key or names a variable that
    the environment does not have.
    """
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BrokenConfiguration(
            [Mistake(name, 1, "", f"cannot read this file: {reason}")]
        ) from error
    return parse(text, name, os.environ if environment is None else environment)


def parse(text: str, name: str, environment: Mapping[str, str]) -> Document:
    """The text of a file as a document; `name` is what mistakes call it."""
    root = _compose(text, name)
    document = Document(name, {}, {(): 1})
    if root is None:
        return document
    if not isinstance(root, yaml.MappingNode):
        raise BrokenConfiguration([Mistake(name, 1, "", "expected a mapping such as `datasets:`")])
    mistakes = list(_note(root, (), document))
    if mistakes:
        raise BrokenConfiguration(mistakes)
    document.values = yaml.constructor.SafeConstructor().construct_document(root)
    document.values = _resolved(document.values, (), document, environment, mistakes)
    if mistakes:
        raise BrokenConfiguration(mistakes)
    return document


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=PlainLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "nested too deeply"
        line = mark.line + 1 if mark else 1
        raise BrokenConfiguration(
            [Mistake(name, line, "", f"not valid YAML: {problem}")]
        ) from error


def _note(node: yaml.Node, trail: Trail, document: Document) -> Iterator[Mistake]:
    """Remember the line of every node below `node`; yields the keys that stand twice or are no text."""
    document.lines.setdefault(trail, node.start_mark.line + 1)
    if len(document.lines) > 1_000_000:
        raise BrokenConfiguration([Mistake(document.file, 1, "", "more than a million values")])
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _note(item, (*trail, index), document)
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                yield Mistake(document.file, line, spelled(trail), "expected a plain word as key")
                continue
            if key.value in seen:
                where = spelled((*trail, key.value))
                yield Mistake(document.file, line, where, "this key already stands above")
            seen.add(key.value)
            document.lines[(*trail, key.value)] = line
            yield from _note(value, (*trail, key.value), document)


def _resolved(
    value: Any,
    trail: Trail,
    document: Document,
    environment: Mapping[str, str],
    mistakes: list[Mistake],
) -> Any:
    if isinstance(value, dict):
        return {
            str(key): _resolved(item, (*trail, str(key)), document, environment, mistakes)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _resolved(item, (*trail, index), document, environment, mistakes)
            for index, item in enumerate(value)
        ]
    if not isinstance(value, str):
        return value
    for name in REFERENCE.findall(value):
        if name not in environment:
            mistakes.append(document.mistake(trail, f"the environment has no variable {name}"))
    if KEPT_AS_WRITTEN.match(".".join(map(str, trail))):
        return value
    return REFERENCE.sub(lambda found: environment.get(found[1], ""), value)
