"""`make mutants`: tries a seeded sample of mutants and prints the survivors.

A mutant survives when no test that reaches its line fails. Those listed in `argued.txt` change nothing that a test
could see, each for the reason given there, and are counted apart. Results go to `.pytest_cache/mutants/results.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.boot import servers
from tests.mutants import runs
from tests.mutants.changes import ROOT, Mutant, mutants, sources

RESULTS = ROOT / ".pytest_cache" / "mutants" / "results.json"
ARGUED = Path(__file__).with_name("argued.txt")
KILLED, STUCK = "killed", "stuck"


def main() -> int:
    """The exit status: 0 when at most `--most` percent of the mutants that change something survive."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=400, help="how many mutants; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only modules whose path holds this text")
    parser.add_argument(
        "--again", action="store_true", help="keep what the last run killed, try the rest"
    )
    parser.add_argument(
        "--untried", action="store_true", help="keep all of the last run, try the rest"
    )
    parser.add_argument(
        "--seconds", type=float, default=20, help="how long the tests of one mutant may take"
    )
    parser.add_argument(
        "--minutes", type=float, default=600, help="stop after this; --untried goes on from there"
    )
    parser.add_argument(
        "--most", type=float, default=5, help="percent of survivors that still pass"
    )
    options = parser.parse_args()
    sample = _sample(options)
    results = _Results(keeps=options.again or options.untried)
    todo = [one for one in sample if not results.settles(one, options.untried)]
    with servers():
        _try(todo, results, options.seconds, time.monotonic() + 60 * options.minutes)
    return _report(sample, results, options.most)


def _sample(options: argparse.Namespace) -> list[Mutant]:
    paths = [path for path in sources() if options.only in path.as_posix()]
    every = [one for path in paths for one in mutants(path)]
    print(f"{len(every)} mutants of {len(paths)} modules.")
    if 0 < options.sample < len(every):
        every = random.Random(options.seed).sample(every, options.sample)
    return every


class _Results:
    """The verdicts by the mutant's name, written down one by one, so that a run may be ended at any time."""

    def __init__(self, keeps: bool) -> None:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        if not keeps:
            RESULTS.unlink(missing_ok=True)
        self.found: dict[str, dict[str, Any]] = {}
        if keeps and RESULTS.exists():
            self.reload()

    def reload(self) -> None:
        self.found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}

    def settles(self, mutant: Mutant, whatever: bool) -> bool:
        outcome = self.outcome(mutant)
        return outcome in (KILLED, STUCK) or (whatever and outcome not in ("", runs.LATER))

    def outcome(self, mutant: Mutant) -> str:
        return str(self.found.get(mutant.name, {}).get("outcome", ""))

    def add(self, mutant: Mutant, verdict: Any) -> None:
        self.found[mutant.name] = {"line": mutant.line, **asdict(verdict)}
        RESULTS.write_text(json.dumps(self.found, indent=1))
        if verdict.outcome not in (KILLED, runs.LATER):
            print(
                f"{verdict.outcome:9} {mutant.path}:{mutant.line} {mutant.before} -> {mutant.after}",
                flush=True,
            )


def _try(todo: list[Mutant], results: _Results, seconds: float, end: float) -> None:
    # pytest sets Django up in the forks: this process never imports the modules whose import is changed.
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    runs.prepare()

    def told(mutant: Mutant, verdict: runs.Verdict) -> bool:
        results.add(mutant, verdict)
        return time.monotonic() < end

    child = os.fork()
    if child == 0:
        runs.warm([one for one in todo if not one.at_import], seconds, end, told)
        os._exit(0)
    os.waitpid(child, 0)
    results.reload()
    for mutant in todo:
        if time.monotonic() > end:
            break
        if mutant.at_import or results.outcome(mutant) == runs.LATER:
            told(mutant, runs.alone(mutant, seconds))


def _report(sample: list[Mutant], results: _Results, most: float) -> int:
    argued = _argued()
    tried = [one for one in sample if results.outcome(one) not in ("", runs.LATER)]
    living = [one for one in tried if results.outcome(one) not in (KILLED, STUCK)]
    open_ = [one for one in living if one.name not in argued]
    counted = len(tried) - len(living) + len(open_)
    share = 100 * len(open_) / max(counted, 1)
    for one in open_:
        print(f"{results.outcome(one)} {one.name}")
    print(
        f"{len(tried)} of {len(sample)} tried: {len(tried) - len(living)} killed, {len(living) - len(open_)} argued to"
        f" change nothing, {len(open_)} survive ({share:.1f} % of {counted}; at most {most:g} %)."
    )
    return 0 if len(tried) == len(sample) and share <= most else 1


def _argued() -> set[str]:
    lines = ARGUED.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith(("#", "["))}


if __name__ == "__main__":
    sys.exit(main())
