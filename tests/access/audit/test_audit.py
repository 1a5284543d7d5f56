"""The record: nothing changes it, and whatever somebody manages to change shows."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from access.audit import sealing, witness
from access.audit.digests import event_digest, jsonb_text, parse_event
from access.audit.events import Kind, record, story
from access.clock import database_now
from access.models import AuditEvent, AuditSeal, Principal
from tests.access.lifecycle import stewarded
from tests.datasets import NOW

pytestmark = pytest.mark.django_db


def _write(n: int, actor: Principal | None = None) -> list[AuditEvent]:
    return [
        record(Kind.GRANT_ISSUED, actor=actor, subject=f"grant:{number}", data={"n": number})
        for number in range(n)
    ]


@contextmanager
def _as_an_intruder() -> Iterator[Any]:
    """A superuser of the database who knows how to switch the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.parametrize("table", ["access_auditevent", "access_auditseal"])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id + 100000", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_remove_or_empty_the_record(table: str, act: str) -> None:
    _write(2)
    sealing.seal(database_now())
    cursor = connection.cursor()
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a pending check would refuse TRUNCATE first

    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        cursor.execute(act.format(table))


def test_the_database_makes_the_digest_whatever_is_written(analyst: Principal) -> None:
    event = AuditEvent.objects.create(
        at=NOW, kind="grant.issued", actor=analyst, actor_label="user:alice", digest="f" * 64
    )
    event.refresh_from_db()

    (line,) = [sealing.event_line(each) for each in AuditEvent.objects.all()]

    assert event.digest == event_digest(parse_event(line)) != "f" * 64


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(value=json_values)
def test_a_value_is_written_as_postgresql_writes_it(value: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(value)])
        (text,) = cursor.fetchone()

    assert jsonb_text(value) == text


def test_seals_chain_all_there_is_and_the_rest_is_counted(analyst: Principal) -> None:
    _write(3, analyst)
    first = sealing.seal(database_now())
    _write(2)
    second = sealing.seal(database_now())
    _write(1)

    found = sealing.verify()

    assert first is not None
    assert second is not None
    assert second.previous_head == first.head
    assert found.is_sound
    assert (found.n_seals, found.n_unsealed, found.head) == (2, 1, second.head)
    assert AuditSeal.objects.count() == 2


def test_sealing_nothing_makes_no_seal() -> None:
    _write(1)
    sealing.seal(database_now())

    assert sealing.seal(database_now()) is None


TAMPERS = {
    "reason": "UPDATE access_auditevent SET reason = 'x' WHERE id = %s",
    "data": "UPDATE access_auditevent SET data = '{\"n\": 7}' WHERE id = %s",
    "moment": "UPDATE access_auditevent SET at = at + interval '1 microsecond' WHERE id = %s",
    "actor": "UPDATE access_auditevent SET actor_label = 'user:eve' WHERE id = %s",
    "digest": "UPDATE access_auditevent SET digest = repeat('0', 64) WHERE id = %s",
    "both": "UPDATE access_auditevent e SET reason = 'x', digest = access_audit_digest("
    "(SELECT (f.id, f.at, f.kind, f.actor_label, f.subject, f.dataset, 'x', f.data, '', f.actor_id)::access_auditevent"
    " FROM access_auditevent f WHERE f.id = e.id)) WHERE id = %s",
    "removed": "DELETE FROM access_auditevent WHERE id = %s",
    "reordered": "UPDATE access_auditevent e SET at = f.at, kind = f.kind, actor_label = f.actor_label, data = f.data,"
    " actor_id = f.actor_id, subject = f.subject, digest = access_audit_digest((e.id, f.at, f.kind, f.actor_label, f.subject,"
    " e.dataset, e.reason, f.data, '', f.actor_id)::access_auditevent) FROM access_auditevent f, (SELECT %s::bigint AS id) x"
    " WHERE e.id IN (x.id, x.id + 1) AND f.id = 2 * x.id + 1 - e.id",
    "added": "INSERT INTO access_auditevent (id, at, kind, actor_label, subject, dataset, reason, data, digest)"
    " SELECT -id, at, kind, actor_label, subject, dataset, reason, data, digest FROM access_auditevent WHERE id = %s",
    "seal removed": "DELETE FROM access_auditseal WHERE first_id <= %s",
    "seal replaced": "UPDATE access_auditseal SET head = repeat('0', 64) WHERE first_id <= %s",
}


@pytest.mark.parametrize("tamper", TAMPERS.values(), ids=TAMPERS)
def test_whatever_a_superuser_changes_is_found(tamper: str) -> None:
    events = _write(3)
    sealing.seal(database_now())
    _write(2)
    sealing.seal(database_now())
    assert sealing.verify().is_sound

    with _as_an_intruder() as cursor:
        cursor.execute(tamper, [events[1].pk])

    found = sealing.verify()
    assert not found.is_sound
    assert found.broken


def test_pages_of_the_audit_join_without_a_gap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sealing, "PAGE", 2)
    for n in (3, 1, 1, 2, 5):
        _write(n)
        sealing.seal(database_now())
    _write(3)

    found = sealing.verify()
    kept = tmp_path / "audit.jsonl"
    with kept.open("w", encoding="utf-8") as out:
        n_events, n_seals = sealing.export(out)

    assert found.is_sound
    assert (found.n_events, found.n_seals, found.n_unsealed) == (n_events, n_seals, 3)
    assert n_events == AuditEvent.objects.count()
    with kept.open(encoding="utf-8") as lines:
        assert witness.check_export(lines) == ""


def test_an_event_slipped_in_below_a_seal_is_refused() -> None:
    (event,) = _write(1)
    sealing.seal(database_now())

    with pytest.raises(IntegrityError, match="below a seal"), transaction.atomic():
        AuditEvent.objects.create(
            id=event.pk - 1, at=NOW, kind="grant.issued", actor_label="user:eve"
        )


def test_a_cut_tail_is_found_from_what_somebody_kept(tmp_path: Path) -> None:
    _write(3)
    sealing.seal(database_now())
    kept = io.StringIO()
    sealing.export(kept)
    last = AuditEvent.objects.latest("id").pk

    with _as_an_intruder() as cursor:
        cursor.execute("DELETE FROM access_auditseal WHERE last_id >= %s", [last])
        cursor.execute("DELETE FROM access_auditevent WHERE id >= %s", [last])

    assert sealing.verify().is_sound  # from inside, a cut tail cannot be seen
    assert "is gone" in witness.compare(kept.getvalue().splitlines())


def test_an_export_proves_itself_without_the_portal(analyst: Principal) -> None:
    record(Kind.PRINCIPAL_AMENDED, actor=analyst, reason="Ümläut \n 'q'", data={"a": [1, None, {}]})
    sealing.seal(database_now())
    kept = io.StringIO()
    sealing.export(kept)
    lines = kept.getvalue().splitlines()

    assert witness.check_export(lines) == ""
    assert witness.check_export([line.replace("1", "2", 1) for line in lines]) != ""
    assert witness.check_export(lines[1:]) != ""
    with pytest.raises(ValueError, match="line 1"):
        witness.check_export(["nonsense"])


def test_the_commands_say_what_they_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = _write(3)
    kept = tmp_path / "audit.jsonl"
    call_command("audit", "export", str(kept))
    call_command("audit", "verify", "--against", str(kept))
    call_command("audit", "verify", "--offline", str(kept))
    assert "The audit is whole" in capsys.readouterr().out

    with _as_an_intruder() as cursor:
        cursor.execute("UPDATE access_auditevent SET reason = 'x' WHERE id = %s", [events[1].pk])
    with pytest.raises(SystemExit) as left:
        call_command("audit", "verify")

    assert left.value.code == 1
    assert f"event {events[1].pk}" in capsys.readouterr().err


def test_the_story_is_open_to_administrators_and_to_stewards_for_their_part(
    administrator: Principal, steward: Principal, outsider: Principal
) -> None:
    mine, other = stewarded(steward), stewarded(None, "sales.other")
    for dataset in (mine, other):
        record(Kind.GRANT_ISSUED, actor=None, dataset=dataset, subject="grant:1")

    told = {
        viewer: story(viewer, kind=Kind.GRANT_ISSUED)
        for viewer in (administrator, steward, outsider)
    }

    assert {each.dataset for each in told[administrator]} == {mine.name, other.name}
    assert {each.dataset for each in told[steward]} == {mine.name}
    assert not told[outsider].exists()


@pytest.mark.django_db(transaction=True)
def test_no_event_can_appear_below_a_seal_later() -> None:
    """A writer that drew a lower number but has not committed yet holds the seal up."""
    drawn, sealed = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            _write(1)
            drawn.set()
            sealed.wait(10)
        connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    drawn.wait(10)
    _write(1)  # a higher number, and already committed
    while_open = sealing.seal(database_now())
    sealed.set()
    writer.join()

    assert while_open is None
    later = sealing.seal(database_now())
    assert later is not None
    assert later.n_events == 2
    assert sealing.verify().is_sound


def test_every_kind_of_event_is_documented() -> None:
    reference = Path(__file__).parents[3] / "docs" / "reference" / "audit.md"
    text = reference.read_text(encoding="utf-8")

    assert [kind.value for kind in Kind if f"`{kind.value}`" not in text] == []
