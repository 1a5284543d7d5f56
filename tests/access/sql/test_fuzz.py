"""Bytes, mutations and giants: the guard ends in a plan or a refusal, soon, within little memory."""

import random
import time
import tracemalloc

import pytest

from access.errors import Refusal
from tests.access.sql.company import BOTH, plan
from tests.access.sql.corpus import sections

# A hundred times what it takes on an idle machine: what grows faster than its text takes longer still.
SECONDS = 30
BYTES = 4 << 20
LONGEST_MESSAGE = 1000
CORPUS = [
    sql
    for name in ("attacks.sql", "benign.sql", "raids.sql", "worlds.sql")
    for queries in sections(name).values()
    for sql in queries
]
WORDS = [
    "select",
    "from",
    "where",
    "group",
    "by",
    "order",
    "with",
    "as",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    ";",
    "*",
    "::",
    "->",
    "'",
    '"',
    "$$",
    "--",
    "/*",
    "*/",
    "e'",
    "u&'",
    "x'",
    "\\",
    "\x00",
    "�",
]


def _end(text: str, dialect: str) -> str:
    began = time.perf_counter()
    code, message = _answer(text, dialect)
    assert time.perf_counter() - began < SECONDS, text[:200]
    assert message.isprintable()
    assert len(message) < LONGEST_MESSAGE
    return code


def _answer(text: str, dialect: str) -> tuple[str, str]:
    try:
        plan(text, dialect)
    except Refusal as refusal:
        return refusal.code, refusal.message
    return "planned", ""


@pytest.mark.parametrize("dialect", BOTH)
def test_random_bytes_end_in_a_refusal(dialect: str) -> None:
    chance = random.Random(20261122)
    for _ in range(300):
        noise = chance.randbytes(chance.randint(0, 300))
        for text in (
            noise.decode("latin-1"),
            noise.decode("utf-8", "replace"),
            noise.decode("utf-16", "replace"),
        ):
            assert _end(text, dialect) != "planned"
            _end(f"select {text}", dialect)


@pytest.mark.parametrize("n_queries", [500, pytest.param(20_000, marks=pytest.mark.drill)])
@pytest.mark.parametrize("dialect", BOTH)
def test_mutated_queries_end_in_a_plan_or_a_refusal(dialect: str, n_queries: int) -> None:
    chance = random.Random(f"{dialect} 20261122")
    for _ in range(n_queries):
        _end(_mutated(chance), dialect)


@pytest.mark.parametrize("n_queries", [400, pytest.param(50_000, marks=pytest.mark.drill)])
@pytest.mark.parametrize("dialect", BOTH)
def test_words_said_again_and_again_end_soon(dialect: str, n_queries: int) -> None:
    """What a parser or a walk takes in more than one way shows when it is repeated."""
    chance = random.Random(f"{dialect} 20261128")
    for _ in range(n_queries):
        words = chance.choice(CORPUS).split(" ")
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(words))
            until = at + chance.randint(1, 6)
            words[at:until] = words[at:until] * chance.choice([2, 5, 19, 40])
        _end(" ".join(words), dialect)


def _mutated(chance: random.Random) -> str:
    text = chance.choice(CORPUS)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(text) + 1)
        until = at + chance.randint(0, 12)
        other = chance.choice(CORPUS)
        start = chance.randrange(len(other))
        text = chance.choice(
            [
                text[:at] + text[until:],
                text[:at] + chance.choice(WORDS) + text[at:],
                text[:at] + other[start : start + 20] + text[until:],
                text[:at] + text[at:until] * chance.randint(2, 30) + text[until:],
                text[:at] + chr(chance.randrange(0x11000)) + text[at:],
                text[until:] + text[:at],
            ]
        )
    return text


GIANTS = {
    "a megabyte of text": "select '" + "x" * 1_000_000 + "'",
    "a megabyte of columns": "select " + "a," * 500_000 + "a",
    "a megabyte of brackets": "select " + "(" * 1_000_000,
    "a megabyte of comments": "select 1 " + "/**/" * 250_000,
    "a megabyte of spaces": " " * 1_000_000 + "select 1",
    "a megabyte of quotes": "select " + "'" * 1_000_001,
    "a megabyte of unions": " union ".join(["select 1"] * 70_000),
    "a megabyte of nothing": "\0" * 1_000_000,
    "many columns": "select " + "a," * 19_000 + "a from orders",
    "many values": "values " + "(1)," * 9_000 + "(1)",
    "many dots": "select a" + ".a" * 30_000,
    "many strings": "select " + "''" * 40_000,
    "many operators": "select 1" + "+1" * 19_000,
    "many signs": "select " + "-" * 90_000 + "1",
    "many joins": "select 1 from orders" + " natural join orders" * 4_000,
    "joins that compare all": "select 1 from orders o" + "".join(f" natural join orders o{i}" for i in range(298)),
    "joins without an end": "select 1 from orders o" + " left join items i" * 250,
    "many ands": "select 1 from orders where " + "id=1 and " * 9_000 + "true",
    "many cases": "select " + "case when 1=1 then 1 " * 4_000,
    "many withs": "with " + ",".join(f"a{i} as (select 1)" for i in range(5_000)) + " select 1",
    "names that grow": "with a as (select id as i0 from orders)" + "".join(f", b{i} as (select *, id as c{i} from orders, a)" for i in range(300)) + " select * from a",
    "a star that doubles": "with w0 as (select * from orders)" + "".join(f", w{i} as (select * from w{i - 1} a, w{i - 1} b)" for i in range(1, 60)) + " select 1 from w59",
    "subqueries that double": "select 1 from " + "(select * from " * 12 + "orders" + " a, orders b) x" * 12,
    "stars beside stars": "select " + ", ".join(["*"] * 15_000) + " from orders",
    "many usings": "select 1 from orders" + " join orders using (id)" * 3_000,
    "stars of stars": "select * from " + ", ".join(f"orders o{i}" for i in range(800)),
    "a long name": 'select "' + "x" * 90_000 + '" from orders',
    "a long number": "select " + "9" * 90_000,
    "a deep thousand": "select " + "(select " * 1000 + "1" + ")" * 1000,
    "a deep thousand of tables": "select * from " + "(select * from " * 1000 + "orders" + ") x" * 1000,
    "a deep thousand of calls": "select " + "abs(" * 1000 + "id" + ")" * 1000 + " from orders",
    "a deep thousand of cases": "select " + "case when id = 1 then " * 1000 + "1" + " end" * 1000 + " from orders",
    "a deep thousand of lists": "select " + "[" * 1000 + "]" * 1000,
    "a deep thousand of arrays": "select " + "array[" * 1000 + "1" + "]" * 1000,
    "a deep thousand of structs": "select " + "{'a': " * 1000 + "1" + "}" * 1000,
    "a deep thousand of joins": "select 1 from " + "(" * 1000 + "orders" + " natural join orders)" * 1000,
    "a deep thousand of parts": "with a as (" * 1000 + "select 1" + ") select 1" * 1000,
    "a deep thousand of casts": "select id" + "::text::bigint" * 500 + " from orders",
    "a deep thousand of casts inside": "select " + "cast(" * 1000 + "1" + " as int)" * 1000,
    "a deep thousand of paths": "select '{}'::json" + " -> 'a'" * 1000,
    "a deep thousand of positions": "select id" + "[1]" * 1000 + " from orders",
    "a deep thousand of conditions": "select 1 from orders where " + "not (id = 1 or " * 1000 + "true" + ")" * 1000,
    "a deep thousand of memberships": "select 1 from orders where id in (select id from orders where " * 1000 + "true" + ")" * 1000,
    "a deep thousand of unions": "select 1 from " + "(select 1 union " * 1000 + "select 1" + ") x" * 1000,
    "a deep thousand of filters": "select " + "count(*) filter (where " * 1000 + "true" + ")" * 1000 + " from orders",
    "a deep thousand of windows": "select " + "sum(" * 1000 + "id" + ") over ()" * 1000 + " from orders",
    "a deep thousand of lambdas": "select " + "list_transform([1], lambda x: " * 1000 + "x" + ")" * 1000,
    "a deep thousand of laterals": "select 1 from orders" + ", lateral (select 1 from orders" * 1000 + ")" * 1000,
    "a deep thousand of comments": "select " + "/*" * 1000 + "*/" * 1000 + " 1",
}  # fmt: skip


REFUSED = {
    "too_large", "unsupported", "not_one_statement", "not_a_query", "unknown_column", "unknown_table",
    "function_not_allowed", "planned",
}  # fmt: skip


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("kind", GIANTS)
def test_a_giant_ends_soon(kind: str, dialect: str) -> None:
    assert _end(GIANTS[kind], dialect) in REFUSED


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("kind", [kind for kind in GIANTS if kind.startswith("a megabyte")])
def test_a_megabyte_is_refused_before_it_is_read(kind: str, dialect: str) -> None:
    text = GIANTS[kind]
    tracemalloc.start()
    try:
        code = _end(text, dialect)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert code == "too_large"
    assert peak < BYTES
