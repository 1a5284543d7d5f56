"""Takes text apart into the words that search compares.

People name the same thing `customerLifetimeValue`, `customer_lifetime_value` and "customer lifetime value", and
PostgreSQL's own parser keeps the first as one word and `main.dim` as a host name. So text is cut here, in Python, and
PostgreSQL only ever sees finished words made of letters and digits.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

LONGEST_WORD: Final = 100
LONGEST_QUERY: Final = 200
MOST_TERMS: Final = 10
MARK: Final = "\x1f"

STOP_WORDS: Final = frozenset(
    (
        "a", "an", "and", "are", "as", "at", "by", "for", "from", "in", "is", "it", "its", "of", "on", "or", "per",
        "that", "the", "this", "to", "was", "which", "with",
    )
)  # fmt: skip

_RUN = re.compile(r"[^\W_]+")
_SPACES = re.compile(r"\s+")
_QUOTES = str.maketrans("", "", "\"'`“”‘’")


def unaccented(text: str) -> str:
    """The text without accents, its case kept: `Café` becomes `Cafe`."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fold(text: str) -> str:
    """The text as names are compared: no accents, no case, no quotes, single spaces."""
    return _SPACES.sub(" ", unaccented(text).casefold().translate(_QUOTES)).strip()


@dataclass(frozen=True)
class Word:
    """A run of letters and digits, folded, and the parts it is made of: `orders2024` is `orders` and `2024`."""

    whole: str
    parts: tuple[str, ...]


def words_of(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for run in _RUN.findall(unaccented(text)):
        word = _word(run[:LONGEST_WORD])
        if word.whole:
            yield word


# The words of a catalog repeat: nearly every run of letters has been seen before.
@lru_cache(maxsize=20_000)
def _word(run: str) -> Word:
    whole = "".join(_RUN.findall(run.casefold()))
    return Word(whole, tuple(part.casefold() for part in parts_of(run)))


def parts_of(run: str) -> list[str]:
    """Cuts `customerLifetimeValue`, `HTTPServer` and `orders2024` where case or kind changes."""
    cuts = [0, *(at for at in range(1, len(run)) if _is_cut(run, at)), len(run)]
    return [run[start:end] for start, end in pairwise(cuts)]


def _is_cut(run: str, at: int) -> bool:
    before, here = run[at - 1], run[at]
    if before.isdigit() != here.isdigit():
        return True
    if not here.isupper():
        return False
    return not before.isupper() or (at + 1 < len(run) and run[at + 1].islower())


def stem(word: str) -> str:
    """The word without its plural: `categories` is `category`, `addresses` is `address`, `status` stays.

    Source: Harman's S-stemmer (1991), with the `-es` of hissing sounds taken off whole. A stronger stemmer joins
    `customer` with `custom`.
    """
    if len(word) <= 3 or not word.endswith("s"):
        return word
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word if len(word) <= 4 or word[-4] in "ae" else word[:-3] + "y"
    if word.endswith(("sses", "shes", "xes", "zzes", "tches", "nches", "rches")):
        return word[:-2]
    return word[:-1]


def lexemes_of(text: str) -> Iterator[str]:
    """Everything a text can be found by, in order, repeats included: whole words, their parts, both without plural."""
    for word in words_of(text):
        yield from _forms(word)


@lru_cache(maxsize=20_000)
def _forms(word: Word) -> tuple[str, ...]:
    forms = [word.whole, stem(word.whole)]
    if len(word.parts) > 1:
        forms += [form for part in word.parts for form in (part, stem(part))]
    return tuple(dict.fromkeys(forms))


def joined(text: str) -> str:
    """An identifier in one word, as people type it in a hurry: `customer_lifetime_value` is `customerlifetimevalue`."""
    return "".join(word.whole for word in words_of(text))[:LONGEST_WORD]


def spaced(text: str) -> str:
    """The parts of a name with spaces between: `stg_orders` is `stg orders`."""
    return " ".join(part for word in words_of(text) for part in word.parts)


def name_forms(text: str) -> tuple[str, ...]:
    """The forms in which a name counts as the same name."""
    forms = (fold(text), spaced(text))
    return tuple(dict.fromkeys(form[:600] for form in forms if form))


def name_marks(text: str) -> tuple[str, ...]:
    """The single words of a name, marked as such so that they stand beside whole names in one list.

    The mark counts as white space, which no whole name has left after folding: nothing typed can be taken for it.
    """
    parts = dict.fromkeys(stem(part) for word in words_of(text) for part in word.parts)
    return tuple(f"{MARK}{part}" for part in parts)


def terms_of(query: str) -> tuple[Word, ...]:
    """What a query asks for: its words, without little ones when it is a sentence and others remain."""
    terms = tuple(dict.fromkeys(words_of(query[:LONGEST_QUERY])))
    if " " not in query.strip():
        return terms[:MOST_TERMS]
    meaningful = tuple(term for term in terms if term.whole not in STOP_WORDS)
    return (meaningful or terms)[:MOST_TERMS]
