"""Row filters and masks that an owner wrote, read and bound to the gate's own alias.

They pass the same allow-list as people's queries, and may look into other tables of the same warehouse by the
owner's authority. Every column is qualified before it is used: a bare name could otherwise bind to something in the
reader's query once the policy stands in the middle of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from sqlglot import exp

from access.errors import Refusal
from access.policies.policy import ColumnFact, TablePolicy
from access.sql import dialects, named, names, nodes, parsing
from access.sql.functions import Place, allowed

ROW = f"{names.RESERVED}_row"
"""The alias under which a policy reads its own table."""

PRINCIPAL = "principal"
TEAMS = "teams"


class PolicyProblem(ValueError):
    """An owner's expression that cannot be used, with a sentence for its author."""


@dataclass(frozen=True)
class Home:
    """The table an expression belongs to, and what may be known about its neighbours."""

    warehouse: str
    schema: str
    table: str
    columns: frozenset[str]
    related: tuple[tuple[str, tuple[str, ...]], ...] = ()


def home(policy: TablePolicy, warehouse: str) -> Home:
    columns = frozenset(column.name for column in policy.columns)
    related = tuple(sorted((name, tuple(found)) for name, found in policy.related.items()))
    return Home(warehouse, policy.schema, policy.table, columns, related)


def frozen(variables: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The variables as a hashable value: `:principal` a text, `:teams` a list of texts."""
    teams = tuple(str(team) for team in variables.get(TEAMS) or ())
    return ((PRINCIPAL, str(variables.get(PRINCIPAL, ""))), (TEAMS, teams))


class Setting(NamedTuple):
    """SQL that asks the engine's session for a variable, where the text outlives one reader."""

    sql: str


class Compiled(NamedTuple):
    """An owner's expression as SQL text over `ROW`, and the tables it looks into."""

    text: str
    relations: frozenset[tuple[str, str]]


@lru_cache(maxsize=4096)
def compiled(
    sql: str, dialect: str, where: Home, variables: tuple[tuple[str, Any], ...]
) -> Compiled:
    """The expression ready to stand in a policy view, with the reader's variables filled in.

    Errors: PolicyProblem with a sentence for the author.
    """
    tree = _bound(sql, dialect, where)
    relations = frozenset((table.db, table.name) for table in tree.find_all(exp.Table))
    _substitute(tree, dict(variables), dialect)
    return Compiled(dialects.render(tree.this, dialect), relations)


def filled(sql: str, dialect: str, variables: tuple[tuple[str, Any], ...]) -> str:
    """The expression with one reader's variables in it, so that it can stand in another reader's policy.

    Errors: PolicyProblem.
    """
    try:
        tree = exp.Paren(this=parsing.expression(sql, dialect))
        _check(tree, dialect)
    except Refusal as refusal:
        raise PolicyProblem(refusal.message) from None
    _substitute(tree, dict(variables), dialect)
    return dialects.render(tree.this, dialect)


def names_in(sql: str, dialect: str) -> frozenset[str]:
    """Every column name that an expression spells, its own table's or another's. Errors: PolicyProblem."""
    try:
        tree = parsing.expression(sql, dialect)
    except Refusal as refusal:
        raise PolicyProblem(refusal.message) from None
    return frozenset(column.name for column in tree.find_all(exp.Column))


def _bound(sql: str, dialect: str, where: Home) -> exp.Paren:
    """The checked tree, held by a wrapper so that its root can be replaced too."""
    try:
        tree = exp.Paren(this=parsing.expression(sql, dialect))
        _check(tree, dialect)
    except Refusal as refusal:
        raise PolicyProblem(refusal.message) from None
    scope = _Frame(where, dialect, None, {names.fold(where.table, True, dialect): None})
    _bind(tree.this, scope)
    return tree


def _check(tree: exp.Paren, dialect: str) -> None:
    for variable in list(tree.find_all(exp.Placeholder)):
        name = variable.name.lower()
        if name not in (PRINCIPAL, TEAMS):
            _fail(f"Unknown variable :{name[:40]}. Use :principal or :teams.")
        variable.replace(dialects.Verbatim(this=name))
    _without_verbatim(tree, dialect)
    for node in tree.walk():
        if isinstance(node, exp.Anonymous):
            _check_call(node, dialect)
        elif isinstance(node, (exp.With, exp.Pivot)):
            _fail("WITH and PIVOT are not supported in a policy. Write a plain subquery.")
        elif isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
            _fail("Write the call as name(argument) in a policy.")


def _without_verbatim(tree: exp.Paren, dialect: str) -> None:
    """Checks the tree with variables stood in by NULL: the allow-list knows no gate-made nodes."""
    copy = tree.copy()
    for variable in list(copy.find_all(dialects.Verbatim)):
        variable.replace(exp.Null())
    nodes.check(copy, dialect)
    for original in tree.find_all(exp.Identifier):
        if not original.args.get("quoted"):
            if dialect == dialects.POSTGRES:
                original.set("this", names.lower(original.name))
            original.set("quoted", True)
    for node in tree.walk():
        node.comments = None


def _check_call(node: exp.Anonymous, dialect: str) -> None:
    function = allowed(node.name, dialect)
    if function.places == {Place.TABLE} or function.name in ("columns", "unnest"):
        _fail(f"{function.name}() cannot be used in a policy.")
    node.set("this", function.name)
    named.check(node, dialect)


@dataclass
class _Frame:
    """The tables a subquery of the expression reads, by alias; None stands for the policy's own row."""

    where: Home
    dialect: str
    outer: _Frame | None
    tables: dict[str, tuple[str, ...] | None]


def _bind(node: exp.Expr, frame: _Frame) -> None:
    """Qualifies every column, and points every table of a subquery at the real one."""
    if isinstance(node, exp.Select):
        frame = _frame(node, frame)
    elif isinstance(node, exp.Column):
        _qualify(node, frame)
        return
    for child in list(node.iter_expressions()):
        if not isinstance(child, (exp.Table, exp.Identifier)):
            _bind(child, frame)


def _frame(node: exp.Select, outer: _Frame) -> _Frame:
    frame = _Frame(outer.where, outer.dialect, outer, {})
    from_ = node.args.get("from_")
    items = [from_.this] if from_ is not None else []
    items += [join.this for join in node.args.get("joins") or ()]
    for item in items:
        if not isinstance(item, exp.Table) or not isinstance(item.this, exp.Identifier):
            _fail("Subqueries in a policy read plain tables only.")
        if any(item.args.get(key) for key in ("joins", "pivots", "sample", "laterals")):
            _fail("Subqueries in a policy read plain tables only.")
        _point(item, frame)
    if any(join.args.get("using") or join.method for join in node.args.get("joins") or ()):
        _fail("Write joins in a policy with ON.")
    return frame


def _point(table: exp.Table, frame: _Frame) -> None:
    dialect, where = frame.dialect, frame.where
    if table.catalog and names.fold(table.catalog, True, dialect) != names.fold(
        where.warehouse, True, dialect
    ):
        _fail("A policy may only look into tables of its own warehouse.")
    schema = table.db or where.schema
    if names.lower(schema) in ("information_schema", "pg_catalog") or names.lower(
        table.name
    ).startswith(("pg_", "duckdb_")):
        _fail("A policy cannot look into the engine's catalog.")
    alias = names.fold(table.alias_or_name, True, dialect)
    if alias in frame.tables:
        _fail("Give each table of a policy's subquery an alias of its own.")
    known = {names.fold(name, True, dialect): columns for name, columns in where.related}
    frame.tables[alias] = known.get(names.fold(f"{schema}.{table.name}", True, dialect), ())
    table.set("alias", exp.TableAlias(this=exp.to_identifier(table.alias_or_name, quoted=True)))
    table.set("catalog", None)
    table.set("db", exp.to_identifier(schema, quoted=True))


def _qualify(column: exp.Column, frame: _Frame) -> None:
    if isinstance(column.this, exp.Star):
        return
    if column.args.get("table") is None:
        owner = _owner(column.name, frame)
        column.set("table", exp.to_identifier(owner, quoted=True))
        return
    alias = names.fold(column.table, True, frame.dialect)
    level: _Frame | None = frame
    while level is not None:
        if alias in level.tables:
            own = level.tables[alias] is None
            if (
                column.db
                and own
                and names.fold(column.db, True, frame.dialect)
                != names.fold(level.where.schema, True, frame.dialect)
            ):
                break
            column.set("catalog", None)
            column.set("db", None)
            if not own:
                _of_neighbour(column, level.tables[alias] or (), frame.dialect)
            else:
                _own(column.name, level)
                column.set("table", exp.to_identifier(ROW, quoted=True))
            return
        level = level.outer
    _fail(f"Unknown column {column.table[:60]}.{column.name[:60]}.")


def _of_neighbour(column: exp.Column, known: tuple[str, ...], dialect: str) -> None:
    """Where a neighbour's columns are known, a name must be one of them."""
    names_of = {names.fold(each, True, dialect) for each in known}
    if known and names.fold(column.name, True, dialect) not in names_of:
        _fail(f"The table {column.table[:60]} has no column {column.name[:60]}.")


def _owner(name: str, frame: _Frame) -> str:
    """The alias an unqualified column belongs to, from the inside out."""
    level: _Frame | None = frame
    key = names.fold(name, True, frame.dialect)
    while level is not None:
        for alias, columns in level.tables.items():
            if columns is None:
                _own(name, level)
                return ROW
            known = {names.fold(column, True, frame.dialect) for column in columns}
            if key in known or (not known and len(level.tables) == 1):
                return alias
        if any(columns == () for columns in level.tables.values()):
            _fail(f"Say which table {name[:60]} belongs to: write table.{name[:60]}.")
        level = level.outer
    return _fail(f"Unknown column {name[:60]}.")


def _own(name: str, frame: _Frame) -> None:
    known = {names.fold(column, True, frame.dialect) for column in frame.where.columns}
    if names.fold(name, True, frame.dialect) not in known:
        _fail(f"The table has no column {name[:60]}.")


def _substitute(tree: exp.Expr, variables: Mapping[str, Any], dialect: str) -> None:
    """Puts values in place of variables, always as quoted constants."""
    for variable in list(tree.find_all(dialects.Verbatim)):
        name = variable.args["this"]
        if isinstance(variables[name], Setting):
            _ask(variable, variables[name])
        elif name == PRINCIPAL:
            variable.replace(exp.Literal.string(_value(variables[PRINCIPAL])))
        elif isinstance(variable.parent, exp.In) and variable.arg_key == "expressions":
            _listed(variable, variables[TEAMS])
        else:
            variable.set("this", _array(variables[TEAMS], dialect))


def _ask(variable: exp.Expr, setting: Setting) -> None:
    """The session's value; `x IN (:teams)` becomes `x = ANY(...)`, beside whatever else is in the list."""
    within = variable.parent
    if not (isinstance(within, exp.In) and variable.arg_key == "expressions"):
        variable.set("this", setting.sql)
        return
    others = [part for part in within.expressions if part is not variable]
    among = exp.EQ(
        this=within.this.copy(), expression=dialects.Verbatim(this=f"ANY({setting.sql})")
    )
    if not others:
        within.replace(exp.Paren(this=among))
        return
    rest = exp.In(this=within.this.copy(), expressions=others)
    within.replace(exp.Paren(this=exp.Or(this=rest, expression=among)))


def _listed(variable: exp.Expr, teams: Iterable[str]) -> None:
    """`x IN (:teams)`; in no team, nothing is in the list."""
    within = variable.parent
    assert isinstance(within, exp.In)
    others = [part for part in within.expressions if part is not variable]
    members = others + [exp.Literal.string(_value(team)) for team in teams]
    if members:
        within.set("expressions", members)
    else:
        within.replace(exp.Boolean(this=False))


def _array(teams: Iterable[str], dialect: str) -> str:
    inside = ", ".join(names.literal(_value(team), dialect) for team in teams)
    if dialect == dialects.DUCKDB:
        return f"CAST([{inside}] AS VARCHAR[])"
    if dialect == dialects.SPARK:
        return f"CAST(array({inside}) AS array<string>)"
    if dialect == dialects.TRINO:
        return f"CAST(ARRAY[{inside}] AS array(varchar))"
    return f"CAST(ARRAY[{inside}] AS text[])"


def _value(text: object) -> str:
    plain = str(text)
    if "\0" in plain:
        _fail("A variable holds a NUL character.")
    return plain


def _fail(message: str) -> NoReturn:
    raise PolicyProblem(message)


def check_expression(
    sql: str,
    *,
    columns: Iterable[ColumnFact],
    dialect: str,
    kind: str,
    warehouse: str = "",
    schema: str = "",
    table: str = "",
    related: Mapping[str, tuple[str, ...]] | None = None,
) -> Compiled:
    """The expression bound as the gate will use it, for trying out when a policy is saved.

    `kind` is "rows" or "mask". Errors: PolicyProblem, whose text is for the author.
    """
    found = frozenset(column.name for column in columns)
    known = tuple(sorted((name, tuple(listed)) for name, listed in (related or {}).items()))
    where = Home(warehouse, schema or "main", table or ROW, found, known)
    if not sql.strip():
        _fail("Write an expression, or leave the field out.")
    tree = _bound(sql, dialect, where)
    if kind == "rows" and isinstance(tree.this, exp.Literal):
        _fail("A row filter is a condition, such as country = 'DE'.")
    if any(tree.find_all(exp.AggFunc)) or _aggregates_own_row(tree, dialect):
        _fail("Summaries such as count() or max() may only stand inside a subquery of a policy.")
    return compiled(sql, dialect, where, frozen({}))


def _aggregates_own_row(tree: exp.Expr, dialect: str) -> bool:
    for node in tree.find_all(exp.Anonymous):
        places = allowed(node.name, dialect).places
        if places & {Place.AGGREGATE, Place.WINDOW} and node.find_ancestor(exp.Select) is None:
            return True
    return False
