"""Puts a mutant into a running process, before or after its module was imported."""

from __future__ import annotations

import ast
import functools
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutants.changes import ROOT, Mutant, tree

OURS = ("access", "catalog", "portal", "tests")


class Living:
    """The functions that live in this process, found once: looking for them takes longer than a mutant."""

    def __init__(self) -> None:
        self._functions: dict[str, list[FunctionType]] = defaultdict(list)
        self._memories: list[Any] = []
        # What was set aside from the collector is not among its objects.
        gc.unfreeze()
        for found in gc.get_objects():
            # By its type alone: a lazy object of Django's would wake up when asked what it is an instance of.
            if type(found) is FunctionType:
                self._functions[found.__code__.co_filename].append(found)
            elif type(found) is functools._lru_cache_wrapper and found.__module__.startswith(OURS):
                self._memories.append(found)

    def forget(self) -> None:
        """Empties what our functions remember: an answer from before the change would hide it."""
        for memory in self._memories:
            memory.cache_clear()

    def change(self, mutant: Mutant, root: Path = ROOT) -> bool:
        """Gives every function of the mutant's module the code it has in the changed module.

        False where that does not bring the change about, so that the module has to be imported anew.
        """
        took = self.put(tree(mutant), root / mutant.path)
        self.forget()
        return took

    def put(self, module: ast.Module, path: Path) -> bool:
        """Whether some function took on another code, and none was left behind."""
        changed = {_key(code): code for code in _codes(compile(module, str(path), "exec"))}
        took, left = False, False
        for function in self._functions[str(path)]:
            code = changed.get(_key(function.__code__))
            if code is None or code.co_freevars != function.__code__.co_freevars:
                left = True
            elif code != function.__code__:
                function.__code__ = code
                took = True
        return took and not left


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _key(code: CodeType) -> tuple[str, int, int | None]:
    columns = (column for _, _, column, _ in code.co_positions() if column)
    return (
        code.co_qualname,
        code.co_firstlineno,
        next(columns, None) if code.co_name == "<lambda>" else 0,
    )


class ChangedImport(importlib.abc.MetaPathFinder):
    """Imports the mutant instead of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        parts = mutant.path.removesuffix(".py").removesuffix("/__init__").split("/")
        self.name = ".".join(parts)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        file = ROOT / self._mutant.path
        return importlib.util.spec_from_file_location(
            name,
            file,
            loader=_Loader(name, str(file), self._mutant),
            submodule_search_locations=[str(file.parent)] if file.stem == "__init__" else None,
        )


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return compile(tree(self._mutant), self.path, "exec")


def change_import(mutant: Mutant) -> None:
    """Makes the module's first import give the mutant. Errors: `RuntimeError` where it was imported before."""
    finder = ChangedImport(mutant)
    if finder.name in sys.modules:
        raise RuntimeError(f"{finder.name} was imported before its change.")
    sys.meta_path.insert(0, finder)
