"""Documentation is Markdown that anybody with a metadata file can write, and it is shown to everybody.

So nothing in it is trusted: HTML in it is shown as text, what the Markdown makes is sanitised again against a short
list of elements, links go only where a person can see them going, and no picture is fetched from elsewhere, because
fetching one would tell its host who reads what.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

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
