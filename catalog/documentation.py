"""Documentation is Markdown that anybody with a metadata file can write, and it is shown to everybody.

So nothing in it is trusted: HTML in it is shown as text, what the Markdown makes is sanitised again against a short
list of elements, links go only where a person can see them going, and no picture is fetched from elsewhere, because
fetching one would tell its host who reads what.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import nh3
from django.db.models import QuerySet
from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalog.models import Dataset, FieldChange

_TAGS: Final = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p",
    "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "code": {"class"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class"},
}
_SCHEMES: Final = {"http", "https", "mailto"}
_LONGEST: Final = 200_000
_TOP_HEADING: Final = 2


def render(markdown: str) -> str:
    """The documentation as HTML that is safe to put into any page.

    Headings begin at the second level, since the page has the first. Links may be relative, http, https or mailto and
    do not tell where they were followed from. A picture on another site becomes a link to it.
    Source: CommonMark with tables and strikethrough.
    """
    return _rendered(markdown[:_LONGEST])


@lru_cache(maxsize=256)
def _rendered(markdown: str) -> str:
    tokens = list(_tamed(_PARSER.parse(markdown)))
    return nh3.clean(
        _PARSER.renderer.render(tokens, _PARSER.options, {}),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable(["table", "strikethrough"])
    return parser


_PARSER: Final = _parser()


def _tamed(tokens: list[Token]) -> Iterator[Token]:
    """Lowers headings below the page's own, names alignment by class, and turns foreign pictures into links."""
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            level = int(token.tag[1:])
            token.tag = f"h{min(level + _TOP_HEADING - 1, 6)}"
        if token.type in ("th_open", "td_open"):
            style = str(token.attrs.pop("style", ""))
            if style.startswith("text-align:"):
                token.attrs["class"] = f"align-{style.removeprefix('text-align:')}"
        if token.children:
            token.children = [tame for child in token.children for tame in _inline(child)]
        yield token


def _inline(token: Token) -> list[Token]:
    if token.type != "image" or is_own(str(token.attrs.get("src", ""))):
        return [token]
    opened = Token("link_open", "a", 1, attrs={"href": token.attrs.get("src", "")})
    text = Token("text", "", 0, content=token.content or "Picture")
    return [opened, text, Token("link_close", "a", -1)]


def is_own(address: str) -> bool:
    """Whether an address stays on this site: a path from its root, which no browser reads as another host."""
    # Browsers drop control characters inside an address and read a backslash as a slash.
    if any(ord(char) <= 32 or char == "\\" for char in address):
        return False
    return address.startswith("/") and not address.startswith("//") and not urlsplit(address).netloc


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("img", "src"):
        return value if is_own(value) else None
    if name == "class":
        allowed = value.startswith(("language-", "align-")) and value.replace("-", "").isalnum()
        return value if allowed else None
    return value


def plain(markdown: str) -> str:
    """The words of a documentation without its markup, on one line: for search results and previews."""
    return _plain(markdown[:_LONGEST])


@lru_cache(maxsize=2048)
def _plain(markdown: str) -> str:
    return " ".join(" ".join(_words(_PARSER.parse(markdown))).split())


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            # Joined without spaces: emphasis may begin in the middle of a word.
            yield "".join(_inline_words(token.children))
        elif token.type in ("fence", "code_block"):
            yield token.content


def _inline_words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        yield " " if token.type in ("softbreak", "hardbreak") else token.content


@dataclass(frozen=True)
class Stretch:
    """A stretch of text that stayed, came or went: `change` is same, added or removed."""

    text: str
    change: str


@dataclass(frozen=True)
class Edit:
    """One change to what one source says about one field; `column` empty means the dataset itself.

    `stretches` spell out the difference when both sides are text; `old` and `new` are as `catalog.fields` keeps them.
    """

    id: int
    field: str
    column: str
    source: str
    source_label: str
    said_by: str
    at: datetime
    old: Any
    new: Any
    stretches: tuple[Stretch, ...]


def history(
    dataset: Dataset, *, visible: QuerySet[Dataset] | None = None, limit: int = 50
) -> tuple[Edit, ...]:
    """What changed in the description of a dataset and its columns, newest first.

    With `visible`, the name of a successor outside it is left out.
    Cost: one query, and one more where a successor was named.
    """
    changes = FieldChange.objects.filter(dataset=dataset).select_related("column")[:limit]
    hidden = set() if visible is None else _hidden_successors(changes, visible)
    return tuple(_edit(change, hidden) for change in changes)


def _hidden_successors(changes: QuerySet[FieldChange], visible: QuerySet[Dataset]) -> set[str]:
    named = {
        value
        for change in changes
        if change.field == "successor"
        for value in (change.old, change.new)
        if isinstance(value, str) and value
    }
    if not named:
        return set()
    return named - set(visible.filter(name__in=named).values_list("name", flat=True))


def _edit(change: FieldChange, hidden: set[str]) -> Edit:
    old, new = (
        "" if change.field == "successor" and value in hidden else value
        for value in (change.old, change.new)
    )
    return Edit(
        id=change.pk,
        field=change.field,
        column=change.column.name if change.column else "",
        source=change.source,
        source_label=change.get_source_display(),
        said_by=change.said_by,
        at=change.changed_at,
        old=old,
        new=new,
        stretches=_stretches(old, new),
    )


def _stretches(old: Any, new: Any) -> tuple[Stretch, ...]:
    if not isinstance(old or "", str) or not isinstance(new or "", str):
        return ()
    return difference(old or "", new or "")


def difference(old: str, new: str) -> tuple[Stretch, ...]:
    """How one text became another, word by word."""
    before, after = _split(old), _split(new)
    stretches: list[Stretch] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            stretches.append(Stretch("".join(before[a:b]), "same"))
            continue
        stretches += [Stretch("".join(before[a:b]), "removed")] if b > a else []
        stretches += [Stretch("".join(after[c:d]), "added")] if d > c else []
    return tuple(stretches)


def _split(text: str) -> list[str]:
    """Words with the spaces after them; a very long text by lines, since comparing words would take its square."""
    if len(text) > 20_000:
        return text.splitlines(keepends=True)
    words: list[str] = []
    for line in text.splitlines(keepends=True):
        words += [f"{word} " for word in line.rstrip("\n").split(" ")]
        words[-1] = words[-1][:-1] + ("\n" if line.endswith("\n") else "")
    return words
