"""The mutants: always the same, each different from the code, and put into a running process where they belong."""

import ast
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.mutants import changes, reach
from tests.mutants.breaking import Living
from tests.mutants.changes import ROOT, Mutant, mutants, sources, tree

CODE = '''
LIMITS = {3, 4}

def judge(a: int, b: "int" = 1) -> bool:
    """Says so."""
    if a is None or not b:
        raise ValueError("no number")
    return a < b and "key" in LIMITS

def bounded(limit: int) -> "Callable":
    def bound(value: int) -> bool:
        return value < limit or len(str(value)) > 5
    return bound

BOUND = bounded(5)
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(changes, "ROOT", tmp_path)
    path = tmp_path / "judging.py"
    path.write_text(CODE)
    return path


def told(module: Path) -> set[str]:
    return {f"{one.function}: {one.before} -> {one.after}" for one in mutants(module)}


@pytest.mark.parametrize(
    "change",
    [
        "judge: a < b -> a <= b",
        "judge: a is None -> a is not None",
        "judge: not b -> b",
        "judge: a is None or not b -> a is None and (not b)",
        "judge: raise ValueError('no number') -> pass",
        "judge: return a < b and 'key' in LIMITS -> return None",
        "judge: 'key' -> 'key_'",
        ": 3 -> nothing",
        ": 1 -> 2",
    ],
)
def test_a_module_is_changed_in_every_place_that_decides(module: Path, change: str) -> None:
    assert change in told(module)


def test_what_zip_says_of_lengths_stays(module: Path) -> None:
    module.write_text("pairs = dict(zip('ab', rows, strict=True))")

    assert told(module) == {": 'ab' -> 'ab_'"}


def test_words_for_people_and_annotations_stay(module: Path) -> None:
    assert not [words for words in told(module) if "Says so" in words or "number' ->" in words]
    assert not [words for words in told(module) if "'int'" in words]


def test_every_mutant_of_the_guard_is_its_module_with_something_changed() -> None:
    path = ROOT / "access/sql/constants.py"
    plain = ast.dump(ast.parse(path.read_text()))

    found = mutants(path)

    assert found == mutants(path)
    assert len(found) > 100
    for mutant in found:
        changed = tree(mutant)
        compile(changed, mutant.path, "exec")
        assert ast.dump(changed) != plain, mutant.name


def test_a_function_takes_on_the_changed_code_where_it_lives(module: Path) -> None:
    scope: dict[str, object] = {}
    exec(compile(CODE, str(module), "exec"), scope)
    judge = scope["judge"]
    mutant = _the(module, "return a < b")

    Living().change(mutant, module.parent)

    assert judge(1, 2) is None  # type: ignore[operator]


def test_what_a_function_remembers_is_forgotten_when_it_changes(module: Path) -> None:
    scope: dict[str, Any] = {"__name__": "tests.mutants.judging"}
    exec(compile(CODE, str(module), "exec"), scope)
    judge = lru_cache(scope["judge"])
    assert judge(1, 2) is False

    Living().change(_the(module, "a < b"), module.parent)
    Living().change(_the(module, "'key'"), module.parent)
    Living().change(_the(module, "return a < b"), module.parent)

    assert judge(1, 2) is None


def test_a_function_that_cannot_take_on_its_code_is_left_to_a_new_import(module: Path) -> None:
    scope: dict[str, Any] = {}
    exec(compile(CODE, str(module), "exec"), scope)

    assert Living().change(_the(module, "value < limit or"), module.parent) is False
    assert Living().change(_the(module, "a < b"), module.parent) is True


def test_changes_of_the_same_words_have_names_of_their_own() -> None:
    names = [one.name for path in sources() for one in mutants(path)]

    assert len(set(names)) == len(names)


def test_lines_reached_move_with_their_text() -> None:
    before = "one\ntwo\nthree\nfour\n"
    after = "new\none\ntwo\n3\nfour\n"

    moved = reach.moving(before, after)

    assert moved(1 << 1 | 1 << 3) == 1 << 2 | 1 << 4


def test_the_lines_a_test_ran_are_noted(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "sources", lambda: [module])
    monkeypatch.setattr(reach, "ROOT", module.parent)
    scope: dict[str, Any] = {}
    exec(compile(CODE, str(module), "exec"), scope)

    with reach.noting(Living()) as told:
        scope["judge"](1, 2)
        first = reach.Reached(0, told())
        with pytest.raises(ValueError, match="no number"):
            scope["judge"](None)
        second = reach.Reached(0, told())

    raising, returning = _line("raise"), _line("return a")
    assert first.at("judging.py", returning)
    assert not first.at("judging.py", raising)
    assert second.at("judging.py", raising)
    assert not second.at("judging.py", returning)


def _line(start: str) -> int:
    lines = CODE.splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(start))


def _the(module: Path, start: str) -> Mutant:
    return next(one for one in mutants(module) if one.before.startswith(start))
