"""Which lines each test reaches, and how long it takes: measured once, and carried over where lines only moved.

Lines are noted by the modules themselves: each statement of their functions first sets its bits in a number. A tracer
would slow every call of every library down.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import gzip
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from tests.mutants import breaking
from tests.mutants.changes import ROOT, sources

KEPT = ROOT / ".pytest_cache" / "mutants" / "reach.json.gz"
_HIT = "__mutants_hit__"


class Reached(NamedTuple):
    """One passing test: its seconds, and the lines of each module that it ran, as the bits of a number."""

    seconds: float
    lines: dict[str, int]

    def at(self, path: str, line: int) -> bool:
        """Whether the test ran that line."""
        return bool(self.lines.get(path, 0) >> line & 1)


Reach = dict[str, Reached]


def kept() -> Reach:
    """What was measured so far, by the lines as they are now."""
    if not KEPT.exists():
        return {}
    said = json.loads(gzip.decompress(KEPT.read_bytes()))
    moves = {
        path: moving(text, now)
        for path, text in said["texts"].items()
        if (now := _text(path)) != text
    }
    return {
        test: Reached(
            seconds,
            {
                path: moves[path](int(bits, 16)) if path in moves else int(bits, 16)
                for path, bits in lines.items()
            },
        )
        for test, (seconds, lines) in said["tests"].items()
    }


def keep(reach: Reach) -> None:
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sources()
    }
    tests = {
        name: (one.seconds, {path: f"{bits:x}" for path, bits in one.lines.items()})
        for name, one in reach.items()
    }
    said = json.dumps({"texts": texts, "tests": tests}).encode()
    KEPT.write_bytes(gzip.compress(said, compresslevel=1))


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else ""


def moving(before: str, after: str) -> Callable[[int], int]:
    """Bits of the old text's lines as bits of the new one's; of what changed, each line stands for all of its block."""
    blocks = difflib.SequenceMatcher(
        None, before.splitlines(), after.splitlines(), autojunk=False
    ).get_opcodes()

    @cache
    def moved(bits: int) -> int:
        found = 0
        for kind, start, end, new_start, new_end in blocks:
            old = bits >> (start + 1) & ((1 << (end - start)) - 1)
            if kind == "equal":
                found |= old << (new_start + 1)
            elif old:
                found |= _bits(new_start + 1, new_end)
        return found

    return moved


# --- Noting


@contextmanager
def noting(living: breaking.Living) -> Iterator[Callable[[], dict[str, int]]]:
    """Gives what tells the lines reached since it was last asked; the modules keep their notes until the process ends."""
    lines: dict[str, int] = defaultdict(int)

    def hit(path: str, bits: int) -> None:
        lines[path] |= bits

    def told() -> dict[str, int]:
        found = dict(lines)
        lines.clear()
        return found

    setattr(builtins, _HIT, hit)
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        living.put(_noted(name, ast.parse(path.read_text(encoding="utf-8"))), path)
    yield told


def _noted(path: str, module: ast.Module) -> ast.Module:
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef):
            continue
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, [part for one in block for part in (_hit(path, one), one)])
    return ast.fix_missing_locations(module)


def _hit(path: str, statement: ast.stmt) -> ast.stmt:
    bits = _bits(statement.lineno, _last_line(statement))
    call = ast.Call(ast.Name(_HIT, ast.Load()), [ast.Constant(path), ast.Constant(bits)], [])
    return ast.copy_location(ast.Expr(call), statement)


def _last_line(statement: ast.stmt) -> int:
    """Where a statement ends that has none inside; of others, where the first inside begins."""
    body: Any = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return max(statement.lineno, int(body[0].lineno) - 1)
    return statement.end_lineno or statement.lineno


def _bits(first: int, last: int) -> int:
    return ((1 << max(last - first + 1, 0)) - 1) << first


class Watch:
    """Seconds of this process's processor time since it was made: the same whatever else the machine does."""

    def __init__(self) -> None:
        self._start = time.process_time()

    def seconds(self) -> float:
        return round(time.process_time() - self._start, 4)
