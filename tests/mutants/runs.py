"""Runs tests against mutants: a pytest that is collected once and forked for every one of them."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import random
import resource
import select
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import Any, Protocol

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants import breaking, databases, reach
from tests.mutants.changes import Mutant, nothing

# What asks the guard and the policy compiler: in words, in corpora, on real engines, and through the gate.
SUITE = (
    "tests/access/sql", "tests/access/policies", "tests/access/gate/test_corpus.py",
    "tests/access/gate/test_expressions.py", "tests/access/gate/test_gate.py", "tests/access/gate/test_seeing.py",
    "tests/access/gate/test_explaining.py", "tests/access/gate/test_rendering.py",
    "tests/portal/configuration/test_masks.py", "tests/architecture/test_docs.py",
)  # fmt: skip
OPTIONS = (
    "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:playwright", "--no-header", "--no-summary",
    "-s", "-p", "no:warnings", "-m", "not drill and not spark",
)  # fmt: skip
KILLED, SURVIVED, UNREACHED, STUCK, LATER = "killed", "survived", "unreached", "stuck", "later"
# Processor seconds beyond those for tests, for importing and one last test; then the mutant is called stuck.
BEYOND = 30
# A wall clock proves nothing on a busy machine: it only ends what waits for ever, and that counts as a survivor.
PATIENCE = 10
# A module that acts at import is tried by the tests of so many files: every file is collected anew.
FILES = 8
# What is measured first and last (the rest is in between), and how much of the time left goes into measuring.
SHARP = (
    "test_rewritten", "test_masks", "test_rules", "test_needs", "test_named", "test_verifying", "test_docs",
)  # fmt: skip
HEAVY = (
    "test_bounds", "test_fuzz", "test_generated", "test_leakproof", "test_raids", "test_standards",
)  # fmt: skip
MEASURING = 0.6
# Seconds after which what was measured so far is kept, so that a run may be ended at any time.
KEEPING = 60
# Where tests need no database of the portal.
QUICK = ("tests/access/sql", "tests/access/policies", "tests/architecture")
# What the tests import that is not ours and stays as it is: imported once, so that a fork need not.
PREPARED = (
    "celery.result", "django.contrib.admin.options", "django.contrib.auth", "django.forms", "django.template.defaulttags",
    "django.test", "duckdb", "grpc", "hypothesis.strategies", "kombu.transport.redis", "playwright.sync_api", "psycopg",
    "pyarrow", "sqlglot.dialects", "sqlglot.optimizer", "sqlparse", "structlog", "time_machine", "yaml",
)  # fmt: skip


def prepare() -> None:
    """Imports what every fork will need."""
    for name in PREPARED:
        importlib.import_module(name)


@dataclass(frozen=True)
class Verdict:
    """How a mutant ended, by which test, after how many tests and seconds."""

    outcome: str
    by: str = ""
    n_tests: int = 0
    seconds: float = 0.0


class Told(Protocol):
    """What hears verdicts; False when no more are wanted."""

    def __call__(self, mutant: Mutant, verdict: Verdict) -> bool: ...


class Warm:
    """A pytest plugin that runs each mutant in a fork of the collected session instead of running the session."""

    def __init__(self, mutants: list[Mutant], seconds: float, end: float, told: Told) -> None:
        self._mutants, self._seconds, self._end, self._told = mutants, seconds, end, told

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._living = breaking.Living()
        # What is there now stays: the collector of a fork need not look at it, which would copy it.
        gc.freeze()
        with databases.kept_clean() as clean:
            _in_child(
                lambda: _measure(self._living, session.items, _share(self._end, MEASURING)), 7200
            )
            clean()
            known = reach.kept()
            items = {item.nodeid: item for item in session.items if item.nodeid in known}
            for mutant in self._mutants:
                found = [items[name] for name in chosen(mutant, known) if name in items]
                verdict = self._verdict(mutant, found)
                clean()
                if not self._told(mutant, verdict):
                    break
        return True

    def _verdict(self, mutant: Mutant, items: list[pytest.Item]) -> Verdict:
        """A test kills a mutant by failing, when it passes in the same kind of fork without the mutant."""
        while items:
            found = _verdict_of(partial(self._tried, mutant, items), self._seconds)
            if found.outcome != KILLED or self._passes(
                [one for one in items if one.nodeid == found.by]
            ):
                return found
            items = [one for one in items if one.nodeid != found.by]
        return Verdict(UNREACHED)

    def _tried(self, mutant: Mutant, items: list[pytest.Item]) -> dict[str, Any]:
        if not self._living.change(mutant):
            return asdict(Verdict(LATER))
        return asdict(_until_killed(items, self._seconds))

    def _passes(self, items: list[pytest.Item]) -> bool:
        found = _verdict_of(lambda: asdict(_until_killed(items, self._seconds)), self._seconds)
        return found.outcome == SURVIVED


def warm(
    mutants: list[Mutant], seconds: float, end: float, told: Told, suite: Sequence[str] = SUITE
) -> None:
    """Tells the verdict on each mutant, until `end`; measures first what tests reach, where that is not known."""
    pytest.main([*OPTIONS, *suite], plugins=[Warm(mutants, seconds, end, told)])


class Alone:
    """A pytest plugin that runs the chosen tests, in their order, until the first failure."""

    def __init__(self, names: list[str], seconds: float) -> None:
        self._names, self._seconds = names, seconds
        self.verdict = Verdict(KILLED, by="importing")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True
        items = {item.nodeid: item for item in session.items}
        found = [items[name] for name in self._names if name in items]
        self.verdict = _until_killed(found, self._seconds) if found else Verdict(UNREACHED)
        return True


def alone(mutant: Mutant, seconds: float) -> Verdict:
    """The verdict on a mutant that acts at import: a fork imports it, and collects only tests that reach its module."""
    names = chosen(mutant, reach.kept())
    files = list(dict.fromkeys(map(_file, names)))[:FILES]
    names = [name for name in names if _file(name) in files]
    with databases.kept_clean() as clean:
        while names:
            found = _verdict_of(partial(_tried_alone, mutant, names, seconds), seconds)
            clean()
            killer = found.by if found.by in names else names[0]
            if found.outcome != KILLED or _passes_alone(killer, seconds):
                return found
            names = [name for name in names if name != killer]
    return Verdict(UNREACHED)


def _tried_alone(mutant: Mutant, names: list[str], seconds: float) -> dict[str, Any]:
    breaking.change_import(mutant)
    plugin = Alone(names, seconds)
    pytest.main([*OPTIONS, *dict.fromkeys(map(_file, names))], plugins=[plugin])
    return asdict(plugin.verdict)


@cache
def _passes_alone(name: str, seconds: float) -> bool:
    same = nothing("access/sql/names.py")
    found = _verdict_of(partial(_tried_alone, same, [name], seconds), seconds)
    return found.outcome == SURVIVED


def _file(name: str) -> str:
    return name.split("::")[0]


# --- Which tests, in which order


def chosen(mutant: Mutant, known: reach.Reach) -> list[str]:
    """The tests that reach the line, quick and sharp ones first, and several of a quick kind before one of a slow kind."""
    inside = {name: one for name, one in known.items() if mutant.path in one.lines}
    at = {name: one for name, one in inside.items() if one.at(mutant.path, mutant.line)}
    # What runs at import is known by its module at most, as is a line that was never measured.
    found = (inside or known) if mutant.at_import else (at or inside)
    kinds: dict[str, list[str]] = defaultdict(list)
    for name in sorted(found):
        kinds[name.split("[")[0]].append(name)
    costs: dict[str, float] = {}
    for kind, names in kinds.items():
        # Within a kind, the tests are spread: neighbours in a corpus ask nearly the same.
        random.Random(f"{mutant.name}{kind}").shuffle(names)
        costs |= {
            name: rank * _cost(name, found[name].seconds) for rank, name in enumerate(names, 1)
        }
    return sorted(costs, key=lambda name: (costs[name], name))


def _cost(name: str, seconds: float) -> float:
    """What running a test costs a fork, which has to make its database first."""
    needs_database = not name.startswith(QUICK)
    return (seconds + 0.002 + 3 * needs_database) * (0.1 if _any(SHARP, name) else 1)


# --- Running


def _until_killed(items: list[pytest.Item], seconds: float) -> Verdict:
    watch = reach.Watch()
    for count, item in enumerate(items, 1):
        following = items[count] if count < len(items) else item
        reports = runtestprotocol(item, nextitem=following, log=False)
        if any(report.failed for report in reports):
            return Verdict(KILLED, item.nodeid, count, watch.seconds())
        if watch.seconds() > seconds:
            break
    return Verdict(SURVIVED, n_tests=count, seconds=watch.seconds())


def _any(parts: Sequence[str], text: str) -> bool:
    return any(part in text for part in parts)


def _share(end: float, share: float) -> float:
    now = time.monotonic()
    return now + share * max(end - now, 0)


def _measure(living: breaking.Living, items: list[pytest.Item], end: float) -> None:
    """Runs every test that was not measured yet, and keeps what the passing ones reached."""
    known = reach.kept()
    todo = [item for item in items if item.nodeid not in known]
    todo.sort(key=lambda item: _any(HEAVY, item.nodeid) - _any(SHARP, item.nodeid))
    kept_at = time.monotonic()
    with reach.noting(living) as told:
        for item, following in zip(todo, [*todo[1:], None], strict=True):
            if time.monotonic() > end:
                break
            living.forget()
            told()
            watch = reach.Watch()
            reports = runtestprotocol(item, nextitem=following or item, log=False)
            if all(report.passed for report in reports):
                known[item.nodeid] = reach.Reached(watch.seconds(), told())
            if time.monotonic() > kept_at + KEEPING:
                reach.keep(known)
                kept_at = time.monotonic()
    if todo:
        reach.keep(known)
        print(f"{len(known)} of {len(items)} tests are measured.", file=sys.__stdout__, flush=True)


def _verdict_of(tried: Callable[[], dict[str, Any]], seconds: float) -> Verdict:
    ended = _in_child(tried, PATIENCE * (seconds + BEYOND), int(seconds) + BEYOND)
    if ended.said:
        return Verdict(**ended.said)
    if ended.signal == signal.SIGXCPU:
        return Verdict(STUCK, seconds=seconds + BEYOND)
    return Verdict(SURVIVED, by=f"ended without a verdict, signal {ended.signal}")


@dataclass(frozen=True)
class Ended:
    """What a fork said, and the signal it died by."""

    said: Any
    signal: int


def _in_child(work: Callable[[], Any], wall: float, processor: int = 0) -> Ended:
    """What the work answers in a fork of this process, which may break whatever it likes.

    Nothing is said by one that ran longer than `wall` seconds, or `processor` seconds where that is not 0.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(reading)
        if processor:
            resource.setrlimit(resource.RLIMIT_CPU, (processor, processor + 5))
        with _silence():
            answer = json.dumps(work())
        with os.fdopen(writing, "w") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writing)
    said = _answer(reading, wall)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return Ended(said, os.WTERMSIG(os.waitpid(child, 0)[1]))


def _answer(reading: int, seconds: float) -> Any:
    text, end = b"", time.monotonic() + seconds
    while select.select([reading], [], [], max(end - time.monotonic(), 0))[0]:
        part = os.read(reading, 1 << 16)
        if not part:
            break
        text += part
    os.close(reading)
    try:
        return json.loads(text)
    except ValueError:
        return None


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
