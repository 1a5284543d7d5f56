"""`audit`: whether the record is whole, a copy that can prove it later, who could read what, and letting old events go."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.audit import readers, retention, sealing, witness
from access.audit.events import Kind, record
from access.clock import database_now
from access.errors import AccessError
from access.spans import parse_span
from access.words import counted

BROKEN = 1


class Command(BaseCommand):
    """Exit 0 when everything holds, 1 with the first broken entry when it does not, 2 when a file cannot be read."""

    help = "Verify the audit, export it, say who could read what, or let old events go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and with which file."""
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser("verify", help="recompute every digest and every seal")
        verify.add_argument(
            "--against",
            type=Path,
            metavar="FILE",
            help="also compare with an earlier export, which shows a cut tail",
        )
        verify.add_argument(
            "--offline",
            type=Path,
            metavar="FILE",
            help="check an export by itself, without the portal",
        )
        export = actions.add_parser("export", help="write every event and seal as JSON lines")
        export.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="default: standard output"
        )
        who = actions.add_parser(
            "who", help="who could read a dataset or column on a day, and who did"
        )
        who.add_argument("subject", metavar="DATASET[.COLUMN]")
        who.add_argument("--on", metavar="DATE", help="a day in UTC; default: today")
        prune = actions.add_parser("prune", help="export old events, vouch for them, drop them")
        prune.add_argument("--keep", required=True, metavar="SPAN", help="what stays, as 400d")
        prune.add_argument("--to", required=True, type=Path, metavar="FILE", help="a new file")

    def handle(self, *, action: str, **options: Any) -> None:
        """Dispatch to the action."""
        if action == "export":
            self._export(options["file"])
        elif action == "who":
            self._who(options["subject"], options["on"])
        elif action == "prune":
            self._prune(options["keep"], options["to"])
        elif options["offline"]:
            self._verdict(
                _read(options["offline"], witness.check_export), "The export holds together."
            )
        else:
            self._verify(options["against"])

    def _export(self, file: Path | None) -> None:
        now = database_now()
        sealing.seal(now)
        with file.open("w", encoding="utf-8") if file else nullcontext(sys.stdout) as out:
            n_events, n_seals = sealing.export(out)
        record(Kind.AUDIT_EXPORTED, actor=None, data={"events": n_events, "seals": n_seals})
        self.stderr.write(f"{counted(n_events, 'event')} and {counted(n_seals, 'seal')} exported.")

    def _who(self, subject: str, on: str | None) -> None:
        try:
            day = readers.parse_day(on) if on else database_now().date()
            dataset, column = readers.parse_subject(subject)
            found = readers.readers(dataset, viewer=None, on=day, column=column)
        except AccessError as error:
            raise CommandError(error.message) from error
        for line in _told(found):
            self.stdout.write(line)

    def _prune(self, keep: str, file: Path) -> None:
        now = database_now()
        sealing.seal(now)
        seal = retention.droppable(now - _kept(keep))
        if seal is not None:
            try:
                with file.open("x", encoding="utf-8") as out:
                    n_events, _ = retention.write(seal, out)
                    out.flush()
                    os.fsync(out.fileno())
            except OSError as error:
                raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
            if problem := _read(file, witness.check_export):
                raise CommandError(
                    f"The export does not hold together, nothing was dropped. {problem}"
                )
            try:
                retention.checkpoint(seal, now=now)
            except AccessError as error:
                raise CommandError(error.message) from error
            self.stdout.write(f"{counted(n_events, 'event')} exported to {file}.")
        self.stdout.write(f"{counted(retention.drop(), 'event')} dropped.")

    def _verify(self, against: Path | None) -> None:
        found = sealing.verify()
        problem = f"{found.broken}: {found.problem}" if found.problem else ""
        if not problem and against:
            problem = _read(against, witness.compare)
        words = (
            f"The audit is whole: {counted(found.n_events, 'event')}, {counted(found.n_seals, 'seal')}, "
            f"{found.n_unsealed:,} not sealed yet. Head: {found.head}"
        )
        self._verdict(problem, words)

    def _verdict(self, problem: str, words: str) -> None:
        if problem:
            self.stderr.write(f"The audit is broken. {problem}")
            sys.exit(BROKEN)
        self.stdout.write(words)


def _kept(text: str) -> timedelta:
    try:
        keep = parse_span(text)
    except ValueError as error:
        raise CommandError(f"--keep: {error}") from error
    if keep < retention.SHORTEST:
        raise CommandError(f"--keep: at least {retention.SHORTEST.days} days stay")
    return keep


def _told(found: readers.Answer) -> Iterator[str]:
    what = f"{found.dataset}.{found.column}" if found.column else found.dataset
    yield f"{what} on {found.on:%Y-%m-%d} (UTC): {found.n_could:,} could read it, {found.n_did:,} did."
    if found.closed:
        yield f"It was closed to everybody: {found.closed}"
    for each in found.readers:
        approval = each.approval
        times = ", ".join(map(_times, each.spans))
        through = f" through {each.through}" if each.through else ""
        reads = (
            f"read {each.n_reads} times, last at {each.last_read_at:%H:%M}"
            if each.n_reads
            else "did not read"
        )
        yield f"{each.principal}{through} (grant {each.grant}) {each.sight or 'columns: ' + _columns(each)}; {reads}; {times}"
        by = " and ".join(approval.by) or approval.kind
        yield f"    approved by {by} on {approval.at:%Y-%m-%d} ({approval.kind}): {approval.reason or approval.purpose}"
        if each.rows:
            yield f"    rows: {each.rows}"


def _times(span: readers.Span) -> str:
    if span.end - span.start == readers.DAY:
        return "all day"
    end = "24:00:00" if span.end.time() == time() else f"{span.end:%H:%M:%S}"
    return f"{span.start:%H:%M:%S} to {end}"


def _columns(reader: readers.Reader) -> str:
    return "all" if reader.columns is None else ", ".join(reader.columns)


def _read(file: Path, check: Any) -> str:
    try:
        with file.open(encoding="utf-8") as lines:
            problem: str = check(lines)
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}", returncode=2) from error
    return problem
