"""Keeps what search reads: each dataset's names and document, and the words there are.

The document stands in the dataset's own row, so that it changes in the transaction that changes the dataset and cannot
drift from it. Whoever changes what a dataset says calls `refresh` with its id.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, transaction

from catalog.models import Alias, Column, Contact, Dataset, SearchWord
from catalog.search.spelling import deletions, is_mendable
from catalog.search.words import joined, lexemes_of, name_forms, name_marks

_BATCH: Final = 500
_BATCH_OF_WORDS: Final = 2_000
_LAST_POSITION: Final = 16_000
_MOST_POSITIONS: Final = 12

_UPDATE: Final = """
    UPDATE catalog_dataset AS stored
       SET search_names = made.names, search_document = made.document
      FROM (SELECT id, ARRAY(SELECT jsonb_array_elements_text(names::jsonb))::varchar(600)[] AS names,
                   document::tsvector AS document
              FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS row (id, names, document)) AS made
     WHERE stored.id = made.id
       AND (stored.search_names, stored.search_document) IS DISTINCT FROM (made.names, made.document)
"""
_LEXEMES: Final = """
    SELECT id, tsvector_to_array(search_document) FROM catalog_dataset WHERE id = ANY(%s)
"""
_COUNT: Final = """
    INSERT INTO catalog_searchword AS known (word, n_datasets, deletions)
    SELECT word, greatest(n, 0), ARRAY(SELECT jsonb_array_elements_text(hashes::jsonb)::int)
      FROM unnest(%s::text[], %s::int[], %s::text[]) AS row (word, n, hashes)
        ON CONFLICT (word) DO UPDATE
       SET n_datasets = greatest(known.n_datasets + (%s::jsonb ->> known.word)::int, 0)
"""


@dataclass
class Document:
    """What one dataset can be found by: its names, and the text of each weight."""

    id: int
    names: list[str]
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def lexemes(self) -> dict[str, list[str]]:
        """Each word of the document with where it stands and the weight it has there, as PostgreSQL writes it."""
        stands: dict[str, list[str]] = defaultdict(list)
        position = 0
        for weight in "ABCD":
            for text in self.texts[weight]:
                for word in lexemes_of(text):
                    position = min(position + 1, _LAST_POSITION)
                    if len(stands[word]) < _MOST_POSITIONS:
                        stands[word].append(f"{position}{weight}")
        return stands


def refresh(dataset_ids: Collection[int] | None = None) -> int:
    """Makes the documents of some datasets, or of all, and the counts of their words; gives how many changed.

    All or nothing, and safe to repeat: a document that stays the same is not written.

    Cost: about six statements for each 500 datasets. With None it also recounts every word from the documents.
    """
    ids = sorted(
        Dataset.objects.order_by().values_list("pk", flat=True)
        if dataset_ids is None
        else set(dataset_ids)
    )
    moved: Counter[str] = Counter()
    changed = 0
    with transaction.atomic():
        for at in range(0, len(ids), _BATCH):
            changed += _refresh_batch(ids[at : at + _BATCH], moved)
        _count_words(moved)
        if dataset_ids is None:
            _recount()
    return changed


def _refresh_batch(ids: Sequence[int], moved: Counter[str]) -> int:
    # Locked in order, so that two refreshes of the same dataset count its words one after the other.
    locked = Dataset.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    documents = _documents(list(locked.values_list("pk", flat=True)))
    before = _lexemes_stored(ids)
    made = {document.id: document.lexemes() for document in documents}
    with connection.cursor() as cursor:
        cursor.execute(
            _UPDATE,
            [
                [document.id for document in documents],
                [json.dumps(document.names) for document in documents],
                [_vector(made[document.id]) for document in documents],
            ],
        )
        changed = int(cursor.rowcount)
    for pk, words in made.items():
        moved.update(words.keys())
        moved.subtract(before.get(pk, ()))
    return changed


def _vector(lexemes: dict[str, list[str]]) -> str:
    return " ".join(f"'{word}':{','.join(places)}" for word, places in lexemes.items())


def _lexemes_stored(ids: Sequence[int]) -> dict[int, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [list(ids)])
        return {pk: words or [] for pk, words in cursor.fetchall()}


def _count_words(moved: Counter[str]) -> None:
    """Moves the count of each word by the datasets that gained or lost it."""
    # Sorted, so that two imports at once take the rows in the same order and cannot lock each other out.
    words = sorted(word for word, n in moved.items() if n and is_mendable(word))
    for at in range(0, len(words), _BATCH_OF_WORDS):
        _count_some(words[at : at + _BATCH_OF_WORDS], moved)


def _count_some(words: list[str], moved: Counter[str]) -> None:
    known = set(SearchWord.objects.filter(word__in=words).values_list("word", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            [
                words,
                [moved[word] for word in words],
                ["[]" if word in known else json.dumps(deletions(word)) for word in words],
                json.dumps({word: moved[word] for word in words}),
            ],
        )


def _recount() -> None:
    """Sets every word's count from the documents themselves and forgets words that no document has."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE catalog_searchword AS known SET n_datasets = coalesce(stands.ndoc, 0)
              FROM catalog_searchword AS word
              LEFT JOIN ts_stat('SELECT search_document FROM catalog_dataset') AS stands USING (word)
             WHERE known.id = word.id AND known.n_datasets <> coalesce(stands.ndoc, 0)
            """
        )
    SearchWord.objects.filter(n_datasets=0).delete()


def _documents(ids: Sequence[int]) -> list[Document]:
    documents = {row["pk"]: _begun(row) for row in _dataset_rows(ids)}
    for pk, name, description, tags in _column_rows(ids):
        texts = documents[pk].texts
        texts["B"] += [name, *([joined(name)] if "_" in name else []), *tags]
        texts["D"].append(description)
    for pk, name, email in _contact_rows(ids):
        documents[pk].texts["D"] += [name, email.partition("@")[0]]
    for pk, value in Alias.objects.filter(dataset__in=ids).values_list("dataset", "value"):
        documents[pk].names += name_forms(value)
    for document in documents.values():
        document.names = sorted(set(document.names))
    return list(documents.values())


def _dataset_rows(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    return (
        Dataset.objects.filter(pk__in=ids)
        .order_by("pk")
        .values(
            "pk", "name", "schema_name", "table_name", "title", "description", "tags",
            "deprecation_note", "domain__name", "domain__title", "warehouse__name",
        )
    )  # fmt: skip


def _begun(row: Mapping[str, Any]) -> Document:
    """The names and own words of a dataset."""
    table, title = row["table_name"], row["title"]
    qualified = f"{row['schema_name']}.{table}"
    names = [form for name in (row["name"], qualified, table, title) for form in name_forms(name)]
    names += [mark for name in (table, title) for mark in name_marks(name)]
    document = Document(row["pk"], names)
    document.texts["A"] += [table, joined(table), title]
    document.texts["B"] += [*row["tags"], row["domain__name"] or "", row["domain__title"] or ""]
    document.texts["C"] += [
        row["description"], row["schema_name"], row["warehouse__name"], row["deprecation_note"],
    ]  # fmt: skip
    return document


def _column_rows(ids: Sequence[int]) -> Iterator[tuple[int, str, str, list[str]]]:
    columns = Column.objects.filter(dataset__in=ids, removed_at=None).order_by(
        "dataset", "position"
    )
    yield from columns.values_list("dataset", "name", "description", "tags")


def _contact_rows(ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    contacts = Contact.objects.filter(dataset__in=ids).order_by("dataset", "pk")
    yield from contacts.values_list("dataset", "name", "email")
