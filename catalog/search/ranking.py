"""Puts what was found in order.

A dataset that is *called* what was typed comes first whatever anything weighs: that is a tier, not a weight. Inside a
tier the words count by where they stand, more so for data that people use, less so for what is deprecated or gone.
Only the first five hundred, by use, are compared with each other: nobody reads further, and a broad word has hundreds
of thousands.
"""

import math
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, Final

from django.db.models import BigIntegerField, Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable, Expression, OrderBy
from django.db.models.functions import Cast, Greatest, Length, Ln, Lower

from catalog.models import Dataset
from catalog.search.asking import Asked
from catalog.search.matching import (
    Matches,
    Rank,
    SomeNameStarts,
    all_but_one,
    every,
    some,
    term_query,
)
from catalog.search.words import Word, name_marks

RANKED: Final = 500
_RANKED_EACH: Final = 300
_COUNTED: Final = 10_000


class Tier(IntEnum):
    """Why a dataset is where it is; a lower tier comes first whatever the scores."""

    NAME = 0
    NAME_STARTS = 1
    EVERY_WORD = 2
    SOME_WORDS = 3
    CURRENT = 4
    PAST = 5


def called(asked: Asked) -> Q:
    """The condition of being called exactly what was typed."""
    return Q(search_names__overlap=list(asked.forms))


def answers(asked: Asked, *, loosely: bool) -> Q:
    """The condition of answering: having every word, or any of them when `loosely`, or the name itself."""
    if not asked.terms:
        return called(asked)
    query = some(asked.terms) if loosely else every(asked.terms, is_open=asked.is_open)
    return called(asked) | Q(Matches(query))


def ranked(
    datasets: QuerySet[Dataset], asked: Asked, *, loosely: bool, visible: QuerySet[Dataset]
) -> QuerySet[Dataset]:
    """The datasets that answer, with `tier` and `score`, best first.

    `visible` is what the viewer may see before any filter: words are rare or common by what is in there, so that
    what is hidden does not even move the order.
    """
    candidates = datasets.filter(called(asked)).order_by().values("pk")[:RANKED]
    streams = _loose(datasets, asked) if loosely else _strict(datasets, asked)
    candidates = candidates.union(*streams)
    relevance = _rarity(visible, asked) if loosely else _relevance(asked)
    return (
        Dataset.objects.filter(pk__in=candidates)
        .annotate(
            tier=_tier(asked, loosely=loosely), score=_score(asked, relevance, loosely=loosely)
        )
        .order_by("tier", "-score", "name")
    )


def _strict(datasets: QuerySet[Dataset], asked: Asked) -> Iterator[QuerySet[Dataset, Any]]:
    """The most used with every word; and by name, since thousands may mention what one is called that nobody used yet."""
    if asked.terms and asked.is_open and len(asked.start) > 1:
        yield _begun(datasets, asked.start)
    if asked.terms:
        yield _named(datasets, asked.terms)
        yield _most_used(datasets, every(asked.terms, is_open=asked.is_open), RANKED)


def _loose(datasets: QuerySet[Dataset], asked: Asked) -> Iterator[QuerySet[Dataset, Any]]:
    for terms in all_but_one(asked.terms):
        yield _named(datasets, terms)
        yield _most_used(datasets, every(terms, is_open=False), _RANKED_EACH)
    for term in asked.terms:
        yield _most_used(datasets, term_query(term), _RANKED_EACH)


def _most_used(datasets: QuerySet[Dataset], query: str, limit: int) -> QuerySet[Dataset, Any]:
    # PostgreSQL knows how common a word is: it walks the index by popularity for a broad one, and sorts a rare one.
    return datasets.filter(Matches(query)).order_by("-popularity", "name").values("pk")[:limit]


def _begun(datasets: QuerySet[Dataset], start: str) -> QuerySet[Dataset, Any]:
    named = datasets.alias(lower_table=Lower("table_name")).filter(lower_table__startswith=start)
    return named.order_by(_used_first(), "name").values("pk")[:_RANKED_EACH]


def _named(datasets: QuerySet[Dataset], terms: Sequence[Word]) -> QuerySet[Dataset, Any]:
    marks = [mark for term in terms for mark in name_marks(" ".join(term.parts))]
    named = datasets.filter(search_names__contains=marks)
    return named.order_by(_used_first(), "name").values("pk")[:_RANKED_EACH]


def _used_first() -> OrderBy:
    # Adding nothing keeps PostgreSQL from walking the whole index by popularity for the few names it did not expect.
    return (F("popularity") + 0).desc()


def _tier(asked: Asked, *, loosely: bool) -> Case:
    return Case(
        When(called(asked), then=Value(Tier.NAME.value)),
        When(SomeNameStarts(asked.start), then=Value(Tier.NAME_STARTS.value)),
        default=Value(Tier.SOME_WORDS.value if loosely else Tier.EVERY_WORD.value),
    )


def _relevance(asked: Asked) -> Expression:
    if not asked.terms:
        return Value(1.0, output_field=FloatField())
    return Rank(every(asked.terms, is_open=asked.is_open))


def _rarity(visible: QuerySet[Dataset], asked: Asked) -> Combinable:
    """The sum over the words of how well each is answered, a rare word counting more: `ts_rank` itself knows no rarity."""
    n_all = _count(visible)
    total: Combinable = Value(0.0, output_field=FloatField())
    for term in asked.terms:
        query = term_query(term)
        n_with = _count(visible.filter(Matches(query)))
        if n_with:
            total = total + Value(math.log(1 + n_all / n_with)) * Rank(query)
    return total


def _count(datasets: QuerySet[Dataset]) -> int:
    return datasets.order_by().values("pk")[:_COUNTED].count()


def _score(asked: Asked, relevance: Combinable, *, loosely: bool) -> Cast:
    """A whole number, so that a cursor can hold it exactly. A name that is nearly complete counts more than a long one."""
    use = 0.05 if loosely else 0.2
    closeness = Value(1.0) + Case(
        When(
            SomeNameStarts(asked.start),
            then=Value(float(len(asked.start))) / Greatest(Length("table_name"), Value(1)),
        ),
        default=Value(0.0),
    )
    score = (
        relevance
        * closeness
        * (Value(1.0) + Value(use) * Ln(F("popularity") + Value(1.0)))
        * Case(
            When(missing_at__isnull=False, then=Value(0.25)),
            When(deprecated_at__isnull=False, then=Value(0.5)),
            default=Value(1.0),
        )
        * Value(1_000_000.0)
    )
    return Cast(score, output_field=BigIntegerField())


def after(datasets: QuerySet[Dataset], place: Sequence[int | str]) -> QuerySet[Dataset]:
    """What comes after a place in the order."""
    tier, score, name = place
    return datasets.filter(
        Q(tier__gt=tier) | Q(tier=tier, score__lt=score) | Q(tier=tier, score=score, name__gt=name)
    )
