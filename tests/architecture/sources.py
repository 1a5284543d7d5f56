"""The project's own files, as the architecture tests read them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("portal", "access", "catalog")


@dataclass(frozen=True)
class Source:
    """One Python file: where it lies in the project, and its text."""

    path: str
    text: str

    @property
    def room(self) -> str:
        """The top-level package it belongs to."""
        return self.path.split("/")[0]

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, self.path)

    def imports(self) -> Iterator[str]:
        """Every module it imports, also inside functions; `from a import b` gives a.b."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{name.name}" for name in node.names)


def project_files() -> list[Path]:
    """Every file that is or would be part of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not _is_hidden(path.relative_to(ROOT))]
    return sorted(path for path in paths if path.is_file())


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def python_sources(*, with_migrations: bool = False) -> list[Source]:
    """The Python files of the three rooms."""
    found = []
    for path in project_files():
        name = path.relative_to(ROOT).as_posix()
        is_code = name.endswith(".py") and name.split("/")[0] in ROOMS
        if is_code and (with_migrations or "/migrations/" not in name):
            found.append(Source(name, path.read_text(encoding="utf-8")))
    return found
