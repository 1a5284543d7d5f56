"""What people of several schools ask through the API, and what attackers try, with rights that combine by cell.

Every question has to be answered like the same query over the shop cut and masked by hand; whatever is tried has to
end alike in two worlds that differ only in what Ada may not see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from psycopg.types.multirange import MultirangeInfo
from psycopg.types.range import RangeInfo
from psycopg.types.string import TextLoader

from access.clock import database_now
from access.errors import Refusal
from access.gate import opening
from access.gate.judging import mask_key
from portal.configuration.applying import apply
from tests.access.sql.corpus import sections
from tests.journeys import cells_world
from tests.journeys.conftest import Caller
from tests.journeys.test_gate_over_http import caller

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.drill]

FOLDER = Path(__file__).parent / "cells"
ENGINES = ("duckdb", "postgresql")
WORLDS = ("pearl", "opal")
# An interval as text; the drivers spell it otherwise.
SPAN = re.compile(r"-?(\d+ (years?|mons?|months?|days?) ?)*(-?\d{2}:\d{2}:\d{2}(\.\d+)?)?")
LETTER = re.compile(r"\\u([0-9a-f]{4})")
MARKS = ("HIDDENone", "HIDDENtwo", "SSN0", "CEO", "root:x")


class Shop:
    """Ada before both worlds of one engine, and the shop as she should find it."""

    def __init__(self, engine: str, ada: Caller, truth: Any) -> None:
        self.engine = engine
        self.ada = ada
        self._truth = truth

    def said(self, world: str, sql: str) -> tuple[int, dict[str, Any]]:
        """Status and body of one query in one world, without what differs from call to call."""
        sql = sql.replace("WH.", f"{world}.")
        response = self.ada.post("/queries", sql=sql, warehouse=world, schema="shop")
        try:
            parts = response.streaming_content if response.streaming else [response.content]
            status, body = response.status_code, json.loads(b"".join(parts))
        except Refusal as refusal:
            # It came after the first rows: to a client, a stream that breaks off.
            status, body = 200, {"broken": refusal.code, "detail": str(refusal), "rows": []}
        finally:
            response.close()
        for key in ("id", "query", "query_id", "instance", "valid_until", "fingerprint", "seconds"):
            body.pop(key, None)
        text = (
            json.dumps(body, sort_keys=True)
            .replace(f"{world}.", "wh.")
            .replace(f'"{world}"', '"wh"')
        )
        return status, json.loads(text)

    def truth(self, sql: str) -> tuple[list[str], list[str]]:
        """Column names and rows of the query as it is written, over the copy."""
        cursor = self._truth.execute(
            sql.replace("WH.", "" if self.engine == "postgresql" else "wh.")
        )
        return [column[0] for column in cursor.description], alike(cursor.fetchall())


def alike(rows: list[Any]) -> list[str]:
    """Rows as comparable text, without regard to their order."""
    return sorted(repr([plain(value) for value in row]) for row in rows)


def plain(value: Any) -> Any:
    """A value as JSON would say it, numbers to six digits and moments in UTC."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return f"{float(value):.6g}"
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return "a span"
    if isinstance(value, dict):
        return sorted((str(key), plain(part)) for key, part in value.items())
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return moment(value) if isinstance(value, str) else str(value)


def moment(text: str) -> Any:
    """A moment without its zone, a span as such, JSON as what it says; any other text as it is."""
    if SPAN.fullmatch(text):
        return "a span"
    try:
        if text.startswith(("{", "[", '"')):
            return plain(json.loads(text))
        return plain(datetime.fromisoformat(text)) if "T" in text and ":" in text else text
    except ValueError:
        return text


@pytest.fixture
def shop(request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None) -> Iterator[Shop]:
    engine = request.param
    place = duckdb_shop if engine == "duckdb" else postgresql_shop
    yield from place(engine, tmp_path, request)


def duckdb_shop(engine: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Shop]:
    for world in (*WORLDS, "copy"):
        with duckdb.connect(str(folder / f"{world}.duckdb")) as connection:
            for statement in cells_world.statements(engine, world != WORLDS[1]):
                connection.execute(statement)
            for statement in copied(engine, world):
                connection.execute(statement)
    urls = {world: f"duckdb:///{folder}/{world}.duckdb" for world in WORLDS}
    with duckdb.connect() as truth:
        truth.execute(f"attach '{folder}/copy.duckdb' as wh (read_only)")
        truth.execute("use wh.shop")
        truth.execute("set timezone = 'UTC'")
        yield Shop(engine, opened(folder, urls), truth)


def postgresql_shop(engine: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Shop]:
    url = request.getfixturevalue("postgres_url")
    facts = psycopg.conninfo.conninfo_to_dict(url)
    urls = {}
    with psycopg.connect(url, autocommit=True) as admin:
        swept(admin)
        admin.execute("CREATE ROLE cells_reader LOGIN")
        for world in (*WORLDS, "copy"):
            admin.execute(f"CREATE DATABASE cells_{world}")  # type: ignore[arg-type]
            place = psycopg.conninfo.make_conninfo(url, dbname=f"cells_{world}")
            with psycopg.connect(place, autocommit=True) as owner:
                for statement in cells_world.statements(engine, world != WORLDS[1]):
                    owner.execute(statement.encode())
                for statement in copied(engine, world):
                    owner.execute(statement.encode())
                for schema in ("shop", "ref") + (("secret",) if world != "copy" else ()):
                    owner.execute(f"GRANT USAGE ON SCHEMA {schema} TO cells_reader".encode())
                    owner.execute(
                        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO cells_reader".encode()
                    )
                owner.execute("ANALYZE")
            urls[world] = (
                f"postgresql://cells_reader@/cells_{world}?host={facts['host']}&port={facts.get('port', 5432)}"
            )
        del urls["copy"]
        with psycopg.connect(
            psycopg.conninfo.make_conninfo(url, dbname="cells_copy"), autocommit=True
        ) as truth:
            truth.execute("set search_path = shop, pg_catalog")
            truth.execute("set timezone = 'UTC'")
            as_text(truth)
            yield Shop(engine, opened(folder, urls), truth)
        swept(admin)


def as_text(connection: psycopg.Connection[Any]) -> None:
    """Has arrays, ranges and JSON arrive as PostgreSQL prints them, as they do through the portal."""
    for known in connection.adapters.types:
        if known.array_oid:
            connection.adapters.register_loader(known.array_oid, TextLoader)
        if isinstance(known, RangeInfo | MultirangeInfo):
            connection.adapters.register_loader(known.oid, TextLoader)


def copied(engine: str, world: str) -> Iterator[str]:
    """What makes the first world the shop as Ada should find it."""
    if world == "copy":
        yield from cells_world.copy_statements(engine, mask_key())


def swept(admin: Any) -> None:
    """Nothing of these tests is left on the server."""
    for world in (*WORLDS, "copy"):
        admin.execute(f"DROP DATABASE IF EXISTS cells_{world} WITH (FORCE)")
    admin.execute("DROP ROLE IF EXISTS cells_reader")


def opened(folder: Path, urls: dict[str, str]) -> Caller:
    """Ada, once both worlds are configured."""
    text = (FOLDER / "policies.yaml").read_text(encoding="utf-8")
    for world, url in urls.items():
        path = folder / f"{world}.yaml"
        path.write_text(text.replace("WORLD", world).replace("URL", url), encoding="utf-8")
        apply([path], now=database_now())
    return caller("ada")


def corpus(name: str, engine: str, kind: str = "") -> list[str]:
    """The queries of one file that this engine can be asked."""
    found = sections(FOLDER / name)
    chosen = found[f"{kind}both"] + found[f"{kind}{engine}"]
    return [LETTER.sub(lambda match: chr(int(match[1], 16)), sql) for sql in chosen]


CATALOG = ("summarize", "describe", "show", "select table_name")


@pytest.mark.parametrize("shop", ENGINES, indirect=True)
def test_questions_are_answered_like_over_the_cut_shop(shop: Shop) -> None:
    are_true(shop, corpus("questions.sql", shop.engine))


def are_true(shop: Shop, questions: list[str]) -> None:
    wrong = [problem for sql in questions if (problem := untrue(shop, sql))]
    assert not wrong, "\n".join(wrong)


def untrue(shop: Shop, sql: str) -> str:
    """What is wrong about the answer to a legitimate query; the copy was made from the other world."""
    status, body = shop.said(WORLDS[1], sql)
    if status != 200 or "broken" in body:
        return f"refused: {sql}\n  {body.get('code')} {body.get('detail')}"
    if sql.lower().startswith(CATALOG):
        return ""
    try:
        names, rows = shop.truth(sql)
    except (duckdb.Error, psycopg.Error) as error:
        return f"no truth: {sql}\n  {error}"
    told = alike(body["rows"])
    found = [column["name"] for column in body["columns"]]
    if told != rows:
        pairs = [pair for pair in zip(told, rows, strict=False) if pair[0] != pair[1]][:2]
        return f"untrue: {sql}\n  {len(told)} {len(rows)} {pairs}"
    return "" if found == names or not plainly_named(names) else f"names: {sql}\n  {found} {names}"


def plainly_named(names: list[str]) -> bool:
    """Whether the engine named every column after one; what it makes of an expression differs in spelling."""
    return all(name.replace("_", "").isalnum() for name in names)


@pytest.mark.parametrize("shop", ENGINES, indirect=True)
def test_whatever_is_tried_ends_alike(shop: Shop) -> None:
    tell_nothing(shop, corpus("attempts.sql", shop.engine))


@pytest.mark.parametrize("shop", ENGINES, indirect=True)
def test_what_would_exhaust_the_engine_ends_alike(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "FIRST_ROW_SECONDS", 5)
    tell_nothing(shop, corpus("attempts.sql", shop.engine, "heavy "))


def tell_nothing(shop: Shop, attempts: list[str]) -> None:
    wrong = [problem for sql in attempts if (problem := telling(shop, sql))]
    assert not wrong, "\n".join(wrong)


def telling(shop: Shop, sql: str) -> str:
    """What an attempt tells, by answering otherwise in another world or by showing what is hidden."""
    one, other = (shop.said(world, sql) for world in WORLDS)
    shown = f"{sql}\n  {str(one)[:300]}\n  {str(other)[:300]}"
    if one != other and not (is_whole(one) and is_whole(other) and same_rows(one[1], other[1])):
        return f"differs: {shown}"
    if any(mark in str(told) for mark in MARKS for told in (one, other) if mark not in sql):
        return f"told: {shown}"
    return f"failed: {shown}" if one[0] >= 500 else ""


def is_whole(answer: tuple[int, dict[str, Any]]) -> bool:
    return answer[0] == 200 and "broken" not in answer[1]


def same_rows(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return alike(one["rows"]) == alike(other["rows"])
