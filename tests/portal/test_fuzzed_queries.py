"""Whatever is posted to the query API is answered soon, in JSON, with a code, and never with a traceback."""

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from access.clock import database_now
from access.models import Principal
from access.people import tokens
from catalog.engines import duckdb_pool
from tests.access.gate.house import House, build_duckdb
from tests.access.sql.corpus import sections
from tests.access.sql.test_fuzz import GIANTS

SECONDS = 30
CORPUS = [
    sql
    for name in ("attacks.sql", "raids.sql")
    for found in sections(name).values()
    for sql in found
]


@pytest.fixture
def post(db: None, tmp_path: Path) -> Any:
    house = House.at(build_duckdb(tmp_path))
    analyst: Principal = house.person("analyst")
    house.grant(analyst)
    _, secret = tokens.issue(analyst, scopes=[], expires_at=None, actor=analyst, now=database_now())
    client = Client(raise_request_exception=True)

    def send(body: bytes | str) -> tuple[int, str]:
        began = time.perf_counter()
        response = client.post(
            "/api/v1/queries",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", "Accept": "application/json"},
        )
        content = b"".join(response)
        assert time.perf_counter() - began < SECONDS, body[:200]
        if response.status_code == 200:
            return 200, ""
        assert response["Content-Type"] == "application/problem+json"
        assert b"Traceback" not in content
        return response.status_code, json.loads(content)["code"]

    yield send
    duckdb_pool.close_all()


def _asked(sql: str) -> str:
    return json.dumps({"sql": sql, "warehouse": "wh", "schema": "sales"})


SOME = [kind for kind in GIANTS if kind.startswith("a megabyte")] + [
    *[kind for kind in GIANTS if kind.startswith("a deep thousand")],
    "many signs",
    "many joins",
]
EXPECTED = {200, 400, 403, 404, 413, 422, 429}


def test_noise_is_answered_like_any_bad_request(post: Any) -> None:
    chance = random.Random(20261122)
    for _ in range(40):
        noise = chance.randbytes(chance.randint(0, 200))
        assert post(noise)[0] in {400, 422}
        assert post(_asked(noise.decode("latin-1")))[0] in EXPECTED - {200}


def test_attacks_are_answered_with_a_code(post: Any) -> None:
    chance = random.Random(20261122)
    for sql in chance.sample(CORPUS, 60):
        text = sql if chance.random() < 0.5 else sql[: chance.randrange(len(sql) + 1)]
        status, code = post(_asked(text))
        assert status in EXPECTED
        assert code or status == 200


@pytest.mark.parametrize("kind", SOME)
def test_giants_are_answered_with_a_code(post: Any, kind: str) -> None:
    status, code = post(_asked(GIANTS[kind]))

    assert status in EXPECTED
    assert code or status == 200
