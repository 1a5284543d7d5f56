"""Refused, asked, approved for less, read masked and filtered, counted, expired: the whole loop over HTTP."""

from collections.abc import Callable
from datetime import timedelta

import pyarrow as pa
import pytest

from access import sweep
from access.audit.sealing import seal, verify
from access.clock import database_now
from access.models import AuditEvent, Grant, GrantUse
from tests.journeys.conftest import Caller

Shop = Callable[[str], Caller]
WANTED = "select email, country, phone from sales.customers order by customer_id"


def asked_and_approved(shop: Shop, duration: str = "30d", **narrowed: object) -> tuple[Caller, int]:
    """Alice asks for what the refused query needed, Olga approves it; the grant."""
    alice, olga = shop("alice"), shop("olga")
    _, refused = alice.query(WANTED)
    body = refused["needs"][0]["request"]["body"]
    made = alice.post("/access-requests", **body, purpose="Churn report", duration=duration)
    assert made.status_code == 201, made.content
    decided = olga.post(
        f"/access-requests/{made.json()['id']}/decision", verdict="approve", **narrowed
    )
    assert decided.status_code == 200, decided.content
    return alice, decided.json()["grant"]


def test_a_refusal_carries_the_request_for_exactly_what_was_needed(shop: Shop) -> None:
    status, refused = shop("alice").query(WANTED)
    assert (status, refused["code"]) == (403, "no_grant")
    (need,) = refused["needs"]
    assert need["dataset"] == "wh.sales.customers"
    assert sorted(need["columns"]) == ["country", "customer_id", "email", "phone"]


def test_an_approval_for_fewer_columns_gives_exactly_those_masked_and_filtered(shop: Shop) -> None:
    alice, _ = asked_and_approved(
        shop, columns=["customer_id", "email", "phone"], rows="country = 'DE'"
    )
    status, answer = alice.query("select * from sales.customers order by customer_id")
    assert status == 200
    assert [column["name"] for column in answer["columns"]] == ["customer_id", "email", "phone"]
    assert [row[0] for row in answer["rows"]] == [1, 3]
    assert [row[2] for row in answer["rows"]] == ["+** 11", "+** 33"]
    assert not any("ada@" in row[1] for row in answer["rows"])
    status, refused = alice.query("select spent from sales.customers")
    assert (status, refused["code"]) == (403, "column_not_granted")
    assert refused["needs"][0]["columns"] == ["spent"]


def test_the_steward_sees_the_request_and_an_outsider_does_not(shop: Shop) -> None:
    alice, olga, otto = shop("alice"), shop("olga"), shop("otto")
    made = alice.post(
        "/access-requests", dataset="wh.sales.customers", purpose="Churn", duration="30d"
    ).json()
    assert made["decides"] == ["user:olga"]
    assert [each["id"] for each in olga.get("/access-requests").json()["items"]] == [made["id"]]
    assert otto.get("/access-requests").json()["items"] == []
    assert otto.get(f"/access-requests/{made['id']}").status_code == 404
    assert (
        otto.post(f"/access-requests/{made['id']}/decision", verdict="approve").status_code == 404
    )
    own = alice.post(f"/access-requests/{made['id']}/decision", verdict="approve")
    assert own.status_code == 403


def test_a_second_verdict_is_a_conflict(shop: Shop) -> None:
    asked_and_approved(shop)
    (made,) = shop("alice").get("/access-requests", view="mine").json()["items"]
    again = shop("olga").post(f"/access-requests/{made['id']}/decision", verdict="approve")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


def test_use_is_counted_by_column(shop: Shop) -> None:
    alice, grant = asked_and_approved(shop)
    alice.query("select country from sales.customers where email like '%a%'")
    (listed,) = alice.get("/grants").json()["items"]
    assert listed["last_used_at"]
    used = GrantUse.objects.filter(grant=grant).exclude(column_name="")
    assert sorted(used.values_list("column_name", flat=True)) == ["country", "email"]


def test_after_its_end_the_same_call_is_refused_though_nothing_swept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, grant = asked_and_approved(shop)
    assert alice.query(WANTED)[0] == 200
    _end_now(grant)
    status, refused = alice.query(WANTED)
    assert (status, refused["code"]) == (403, "no_grant")


def _end_now(grant: int) -> None:
    """Moves a grant into the past, whole, so that it ended a second ago."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE access_grant SET starts_at = starts_at - interval '60 days',"
            " expires_at = statement_timestamp() - interval '1 second' WHERE id = %s",
            [grant],
        )
        cursor.execute("SET session_replication_role = origin")


def test_arrow_and_csv_say_the_same_as_json(shop: Shop) -> None:
    alice, _ = asked_and_approved(shop)
    body = {"sql": WANTED}
    _, as_json = alice.query(WANTED)
    arrow = alice_accepts(alice, body, "application/vnd.apache.arrow.stream")
    table = pa.ipc.open_stream(arrow).read_all()
    assert [list(row.values()) for row in table.to_pylist()] == as_json["rows"]
    csv = alice_accepts(alice, body, "text/csv").decode().splitlines()
    assert csv[0] == "email,country,phone"
    assert len(csv) == len(as_json["rows"]) + 1


def alice_accepts(caller: Caller, body: dict[str, str], form: str) -> bytes:
    """The raw answer in one form."""
    import json

    from django.test import Client

    response = Client().post(
        "/api/v1/queries",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {caller.secret}", "Accept": form},
    )
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_an_idle_grant_is_warned_then_ended_then_restored(shop: Shop) -> None:
    alice, _ = asked_and_approved(shop, duration="180d")
    alice.query(WANTED)
    otto, olga = shop("otto"), shop("olga")
    made = otto.post(
        "/access-requests", dataset="wh.sales.customers", purpose="Maybe", duration="180d"
    )
    path = f"/access-requests/{made.json()['id']}/decision"
    idle = olga.post(path, verdict="approve").json()["grant"]
    now = database_now()
    sweep.run(now + timedelta(days=31))
    assert Grant.objects.get(pk=idle).warned_at
    sweep.run(now + timedelta(days=46))
    assert Grant.objects.get(pk=idle).end_reason == "unused"
    assert otto.query(WANTED)[0] == 403
    assert otto.post(f"/grants/{idle}/restoration").status_code == 201
    assert otto.query(WANTED)[0] == 200


def test_the_audit_tells_the_story_and_one_changed_byte_is_found(shop: Shop) -> None:
    alice, _ = asked_and_approved(shop)
    alice.query(WANTED)
    kinds = list(
        AuditEvent.objects.filter(dataset="wh.sales.customers")
        .order_by("id")
        .values_list("kind", flat=True)
    )
    story = ["query.refused", "request.submitted", "request.approved", "query.opened"]
    assert [kind for kind in kinds if kind in story] == story
    seal(database_now())
    assert verify().is_sound
    _flip(AuditEvent.objects.get(kind="request.approved").pk)
    assert not verify().is_sound


def _flip(event: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE access_auditevent SET reason = reason || '!' WHERE id = %s", [event])
        cursor.execute("SET session_replication_role = origin")
