"""The runner itself: it kills what a test can see and spares what changes nothing, in living functions and at import."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.mutants.changes import ROOT, Mutant, mutants, nothing

PATH = "access/sql/exact.py"
# A process of its own, because one that has imported the guard cannot import it changed.
RUN = """
import json, os, sys, time
from dataclasses import asdict
from pathlib import Path
from tests.mutants import reach, runs
from tests.mutants.changes import Mutant

os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
reach.KEPT = Path(sys.argv[1])
runs.prepare()
living, imported = ([Mutant(**one) for one in part] for part in json.loads(sys.argv[2]))
found = {}

def told(mutant, verdict):
    with open(sys.argv[3], "a") as file:
        file.write(json.dumps([mutant.name, verdict.outcome, verdict.by]) + chr(10))
    return True

if os.fork() == 0:
    runs.warm(living, 10, time.monotonic() + 300, told, ["tests/access/sql/test_exact.py"])
    os._exit(0)
os.wait()
for mutant in imported:
    told(mutant, runs.alone(mutant, 10))
"""


@pytest.mark.drill
def test_a_mutant_is_killed_when_a_test_fails_for_it_and_only_then(tmp_path: Path) -> None:
    negated = _the("fact.kind in WIDE and _counts(fact) -> fact.kind in WIDE or _counts(fact)")
    number = _the("return combined(facts, kinds.NUMERIC)._replace(digits=digits) -> return None")
    limit = _the("0 < fact.digits <= _MOST_DIGITS -> 0 < fact.digits < _MOST_DIGITS")
    without = _the("kinds.NUMERIC -> nothing #2")
    same = nothing(PATH, "negation")

    living = [negated, number, limit, same]
    found = _outcomes(tmp_path, living, [without, same])

    assert found == [
        (negated.name, "killed"),
        (number.name, "killed"),
        (limit.name, "survived"),
        (same.name, "later"),
        (without.name, "killed"),
        (same.name, "survived"),
    ]


def _the(words: str) -> Mutant:
    return next(one for one in mutants(ROOT / PATH) if one.name.endswith(words))


def _outcomes(scratch: Path, living: list[Mutant], imported: list[Mutant]) -> list[tuple[str, str]]:
    wanted = json.dumps([[asdict(one) for one in part] for part in (living, imported)])
    said = scratch / "said"
    arguments = [str(scratch / "reach.json.gz"), wanted, str(said)]
    subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=300,
    )
    lines = map(json.loads, said.read_text().splitlines())
    return [(name, outcome) for name, outcome, _ in lines]
