"""Mends one slip of the keyboard with nothing but an ordinary index.

Each word of the catalog is kept with hashes of itself and of itself with one letter left out. Two words that are one
slip apart (a letter too many, missing, wrong, or two swapped) share such a hash, so that the few words worth comparing
come from an index on whole numbers. Source: SymSpell's symmetric deletes; optimal string alignment distance.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from django.db.models import QuerySet

from catalog.models import Dataset, SearchWord
from catalog.search.matching import Matches, term_query
from catalog.search.words import Word, stem

SHORTEST: Final = 3
LONGEST: Final = 40
MOST_CORRECTIONS: Final = 3
_COUNTED: Final = 200
_COMPARED: Final = 12


def is_mendable(word: str) -> bool:
    """Whether a word is worth keeping for spelling: short words and numbers have too many neighbours."""
    return SHORTEST <= len(word) <= LONGEST and not word.isdigit()


def deletions(word: str) -> list[int]:
    """Hashes of the word and of the word with one letter left out, as PostgreSQL integers, in order."""
    shortened = {word[:at] + word[at + 1 :] for at in range(len(word))} if len(word) > 2 else set()
    return sorted({_hash(text) for text in shortened | {word}})


def _hash(text: str) -> int:
    unsigned = zlib.crc32(text.encode())
    return unsigned - 2**32 if unsigned >= 2**31 else unsigned


def distance(left: str, right: str) -> int:
    """The slips between two words: letters added, dropped, changed, or swapped with their neighbour."""
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, a in enumerate(left, start=1):
        here = [row]
        for column, b in enumerate(right, start=1):
            best = min(above[column] + 1, here[-1] + 1, above[column - 1] + (a != b))
            if row > 1 and column > 1 and a == right[column - 2] and left[row - 2] == b:
                best = min(best, before[column - 2] + 1)
            here.append(best)
        before, above = above, here
    return above[-1]


def corrections(
    visible: QuerySet[Dataset], terms: Sequence[Word], *, is_open: bool = False
) -> tuple[str, ...]:
    """Up to three spellings of the whole query in which every unknown word is replaced, likeliest first.

    A word is only offered when a dataset in `visible` has it: a name that may not be known is no suggestion.

    Cost: one count for each word, and one for each word compared.
    """
    last = len(terms) - 1
    choices = [
        _choices(visible, term, is_open=is_open and at == last) for at, term in enumerate(terms)
    ]
    if all(choice == (term.whole,) for choice, term in zip(choices, terms, strict=True)):
        return ()
    n_spellings = min(MOST_CORRECTIONS, max(len(choice) for choice in choices))
    spelled = (
        " ".join(choice[min(at, len(choice) - 1)] for choice in choices)
        for at in range(n_spellings)
    )
    return tuple(dict.fromkeys(spelled))


def _choices(visible: QuerySet[Dataset], term: Word, *, is_open: bool) -> tuple[str, ...]:
    """The word itself where it is known or nothing is near it, else the words it may have been meant to be."""
    if not is_mendable(term.whole) or _n_with(visible, term_query(term, is_open=is_open)):
        return (term.whole,)
    near = islice(_visible_near(visible, term.whole), _COMPARED)
    return tuple(word for *_, word in sorted(near))[:MOST_CORRECTIONS] or (term.whole,)


def _visible_near(visible: QuerySet[Dataset], word: str) -> Iterator[tuple[int, bool, int, str]]:
    """The near words that stand in a visible dataset, with what ranks them: slips, first letter, how common."""
    for slips, near in _near(word):
        n_datasets = _n_with(visible, term_query(Word(near, (near,))))
        if n_datasets:
            yield slips, near[:1] != word[:1], -n_datasets, near


def _near(word: str) -> Iterable[tuple[int, str]]:
    """The nearest words of the catalog, singular and plural counted once."""
    spelled = SearchWord.objects.filter(deletions__overlap=deletions(word), n_datasets__gt=0)
    allowed = 1 if len(word) < 8 else 2
    measured = sorted(
        (slips, near)
        for near in spelled.values_list("word", flat=True)
        if 0 < (slips := distance(word, near)) <= allowed
    )
    kept: dict[str, tuple[int, str]] = {}
    for slips, near in measured:
        kept.setdefault(stem(near), (slips, near))
    return kept.values()


def _n_with(visible: QuerySet[Dataset], query: str) -> int:
    """How many visible datasets answer a text query, counted to 200."""
    return visible.filter(Matches(query)).order_by().values("pk")[:_COUNTED].count()
