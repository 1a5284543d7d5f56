"""The rules of the house as functions: given sources, what is wrong with them. Each is tested with planted mistakes."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from tests.architecture.sources import Source

HTTP = (
    "django.http",
    "django.shortcuts",
    "django.views",
    "django.urls",
    "django.template.response",
    "ninja",
    "granian",
)
DRIVERS = (
    "duckdb",
    "psycopg",
    "psycopg_pool",
    "pyspark",
    "trino",
    "sqlalchemy",
    "adbc_driver_manager",
)
# The engines; our own database's launcher; the demo, which builds its warehouse file; the reader of DATABASE_URL.
DRIVER_HOMES = ("catalog/engines/", "portal/embedded/", "portal/demo/", "portal/environment.py")
GATE = "access/gate/opening.py"
EMPTY_NAMES = frozenset(
    {"utils", "util", "helpers", "helper", "common", "services", "misc", "tools"}
)
LONGEST_FILE = 400
LONGEST_FUNCTION = 45


def is_under(module: str, packages: Iterable[str]) -> bool:
    """Whether a dotted name is one of the packages or inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def speaks_http(sources: Iterable[Source]) -> list[str]:
    """Files below portal that import anything of HTTP."""
    return [
        f"{source.path}: {module}"
        for source in sources
        if source.room in {"access", "catalog"}
        for module in source.imports()
        if is_under(module, HTTP)
    ]


def imports_a_driver(sources: Iterable[Source]) -> list[str]:
    """Files outside the engines that import a database driver."""
    return [
        f"{source.path}: {module}"
        for source in sources
        if not source.path.startswith(DRIVER_HOMES)
        for module in source.imports()
        if is_under(module, DRIVERS)
    ]


def looks_models_up(sources: Iterable[Source]) -> list[str]:
    """Files that reach a model by its name, past the import law; migrations must and may."""
    names = {"get_model", "get_models", "get_app_config", "model_class"}
    return [
        f"{source.path}:{node.lineno}: {node.attr}"
        for source in sources
        if source.room in {"access", "catalog"}
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in names
    ]


def runs_an_engine(sources: Iterable[Source]) -> list[str]:
    """Calls of an engine's `run` outside the gate: anything named like an engine, or in a file that opens engines."""
    found = []
    for source in sources:
        if source.path == GATE or source.path.startswith("catalog/engines/"):
            continue
        opens = any(is_under(module, ["catalog.engines"]) for module in source.imports())
        found += [f"{source.path}:{line}" for line in _run_calls(source.tree, anything=opens)]
    return found


def _run_calls(tree: ast.Module, *, anything: bool) -> Iterator[int]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "run"
        ):
            owner = ast.unparse(node.func.value)
            if owner != "subprocess" and (anything or "engine" in owner.lower()):
                yield node.lineno


def is_too_long(sources: Iterable[Source], reasons: dict[str, str]) -> list[str]:
    """Files past the limit without a listed reason, and reasons that are no longer needed."""
    lengths = {source.path: source.text.count("\n") for source in sources}
    long = {path for path, length in lengths.items() if length > LONGEST_FILE}
    return [f"{path}: {lengths[path]} lines" for path in sorted(long - set(reasons))] + [
        f"{path}: is short now, drop its reason" for path in sorted(set(reasons) - long)
    ]


def has_a_long_function(sources: Iterable[Source]) -> list[str]:
    """Functions past the limit, their docstring not counted."""
    return [
        f"{source.path}:{node.lineno}: {node.name} has {length} lines"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _body_length(node)) > LONGEST_FUNCTION
    ]


def _body_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - first[0].lineno + 1 if first else 0


def has_an_empty_name(paths: Iterable[str]) -> list[str]:
    """Modules and packages whose name says nothing and therefore collects everything."""
    return [path for path in paths if EMPTY_NAMES & {part.lower() for part in _names(path)}]


def _names(path: str) -> Iterator[str]:
    pure = PurePosixPath(path)
    yield from pure.parts[:-1]
    yield pure.stem


# Folders of one machine, and words about how the project is made; spelled in pieces so as not to find themselves.
MACHINE = re.compile(
    r"(?<![\w.\-/}])/(?:" + "|".join(("tm" + "p", "wor" + "k", "far" + "m", "roo" + "t")) + r")/"
)
WORKSHOP = re.compile(
    r"\b(?:cla"
    + r"ude|anthro"
    + r"pic|chat"
    + r"gpt|co"
    + r"dex|sub"
    + r"agent|language mo"
    + r"del)\b",
    re.IGNORECASE,
)


def names_a_machine(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Lines that only make sense on one machine or in one workshop."""
    return [
        f"{path}:{number}: {line.strip()[:80]}"
        for path, text in texts
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE.search(line) or WORKSHOP.search(line)
    ]


READERS = frozenset({"text", "flag", "whole", "span", "names", "choice", "secret", "_is_given"})


def variables_read(sources: Iterable[Source]) -> set[str]:
    """Names of the environment variables that sources read, through the typed readers or directly."""
    return {
        name
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _reads_the_environment(node)
        for name in [_first_word(node)]
        if re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", name)
    }


def _reads_the_environment(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in READERS
    return ast.unparse(call.func) == "os.environ.get"


def _first_word(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
