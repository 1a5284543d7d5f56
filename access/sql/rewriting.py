"""From a resolved query to the text the engine gets.

Every table becomes its policy view under the reader's alias; WITH parts already carry the gate's names. No relation
name that a person wrote is left in the printed statement.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from access.errors import Refusal
from access.policies.policy import TablePolicy
from access.sql import names, screens
from access.sql.dialects import DUCKDB, POSTGRES, Verbatim
from access.sql.findings import Findings
from access.sql.nodes import Inventory
from access.sql.samples import drawn
from access.sql.sources import Instance
from access.sql.views import Fence, Variables, hidden_cells, restricts_rows, view

Screened = Callable[[TablePolicy], bool]
"""Says of a table whether the engine keeps a screen of it, so that its rows are already filtered where they are read."""

_TRINO_CONSTANT = (
    "A condition of this query uses no column and may fail, and on Trino nothing keeps it away from rows that are not "
    "yours. Write the constant out plainly."
)


def substitute(
    findings: Findings,
    dialect: str,
    warehouse: str,
    variables: Variables,
    key: str,
    screened: Screened | None = None,
) -> frozenset[tuple[str, str]]:
    """Puts each table's policy view in its place; gives the real tables that are read now."""
    relations: set[tuple[str, str]] = set()
    for instance in findings.instances:
        policy = instance.policy
        if screened is not None and screened(policy):
            found = screens.view(policy, warehouse, _screen_fence(policy, findings))
        else:
            held, fence = _protection(instance, findings, dialect)
            found = view(policy, dialect, warehouse, variables, key, held, fence)
        relations |= found.relations
        _replace(instance.node, found.sql, dialect)
    for node, listed in findings.listed:
        _put(node, listed, dialect)
    return frozenset(relations)


def _screen_fence(policy: TablePolicy, findings: Findings) -> Fence:
    """What a screen still needs: row-level security keeps a reader's conditions off hidden rows, not their statistics.

    Those matter once there are two streams of rows, because then they decide which of them runs at all.
    """
    told = findings.n_branches > 0 and (findings.inner_fallible or findings.fence)
    return Fence.BLIND if told and restricts_rows(policy) else Fence.OPEN


def _protection(
    instance: Instance, findings: Findings, dialect: str
) -> tuple[frozenset[str], Fence]:
    """Which columns need a barrier, and whether the whole view needs a fence.

    Holding back only the columns that might raise is enough while there is one stream of rows. As soon as there are
    two (a join, a subquery, a UNION, a step that conditions cannot pass), statistics over hidden rows decide which of them runs first or at all, and so
    whether the error happens: then every column is held, which hides the statistics too. DuckDB looks through CASE
    for them, so hidden cells count like hidden rows. PostgreSQL has no barrier for one column, so there anything
    fallible below the final SELECT list fences the view.
    """
    policy = instance.policy
    streams = findings.inner_fallible and findings.n_branches > 0
    if dialect in names.DISTRIBUTED:
        return _guard(instance, findings, streams, dialect)
    if dialect != DUCKDB:
        return frozenset(), _postgres_fence(policy, findings, streams)
    if findings.fence or streams:
        instance.hold_all()
    if not restricts_rows(policy):
        return frozenset(instance.held & hidden_cells(policy)), Fence.OPEN
    return frozenset(instance.held), Fence.CLOSED if findings.fence else Fence.OPEN


def _guard(
    instance: Instance, findings: Findings, streams: bool, dialect: str
) -> tuple[frozenset[str], Fence]:
    """What Spark and Trino need; see `guarded`. Neither looks through CASE, so hidden cells need nothing more."""
    if not restricts_rows(instance.policy):
        return frozenset(), Fence.OPEN
    if dialect == names.SPARK and (findings.fence or (streams and not _is_nested(instance.node))):
        return frozenset(), Fence.CLOSED
    if findings.fence:
        raise Refusal(_TRINO_CONSTANT, code="unsupported")
    if streams:
        instance.hold_all()
    return frozenset(instance.held), Fence.OPEN


def _is_nested(node: exp.Expr) -> bool:
    """Whether a table stands in a subquery of an expression or in LATERAL, where Spark takes no fence."""
    plain = (exp.From, exp.Join, exp.Subquery, exp.CTE, exp.SetOperation)
    parent = node.parent
    while parent is not None:
        within = isinstance(node, exp.Query) and not isinstance(parent, plain)
        if within or isinstance(parent, exp.Lateral):
            return True
        node, parent = parent, parent.parent
    return False


def _postgres_fence(policy: TablePolicy, findings: Findings, streams: bool) -> Fence:
    if not restricts_rows(policy):
        return Fence.OPEN
    if streams or findings.fence:
        return Fence.BLIND
    return Fence.CLOSED if findings.inner_fallible else Fence.OPEN


def _replace(table: exp.Table, text: str, dialect: str) -> None:
    _put(table, Verbatim(this=text), dialect)


def _put(table: exp.Table, query: exp.Expr, dialect: str) -> None:
    arguments = {
        key: table.args.get(key)
        for key in ("alias", "joins", "pivots", "sample")
        if table.args.get(key)
    }
    sample = arguments.get("sample")
    if dialect == POSTGRES and sample is not None:
        del arguments["sample"]
        query = drawn(query, sample)
    table.replace(exp.Subquery(this=query, **arguments))


def limited(root: exp.Expr, limit: int | None) -> exp.Expr:
    """The query with at most `limit` rows; a smaller limit of its own stays."""
    if limit is None:
        return root
    own = root.args.get("limit")
    if isinstance(root, (exp.Select, exp.SetOperation)) and own is None:
        root.set("limit", exp.Limit(expression=exp.Literal.number(limit)))
        return root
    if isinstance(own, exp.Limit) and not own.args.get("limit_options"):
        amount = own.args.get("expression")
        if isinstance(amount, exp.Literal) and amount.name.isdigit():
            own.set("expression", exp.Literal.number(min(int(amount.name), limit)))
            return root
    inner = root if isinstance(root, exp.Subquery) and not root.alias else exp.Subquery(this=root)
    alias = exp.TableAlias(this=exp.to_identifier(f"{names.RESERVED}_result", quoted=True))
    return exp.Select(
        expressions=[exp.Star()],
        from_=exp.From(
            this=exp.Subquery(this=inner.this if inner is not root else root, alias=alias)
        ),
        limit=exp.Limit(expression=exp.Literal.number(limit)),
    )


def completed(inventory: Inventory, findings: Findings) -> None:
    """Makes sure that the walk left nothing out, whatever syntax it did not expect.

    A table it never resolved would reach the engine under a person's name: refused. A column it never met may feed
    anything: then everything is fenced. Names inside a star's EXCLUDE, and stars themselves, are not values.
    """
    resolved = {id(instance.node) for instance in findings.instances}
    resolved |= {id(node) for node, _ in findings.listed}
    for table in inventory.tables:
        own = isinstance(table.this, exp.Anonymous) or table.name.startswith(names.RESERVED)
        own = own or (table.this is None and bool(table.args.get("rows_from")))
        if not own and id(table) not in resolved:
            raise Refusal(
                "A table stands at a place the gate does not understand. Move it into FROM.",
                code="unsupported",
            )
    for column in inventory.columns:
        if id(column) in findings.seen or isinstance(column.this, exp.Star):
            continue
        if column.arg_key != "except_" and not isinstance(column.parent, exp.UnpivotColumns):
            findings.fence = True
