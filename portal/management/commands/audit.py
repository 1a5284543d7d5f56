"""`audit verify` and `audit export`: whether the record is whole, and a copy that can prove it later."""

import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access import sealing, witness
from access.audit import Kind, record
from access.clock import database_now
from access.words import counted

BROKEN = 1


class Command(BaseCommand):
    """Exit 0 when everything holds, 1 with the first broken entry when it does not, 2 when a file cannot be read."""

    help = "Verify the hash chain of the audit, or export it as JSON lines."

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

    def handle(self, *, action: str, **options: Any) -> None:
        """Dispatch to the action."""
        if action == "export":
            self._export(options["file"])
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


def _read(file: Path, check: Any) -> str:
    try:
        with file.open(encoding="utf-8") as lines:
            problem: str = check(lines)
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}", returncode=2) from error
    return problem
