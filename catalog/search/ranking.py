"""Puts what was found in order, in one statement.

A dataset that is *called* what was typed comes first whatever anything weighs: that is a tier, not a weight. Inside a
tier the words count by where they stand, more so for data that people use, less so for what is deprecated or gone.
Only the first five hundred, by use, are compared with each other: nobody reads further, and a broad word has hundreds
of thousands.

The statement is written out, since the object mapper would compile the viewer's rule of visibility anew for each way
of finding candidates, which took longer than the search.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from catalog.models import Dataset
from catalog.search.asking import Asked
from catalog.search.matching import Matches, all_but_one, every, some, term_query
from catalog.search.words import Word, name_marks

RANKED: Final = 500
_RANKED_EACH: Final = 300
_COUNTED: Final = 10_000

# How much a word counts where it stands, in PostgreSQL's order D, C, B, A: column descriptions and owners; descriptions;
# column names and tags; names and titles.
_RANK: Final = "ts_rank('{0.05, 0.15, 0.4, 1.0}', dataset.search_document, %s::tsquery, 1)"
# How much being used counts: little when any word is enough, or what everybody uses would answer every question.
_USE: Final = {False: 0.2, True: 0.05}
_SEEN: Final = ("pk", "name", "table_name", "popularity", "search_document", "search_names")
_STATEMENT: Final = """
    WITH seen (id, name, table_name, popularity, document, names) AS NOT MATERIALIZED ({seen}),
         candidate (id) AS ({streams}),
         ranked AS (
             SELECT dataset.id, dataset.name, {tier} AS tier,
                    (1000000 * ({relevance}) * (1 + %s * ln(dataset.popularity + 1))
                     * CASE WHEN lower(dataset.table_name) ^@ %s THEN 1 + %s / length(dataset.table_name)::float ELSE 1 END
                     * CASE WHEN dataset.missing_at IS NOT NULL THEN 0.25
                            WHEN dataset.deprecated_at IS NOT NULL THEN 0.5 ELSE 1 END)::bigint AS score
               FROM candidate JOIN catalog_dataset AS dataset USING (id))
    SELECT id, tier, score, name FROM ranked {after} ORDER BY tier, score DESC, name LIMIT %s
"""


class Tier(IntEnum):
    """Why a dataset is where it is; a lower tier comes first whatever the scores."""

    NAME = 0
    NAME_STARTS = 1
    EVERY_WORD = 2
    SOME_WORDS = 3
    CURRENT = 4
    PAST = 5


@dataclass(frozen=True)
class Place:
    """Where a dataset stands in the order: by tier, then score (the higher first), then name."""

    id: int
    tier: int
    score: int
    name: str


@dataclass(frozen=True)
class _Sql:
    text: str
    params: tuple[Any, ...] = ()


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
    datasets: QuerySet[Dataset],
    asked: Asked,
    *,
    loosely: bool,
    visible: QuerySet[Dataset],
    after: tuple[int, int, str] | None = None,
    limit: int,
) -> list[Place]:
    """The places of the datasets that answer, best first, beginning after a tier, score and name.

    `visible` is what the viewer may see before any filter: words are rare or common by what is in there, so that
    what is hidden does not even move the order.

    Cost: one statement; a loose search first counts each word.
    """
    try:
        seen = _Sql(*datasets.order_by().values_list(*_SEEN).query.sql_with_params())
    except EmptyResultSet:
        return []
    streams = _joined(" UNION ", _streams(asked, loosely=loosely))
    tier = _tier(asked, loosely=loosely)
    relevance = _rarity(visible, asked) if loosely else _relevance(asked)
    start = float(len(asked.start))
    place = (
        _Sql("WHERE (tier, -score, name) > (%s, %s, %s)", (after[0], -after[1], after[2]))
        if after
        else _Sql("")
    )
    statement = _STATEMENT.format(
        seen=seen.text,
        streams=streams.text,
        tier=tier.text,
        relevance=relevance.text,
        after=place.text,
    )
    params = (
        *seen.params, *streams.params, *tier.params, *relevance.params,
        _USE[loosely], asked.start, start, *place.params, limit,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [Place(*row) for row in cursor.fetchall()]


def _joined(separator: str, parts: Iterable[_Sql]) -> _Sql:
    parts = tuple(parts)
    return _Sql(
        separator.join(part.text for part in parts),
        tuple(param for part in parts for param in part.params),
    )


def _streams(asked: Asked, *, loosely: bool) -> Iterator[_Sql]:
    """The ways to be among those compared: by name, and among the most used of those that have the words.

    By name as well, because thousands may mention what one is called that nobody has used yet.
    """
    yield _Sql(
        "(SELECT id FROM seen WHERE names && %s::varchar[] LIMIT %s)", (list(asked.forms), RANKED)
    )
    if not asked.terms:
        return
    if loosely:
        yield from _loose(asked.terms)
        return
    if asked.is_open and len(asked.start) > 1:
        yield _by_name("lower(table_name) LIKE %s", f"{_escaped(asked.start)}%")
    yield _by_name("names @> %s::varchar[]", _marks(asked.terms))
    yield _most_used(every(asked.terms, is_open=asked.is_open), RANKED)


def _loose(terms: Sequence[Word]) -> Iterator[_Sql]:
    for kept in all_but_one(terms):
        yield _by_name("names @> %s::varchar[]", _marks(kept))
        yield _most_used(every(kept, is_open=False), _RANKED_EACH)
    for term in terms:
        yield _most_used(term_query(term), _RANKED_EACH)


def _most_used(query: str, limit: int) -> _Sql:
    # PostgreSQL knows how common a word is: it walks the index by popularity for a broad one, and sorts a rare one.
    return _Sql(
        "(SELECT id FROM seen WHERE document @@ %s::tsquery ORDER BY popularity DESC, name LIMIT %s)",
        (query, limit),
    )


def _by_name(condition: str, param: object) -> _Sql:
    return _Sql(
        f"(SELECT id FROM seen WHERE {condition} ORDER BY popularity DESC, name LIMIT %s)",  # noqa: S608 - ours
        (param, _RANKED_EACH),
    )


def _marks(terms: Sequence[Word]) -> list[str]:
    return [mark for term in terms for mark in name_marks(" ".join(term.parts))]


def _escaped(start: str) -> str:
    return start.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _tier(asked: Asked, *, loosely: bool) -> _Sql:
    rest = Tier.SOME_WORDS if loosely else Tier.EVERY_WORD
    return _Sql(
        "CASE WHEN dataset.search_names && %s::varchar[] THEN %s"
        " WHEN EXISTS (SELECT 1 FROM unnest(dataset.search_names) AS spelled WHERE spelled ^@ %s) THEN %s"
        " ELSE %s END",
        (list(asked.forms), Tier.NAME.value, asked.start, Tier.NAME_STARTS.value, rest.value),
    )


def _relevance(asked: Asked) -> _Sql:
    if not asked.terms:
        return _Sql("1")
    return _Sql(_RANK, (every(asked.terms, is_open=asked.is_open),))


def _rarity(visible: QuerySet[Dataset], asked: Asked) -> _Sql:
    """The sum over the words of how well each is answered, a rare word counting more: `ts_rank` itself knows no rarity."""
    n_all = _count(visible)
    weighed = [_Sql("0")]
    for term in asked.terms:
        query = term_query(term)
        n_with = _count(visible.filter(Matches(query)))
        if n_with:
            weighed.append(_Sql(f"%s * {_RANK}", (math.log(1 + n_all / n_with), query)))
    return _joined(" + ", weighed)


def _count(datasets: QuerySet[Dataset]) -> int:
    return datasets.order_by().values("pk")[:_COUNTED].count()
