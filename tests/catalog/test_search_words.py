"""Taking names and sentences apart, and mending slips of the keyboard."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.spelling import deletions, distance
from catalog.search.words import (
    fold,
    joined,
    lexemes_of,
    name_forms,
    parts_of,
    spaced,
    stem,
    terms_of,
)


@pytest.mark.parametrize(
    ("run", "parts"),
    [
        ("customerLifetimeValue", ["customer", "Lifetime", "Value"]),
        ("HTTPServer", ["HTTP", "Server"]),
        ("orders2024", ["orders", "2024"]),
        ("2024orders", ["2024", "orders"]),
        ("ID", ["ID"]),
        ("orders", ["orders"]),
        ("x", ["x"]),
        ("S3Bucket", ["S", "3", "Bucket"]),
        ("größeMaß", ["größe", "Maß"]),
    ],
)
def test_identifiers_are_cut_where_case_or_kind_changes(run: str, parts: list[str]) -> None:
    assert parts_of(run) == parts


@pytest.mark.parametrize(
    ("word", "singular"),
    [
        ("orders", "order"),
        ("categories", "category"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("batches", "batch"),
        ("caches", "cache"),
        ("sales", "sale"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("address", "address"),
        ("gas", "gas"),
        ("series", "sery"),
    ],
)
def test_plurals_are_taken_off_and_nothing_more(word: str, singular: str) -> None:
    assert stem(word) == singular


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stg_orders", {"stg", "orders", "order"}),
        ("main.dim_customers", {"main", "dim", "customers", "customer"}),
        ("Café Müller", {"cafe", "muller"}),
        ("customerLifetimeValue", {"customerlifetimevalue", "customer", "lifetime", "value"}),
        ("", set()),
        ("--- !!", set()),
        ("数据", {"数据"}),
    ],
)
def test_a_text_is_found_by_its_words_their_parts_and_singulars(
    text: str, expected: set[str]
) -> None:
    assert set(lexemes_of(text)) == expected


def test_a_name_counts_as_the_same_however_it_is_written() -> None:
    snake, camel, words = (
        set(name_forms(name))
        for name in ("customer_lifetime_value", "customerLifetimeValue", "Customer lifetime value")
    )

    assert snake & camel & words == {"customer lifetime value"}
    assert joined("customer_lifetime_value") == "customerlifetimevalue"
    assert spaced("stg_orders") == "stg orders"
    assert fold('"Jaffle"."main"."Orders"') == "jaffle.main.orders"


def test_little_words_are_left_out_of_a_sentence_but_not_of_a_name() -> None:
    assert [term.whole for term in terms_of("revenue per customer")] == ["revenue", "customer"]
    assert [term.whole for term in terms_of("per")] == ["per"]
    assert [term.whole for term in terms_of("stg_or")] == ["stg", "or"]


@given(st.text(max_size=60))
def test_every_word_is_letters_and_digits_so_that_nothing_typed_is_an_operator(text: str) -> None:
    assert all(word.isalnum() for word in lexemes_of(text))
    assert all(term.whole.isalnum() for term in terms_of(text))


def _slips(word: str) -> list[str]:
    letters = string.ascii_lowercase
    places = range(len(word))
    return [
        *(word[:at] + word[at + 1 :] for at in places),
        *(word[:at] + letter + word[at:] for at in places for letter in letters),
        *(word[:at] + letter + word[at + 1 :] for at in places for letter in letters),
        *(word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]),
    ]


def test_a_word_and_any_single_slip_of_it_share_a_hash() -> None:
    word = "customers"

    assert all(set(deletions(word)) & set(deletions(slip)) for slip in _slips(word))
    assert all(distance(word, slip) <= 1 for slip in _slips(word))


@pytest.mark.parametrize(
    ("left", "right", "slips"),
    [
        ("ab", "ba", 1),
        ("abc", "abc", 0),
        ("abc", "ab", 1),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),
        ("", "ab", 2),
    ],
)
def test_distance_counts_a_swap_of_neighbours_as_one_slip(
    left: str, right: str, slips: int
) -> None:
    assert distance(left, right) == slips


def test_hashes_are_whole_numbers_that_postgresql_takes() -> None:
    words = (
        "".join(random.Random(seed).choices(string.ascii_lowercase, k=8)) for seed in range(200)
    )

    assert all(-(2**31) <= number < 2**31 for word in words for number in deletions(word))
