"""Any text whatever ends in a plan or a refusal, soon, and never in a traceback."""

import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.errors import Refusal
from tests.access.sql.company import BOTH, plan
from tests.access.sql.corpus import sections

DEEP = {
    "parentheses": "select " + "(" * 1000 + "1" + ")" * 1000,
    "subqueries": "select * from " + "(select * from " * 1000 + "orders" + ") t" * 1000,
    "calls": "select " + "lower(" * 1000 + "'x'" + ")" * 1000,
    "cases": "select " + "case when true then " * 1000 + "1" + " end" * 1000,
    "lists": "select " + "[" * 1000 + "]" * 1000,
    "negations": "select " + "not " * 1000 + "true",
    "minuses": "select " + "- " * 1000 + "1",
    "casts": "select 1" + "::int" * 1000,
    "brackets": "select x" + "[1]" * 1000,
    "fields": "select x" + ".y" * 1000,
    "methods": "select 'x'" + ".lower()" * 1000,
    "keyword methods": "select 'x'" + ".left(1)" * 1000,
    "withs": "with " * 1000 + "select 1",
    "unclosed": "(" * 5000,
    "arrows": "select x" + " -> 'a'" * 1000,
    "types": "select x::" + "struct(a " * 500 + "int" + ")" * 500,
    "nested types": "select x::int" + "[]" * 1000,
    "exists": "select " + "exists (select 1 where " * 300 + "true" + ")" * 300,
    "lambdas": "select " + "list_transform([1], lambda x: " * 300 + "1" + ")" * 300,
    "intervals": "select " + "interval " * 500 + "'1' day",
    "comments": "select 1 " + "/*" * 5000,
    "prefix": "x: " * 1000 + "1",
    "from": "from " * 1000 + "orders",
}


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("kind", DEEP)
def test_deep_nesting_is_refused_quickly(kind: str, dialect: str) -> None:
    began = time.perf_counter()

    with pytest.raises(Refusal):
        plan(DEEP[kind], dialect)

    assert time.perf_counter() - began < 3


LONG = {
    "a long IN list": "select id from orders where id in (" + ",".join(map(str, range(5000))) + ")",
    "a long OR": "select id from orders where " + " or ".join(f"id = {i}" for i in range(800)),
    "a long AND": "select id from orders where " + " and ".join(f"id <> {i}" for i in range(800)),
    "a long sum": "select " + " + ".join(["1"] * 1500),
    "a long concatenation": "select " + " || ".join(["'x'"] * 1500),
    "a long UNION": " union all ".join(["select 1"] * 150),
    "many columns": "select " + ", ".join(f"id as c{i}" for i in range(1500)) + " from orders",
    "many joins": "select 1 from orders o0 "
    + " ".join(f"join orders o{i} on o{i}.id = o0.id" for i in range(1, 60)),
}


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("kind", LONG)
def test_long_but_flat_queries_pass(kind: str, dialect: str) -> None:
    assert plan(LONG[kind], dialect).sql


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        plan("select '" + "x" * 1_000_000 + "'")

    assert caught.value.code == "too_large"


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_ends_in_a_plan_or_a_refusal(text: str) -> None:
    _try(text)


PIECES = [
    "select", "from", "where", "group by", "order by", "limit", "with", "as", "(", ")", "[", "]", "{", "}", ",", ".",
    ";", "*", "orders", "customers", "closed", "vault", "id", "ssn", "name", "'x'", "1", "1.5", "=", "<", "->", "::",
    "int", "case", "when", "then", "end", "in", "not", "null", "exists", "lateral", "join", "on", "using", "union",
    "pivot", "unpivot", "over", "partition by", "columns", "exclude", "replace", "lambda", "x:", "?", "$1", ":a",
    "e'\\", "$$", '"', "'", "--", "/*", "*/", "interval", "date", "values", "unnest", "range", "filter", "distinct",
]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(words=st.lists(st.sampled_from(PIECES), max_size=25))
def test_any_run_of_words_ends_in_a_plan_or_a_refusal(words: list[str]) -> None:
    _try(" ".join(words))


@pytest.mark.parametrize("n_queries", [1000, pytest.param(30_000, marks=pytest.mark.drill)])
def test_mutated_queries_end_in_a_plan_or_a_refusal(n_queries: int) -> None:
    chance = random.Random(20261122)
    corpus = [sql for queries in sections("benign.sql").values() for sql in queries]
    corpus += [sql for queries in sections("attacks.sql").values() for sql in queries]
    for _ in range(n_queries):
        _try(_mutated(chance, corpus))


def _mutated(chance: random.Random, corpus: list[str]) -> str:
    text = chance.choice(corpus)
    for _ in range(chance.randint(1, 4)):
        at, kind = chance.randrange(len(text) + 1), chance.randrange(4)
        if kind == 0:
            text = text[:at] + text[at + chance.randint(1, 5) :]
        elif kind == 1:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind == 2:
            text = text[:at] + chance.choice(string.printable) + text[at:]
        else:
            other = chance.choice(corpus)
            text = text[:at] + other[chance.randrange(len(other) + 1) :]
    return text


def _try(text: str) -> None:
    for dialect in BOTH:
        refusal = _refusal(text, dialect)
        if refusal is not None:
            assert refusal.message.endswith(".")
            assert refusal.__cause__ is None, "the guard tripped instead of deciding"


def _refusal(text: str, dialect: str) -> Refusal | None:
    try:
        plan(text, dialect)
    except Refusal as refusal:
        return refusal
    return None


def test_a_byte_order_mark_is_no_part_of_the_query() -> None:
    assert plan("\ufeffselect id from orders").output == ("id",)
