"""Runs the checks that the configuration defines, through the gate, as a service account like any other.

The account is called `quality`. It reads what it was granted and nothing else, every look is audited, and a check it may
not run says so instead of passing. Checks that dbt or OpenLineage report are theirs to run.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from sqlglot import exp

from access import gate
from access.errors import AccessError
from access.models import Principal, PrincipalKind, Surface
from catalog.checks import record_result
from catalog.models import Check, CheckStatus, Source

CHECKER = "quality"
EVERY = timedelta(hours=24)
AT_ONCE = 10


def due(now: datetime) -> QuerySet[Check]:
    """The checks whose last look is a day old or never was, those never looked at first."""
    stale = Q(last_run_at=None) | Q(last_run_at__lte=now - EVERY)
    checks = Check.objects.filter(stale, source=Source.CONFIGURATION, dataset__missing_at=None)
    return checks.select_related("dataset__warehouse").order_by("last_run_at", "pk")


def run_due(now: datetime) -> int:
    """Look at some of the due checks; how many. None while nobody has made the service account."""
    checker = Principal.objects.filter(
        username=CHECKER, kind=PrincipalKind.SERVICE, is_active=True
    ).first()
    if checker is None:
        return 0
    checks = list(due(now)[:AT_ONCE])
    for check in checks:
        look(check, checker, now)
    return len(checks)


def look(check: Check, checker: Principal, now: datetime) -> CheckStatus:
    """Look at one check and remember the result. What the gate refuses is a check that could not run."""
    try:
        answer = _ask(check, checker)
    except AccessError as error:
        status, failures, message = CheckStatus.ERROR, None, error.message
    else:
        status, failures, message = _judged(check, answer)
    record_result(check, status=status, run_at=now, failures=failures, message=message)
    return status


def _ask(check: Check, checker: Principal) -> object:
    with gate.open(
        checker,
        question(check),
        warehouse=check.dataset.warehouse,
        schema=check.dataset.schema_name,
        purpose=f"Quality check: {check.name}",
        surface=Surface.CHECK,
        limit=1,
    ) as result:
        rows = result.to_table(1)
    return rows[0][0] if rows else None


def question(check: Check) -> str:
    """The SQL of a check: for `sql` its own text, which says true or false; else the count of what breaks it."""
    kind = check.definition["kind"]
    if kind == "sql":
        return str(check.definition["sql"])
    column = exp.column(check.column_name, quoted=True)
    table = exp.table_(check.dataset.table_name, db=check.dataset.schema_name, quoted=True)
    if kind == "unique":
        repeated = (
            exp.select(column)
            .from_(table)
            .where(column.is_(exp.null()).not_())
            .group_by(column)
            .having("count(*) > 1")
        )
        return exp.select("count(*)").from_(repeated.subquery("repeated")).sql()
    breaking: exp.Condition = column.is_(exp.null())
    if kind == "accepted_values":
        accepted = [exp.convert(value) for value in check.definition["values"]]
        breaking = exp.and_(column.is_(exp.null()).not_(), column.isin(*accepted).not_())
    return exp.select("count(*)").from_(table).where(breaking).sql()


def _judged(check: Check, answer: object) -> tuple[CheckStatus, int | None, str]:
    if check.definition["kind"] == "sql":
        if answer is True:
            return CheckStatus.PASS, 0, ""
        return CheckStatus.FAIL, None, "The query did not say true."
    failures = int(str(answer or 0))
    if not failures:
        return CheckStatus.PASS, 0, ""
    failed = CheckStatus.WARN if check.severity == "warn" else CheckStatus.FAIL
    return failed, failures, ""
