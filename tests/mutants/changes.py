"""The mutants of a module: each is its tree with one thing changed, described in the words of the code.

Left alone are words meant for people (texts with a blank in them, whatever a raise says), annotations and imports:
changing them changes nothing that decides.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
WHERE = (
    "access/sql",
    "access/policies/policy.py",
    "access/policies/masks.py",
    "access/policies/expressions.py",
    "access/policies/reading.py",
    "access/policies/sight.py",
)

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip

Edit = Callable[[ast.AST], ast.AST]


@dataclass(frozen=True)
class Mutant:
    """One change: the place by path, function and line, and the text before and after."""

    path: str
    function: str
    line: int
    before: str
    after: str
    number: int
    """Which of the module's changes it is, so that `tree` finds it again; -1 changes nothing."""
    twin: int = 0
    """How many changes of the same words come before it in its function."""

    @property
    def name(self) -> str:
        """The same in every run, and where lines moved."""
        words = f"{self.path} {self.function}: {self.before} -> {self.after}"
        return f"{words} #{self.twin + 1}" if self.twin else words

    @property
    def at_import(self) -> bool:
        """Whether the changed code runs when the module is imported."""
        return not self.function


def sources() -> list[Path]:
    """The modules that are changed, in order."""
    found = [
        path for place in WHERE for path in (sorted((ROOT / place).rglob("*.py")) or [ROOT / place])
    ]
    return [path for path in found if path.exists()]


def mutants(path: Path) -> list[Mutant]:
    """Every mutant of one module, always in the same order."""
    name = path.relative_to(ROOT).as_posix()
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for number, one in enumerate(_changes(ast.parse(path.read_text(encoding="utf-8")))):
        words = (one.function, _text(one.old), _text(one.new))
        found.append(Mutant(name, words[0], one.line, *words[1:], number, seen[words]))
        seen[words] += 1
    return found


def nothing(path: str, function: str = "") -> Mutant:
    """A mutant that is its module as it stands: no test may fail for it."""
    return Mutant(path, function, 0, "", "", -1)


def tree(mutant: Mutant) -> ast.Module:
    """The module with that one thing changed."""
    module = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    if mutant.number >= 0:
        _changes(module)[mutant.number].apply()
    return ast.fix_missing_locations(module)


@dataclass(frozen=True)
class _Change:
    function: str
    line: int
    old: ast.AST
    new: ast.AST
    apply: Callable[[], None]


def _changes(module: ast.Module) -> list[_Change]:
    return list(_walk(module, "", is_spoken=False))


def _walk(node: ast.AST, function: str, is_spoken: bool) -> Iterator[_Change]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        inside = _inside(node, field, function)
        spoken = is_spoken or isinstance(node, ast.Raise | ast.JoinedStr)
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or _is_left_alone(child):
                continue
            place: tuple[Any, int | str] = (
                (value, index) if isinstance(value, list) else (node, field)
            )
            for new in _replacements(child, node, field, spoken):
                yield _Change(
                    inside, getattr(child, "lineno", 0), child, new, _putting(place, child, new)
                )
            yield from _walk(child, inside, spoken)


def _inside(node: ast.AST, field: str, function: str) -> str:
    """The function whose call runs this field of the node; defaults run where the function is defined."""
    if isinstance(node, ast.FunctionDef) and field == "body":
        return f"{function}.{node.name}".lstrip(".")
    if isinstance(node, ast.Lambda) and field == "body":
        return f"{function}.lambda".lstrip(".")
    return function


def _is_left_alone(child: ast.AST) -> bool:
    """Imports, and what zip() says of lengths that are the same: nothing follows from it."""
    return (
        isinstance(child, ast.Import | ast.ImportFrom)
        or (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING")
        or (isinstance(child, ast.keyword) and child.arg == "strict")
    )


def _putting(place: tuple[Any, int | str], old: ast.AST, new: ast.AST) -> Callable[[], None]:
    def put() -> None:
        for part in ast.walk(new):
            if "lineno" in part._attributes and not hasattr(part, "lineno"):
                ast.copy_location(part, old)
        holder, key = place
        if not isinstance(holder, list):
            setattr(holder, str(key), new)
        elif isinstance(new, _Nothing):
            del holder[int(key)]
        else:
            holder[int(key)] = new

    return put


class _Nothing(ast.Pass):
    """Stands for a member that is taken out of its list."""


# --- What may be put in place of a node


def _replacements(node: ast.AST, parent: ast.AST, field: str, is_spoken: bool) -> Iterator[ast.AST]:
    if isinstance(node, ast.stmt):
        yield from _statements(node)
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            operators = [*node.ops[:index], _COMPARED[type(operator)](), *node.ops[index + 1 :]]
            yield ast.Compare(node.left, operators, node.comparators)
    elif isinstance(node, ast.BoolOp):
        for index in range(len(node.values)):
            rest = [*node.values[:index], *node.values[index + 1 :]]
            yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED:
        yield ast.BinOp(node.left, _COMPUTED[type(node.op)](), node.right)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Constant) and not is_spoken:
        yield from _constants(node, parent)
    if isinstance(parent, ast.comprehension) and field == "ifs":
        yield _Nothing()
    if isinstance(parent, ast.Set | ast.List) and field == "elts" and len(parent.elts) > 1:
        yield _Nothing()


def _statements(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.If):
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        if not node.orelse:
            yield ast.Pass()
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise | ast.Continue | ast.AugAssign) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant | ast.Yield)
    ):
        yield ast.Pass()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _constants(node: ast.Constant, parent: ast.AST) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and value and " " not in value and not isinstance(parent, ast.Expr):
        yield ast.Constant(f"{value}_")


def _text(node: ast.AST) -> str:
    text = "nothing" if isinstance(node, _Nothing) else ast.unparse(ast.fix_missing_locations(node))
    return " ".join(text.split())[:160]
