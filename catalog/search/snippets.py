"""Shows why a dataset was found: which pieces of its name, words and columns answer the query.

Pieces are data, a text and whether it is a hit, so that a page, the API and a terminal can each mark them their way.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.search.words import Word, lexemes_of, stem

_LENGTH: Final = 180
_LEAD: Final = 60
_MOST_COLUMNS: Final = 6
_PIECE: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and whether it answers the query."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True)
class Snippet:
    """A stretch of one field, cut to about 180 characters: `description`, `column` (then `column` names it) or `note`."""

    field: str
    pieces: tuple[Piece, ...]
    column: str = ""


@dataclass(frozen=True)
class Marker:
    """What to mark: words that must be equal, and beginnings."""

    words: frozenset[str]
    starts: tuple[str, ...] = ()

    @classmethod
    def of(cls, terms: Sequence[Word], *, is_open: bool) -> "Marker":
        """The marker for a query's terms."""
        words = {
            form
            for term in terms
            for text in (term.whole, *term.parts)
            for form in (text, stem(text))
        }
        starts: tuple[str, ...] = ()
        if is_open and terms:
            starts = tuple({terms[-1].whole, terms[-1].parts[-1]})
        return cls(frozenset(word for word in words if len(word) > 1), starts)

    def is_hit(self, run: str) -> bool:
        """Whether a run of letters and digits answers the query."""
        lexemes = set(lexemes_of(run))
        if lexemes & self.words:
            return True
        return any(
            len(start) > 1 and word.startswith(start) for word in lexemes for start in self.starts
        )

    def mark(self, text: str) -> tuple[Piece, ...]:
        """The whole text in pieces."""
        pieces: list[Piece] = []
        at = 0
        for match in _PIECE.finditer(text):
            if self.is_hit(match.group()):
                pieces += [Piece(text[at : match.start()]), Piece(match.group(), is_hit=True)]
                at = match.end()
        return tuple(piece for piece in (*pieces, Piece(text[at:])) if piece.text)

    def first(self, text: str) -> int | None:
        """Where the first hit in a text begins."""
        return next((m.start() for m in _PIECE.finditer(text) if self.is_hit(m.group())), None)


def excerpt(text: str, marker: Marker) -> tuple[Piece, ...]:
    """A stretch of about 180 characters around the first hit, or the beginning when there is none."""
    at = marker.first(text) or 0
    start = 0 if at <= _LEAD else _word_start(text, at - _LEAD)
    end = len(text) if len(text) <= start + _LENGTH else _word_end(text, start + _LENGTH)
    marked = marker.mark(text[start:end].strip())
    before = (Piece("… "),) if start else ()
    after = (Piece(" …"),) if end < len(text) else ()
    return (*before, *marked, *after)


def _word_start(text: str, at: int) -> int:
    space = text.find(" ", at)
    return at if space < 0 or space - at > 30 else space + 1


def _word_end(text: str, at: int) -> int:
    space = text.rfind(" ", at - 30, at)
    return at if space < 0 else space


def snippet(description: str, columns: Iterable[tuple[str, str]], marker: Marker) -> Snippet | None:
    """The most telling stretch: a description that answers, else a column's that does, else how the description begins."""
    if marker.first(description) is not None:
        return Snippet("description", excerpt(description, marker))
    for name, words in columns:
        if marker.first(words) is not None:
            return Snippet("column", excerpt(words, marker), column=name)
    return Snippet("description", excerpt(description, marker)) if description else None


def marked_columns(names: Iterable[str], marker: Marker) -> tuple[tuple[Piece, ...], ...]:
    """Up to six columns whose names answer the query."""
    hits = [name for name in names if marker.first(name) is not None]
    return tuple(marker.mark(name) for name in hits[:_MOST_COLUMNS])
