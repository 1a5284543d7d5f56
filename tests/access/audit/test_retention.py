"""Old events go, the chain stays whole: signed checkpoints, exports that continue one another, tampering found."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from access.audit import retention, sealing, witness
from access.audit.events import Kind, record
from access.clock import database_now
from access.models import AuditCheckpoint, AuditEvent, AuditSeal
from tests.access.lifecycle import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(db: None) -> list[int]:
    """Two sealed batches, of a hundred days ago and of today; the ids of the old one."""
    now = database_now()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM access_auditevent; DELETE FROM access_auditseal")
        cursor.execute("SET session_replication_role = origin")
    ids = [_event(now - 100 * DAY) for _ in range(3)]
    sealing.seal(now)
    for _ in range(2):
        _event(now)
    sealing.seal(now)
    return ids


def _event(at: datetime) -> int:
    return record(Kind.CLOCK_MENDED, actor=None, data={"n": 1}, now=at).pk


def _prune(file: Path) -> None:
    call_command("audit", "prune", "--keep", "60d", "--to", str(file))


def _meddle(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = origin")


def test_old_events_go_and_the_audit_is_still_whole(old: list[int], tmp_path: Path) -> None:
    _prune(tmp_path / "old.jsonl")

    assert not AuditEvent.objects.filter(pk__in=old).exists()
    assert AuditSeal.objects.count() >= 2
    found = sealing.verify()
    assert (found.problem, found.n_events >= 2) == ("", True)
    assert witness.check_export((tmp_path / "old.jsonl").open()) == ""
    assert AuditEvent.objects.filter(kind="audit.checkpointed").count() == 1


def test_exports_continue_one_another(old: list[int], tmp_path: Path) -> None:
    _prune(tmp_path / "old.jsonl")
    sealing.seal(database_now())
    later = io.StringIO()
    sealing.export(later)

    lines = later.getvalue().splitlines()
    assert lines[0].startswith('{"checkpoint"')
    assert witness.check_export(lines) == ""
    assert witness.compare(lines) == ""
    assert witness.compare((tmp_path / "old.jsonl").open()) == ""


def test_nothing_above_a_checkpoint_goes_and_checkpoints_stay(
    old: list[int], tmp_path: Path
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.filter(pk=old[0]).delete()
    _prune(tmp_path / "old.jsonl")

    for act in (
        lambda: AuditEvent.objects.all().delete(),
        lambda: AuditCheckpoint.objects.all().delete(),
        lambda: AuditCheckpoint.objects.update(last_id=10**9),
        lambda: AuditSeal.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE access_auditcheckpoint SET n_events = n_events + 1",
        "UPDATE access_auditcheckpoint SET last_id = (SELECT max(last_id) FROM access_auditseal)",
        "UPDATE access_auditcheckpoint SET signature = repeat('0', 64)",
        "DELETE FROM access_auditseal WHERE last_id = (SELECT min(last_id) FROM access_auditseal)",
        "DELETE FROM access_auditcheckpoint",
        "UPDATE access_auditevent SET reason = 'x' WHERE id = (SELECT min(id) FROM access_auditevent)",
        "DELETE FROM access_auditevent WHERE id = (SELECT min(id) FROM access_auditevent)",
    ],
)
def test_what_a_superuser_of_the_database_alters_is_found(
    old: list[int], tmp_path: Path, sql: str
) -> None:
    _prune(tmp_path / "old.jsonl")
    assert sealing.verify().is_sound

    _meddle(sql)

    assert not sealing.verify().is_sound


def test_a_cut_tail_is_found_against_what_was_kept(old: list[int], tmp_path: Path) -> None:
    _prune(tmp_path / "old.jsonl")
    sealing.seal(database_now())
    kept = io.StringIO()
    sealing.export(kept)

    _meddle(
        "DELETE FROM access_auditseal WHERE last_id = (SELECT max(last_id) FROM access_auditseal)"
    )
    _meddle("DELETE FROM access_auditevent WHERE id > (SELECT max(last_id) FROM access_auditseal)")

    assert sealing.verify().is_sound
    assert "is gone" in witness.compare(kept.getvalue().splitlines())


def test_a_dropping_that_was_interrupted_goes_on(old: list[int]) -> None:
    now = database_now()
    newer = _event(now - 90 * DAY)
    sealing.seal(now)
    seal = AuditSeal.objects.get(first_id__lte=newer, last_id__gte=newer)
    retention.checkpoint(seal, now=now)
    retention._drop_batch(AuditSeal.objects.get(first_id=old[0]))
    assert sealing.verify().is_sound
    _meddle("UPDATE access_auditevent SET reason = 'x' WHERE id = %s", newer)
    assert not sealing.verify().is_sound

    assert retention.drop() == 3
    assert retention.drop() == 0
    assert sealing.verify().is_sound


def test_an_event_added_where_dropped_ones_were_is_found(old: list[int], tmp_path: Path) -> None:
    _prune(tmp_path / "old.jsonl")

    _meddle(
        "INSERT INTO access_auditevent (id, at, kind, actor_label, subject, dataset, reason, data, digest) "
        "SELECT %s, at, kind, actor_label, subject, dataset, reason, data, digest FROM access_auditevent LIMIT 1",
        old[1],
    )

    assert not sealing.verify().is_sound


def test_a_broken_audit_lets_nothing_go(old: list[int], tmp_path: Path) -> None:
    _meddle("UPDATE access_auditevent SET reason = 'x' WHERE id = %s", old[0])

    with pytest.raises(CommandError):
        _prune(tmp_path / "old.jsonl")
    assert AuditEvent.objects.filter(pk=old[0]).exists()


def test_a_file_that_is_there_is_not_written_over(old: list[int], tmp_path: Path) -> None:
    (tmp_path / "old.jsonl").write_text("precious")

    with pytest.raises(CommandError):
        _prune(tmp_path / "old.jsonl")
    assert AuditEvent.objects.filter(pk=old[0]).exists()


def test_too_little_is_never_kept(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="30 days"):
        call_command("audit", "prune", "--keep", "1d", "--to", str(tmp_path / "x"))
