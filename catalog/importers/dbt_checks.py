"""A dbt project's data tests as checks with their last result, and its exposures. Unit tests check code, not data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from catalog.checks import Claim, Look, keep_checks, record_all
from catalog.importers.dbt_artifacts import DbtExposure, DbtProject, DbtTest
from catalog.importers.reports import ImportReport
from catalog.models import (
    Check,
    CheckStatus,
    Dataset,
    Exposure,
    ExposureInput,
    Source,
    Warehouse,
)
from catalog.reconciliation import reconcile

STATUSES = {
    "pass": CheckStatus.PASS,
    "success": CheckStatus.PASS,
    "warn": CheckStatus.WARN,
    "fail": CheckStatus.FAIL,
    "error": CheckStatus.ERROR,
    "runtime error": CheckStatus.ERROR,
    "skipped": CheckStatus.SKIPPED,
    "partial success": CheckStatus.WARN,
}
# Arguments that say where a test stands rather than what it claims.
PLACE = frozenset({"model", "column_name"})


def keep(
    project: DbtProject,
    datasets: Mapping[str, Dataset],
    warehouse: Warehouse,
    report: ImportReport,
) -> None:
    """Makes the project's tests the checks dbt defines in this warehouse, and records their last results."""
    wanted: dict[Dataset, list[Claim]] = {}
    for test in project.tests:
        dataset = _tested(test, datasets)
        if dataset is None:
            report.notes.append(f"The test {test.name} is about no relation of this warehouse.")
            continue
        wanted.setdefault(dataset, []).append(_claim(project, test, datasets))
    among = Check.objects.filter(
        source=Source.DBT, dataset__warehouse=warehouse, definition__project=project.name
    )
    kept = keep_checks(wanted, source=Source.DBT, among=among)
    report.count("checks", kept.tally, kept.datasets)
    looks = [
        (check, look) for check in among.all() if (look := _look(project, check.key)) is not None
    ]
    tally = record_all(looks)
    touched = set() if tally.is_quiet else {check.dataset_id for check, _ in looks}
    report.count("check results", tally, touched)


def _tested(test: DbtTest, datasets: Mapping[str, Dataset]) -> Dataset | None:
    about = (test.attached, *test.parents)
    return next((datasets[node] for node in about if node in datasets), None)


def _claim(project: DbtProject, test: DbtTest, datasets: Mapping[str, Dataset]) -> Claim:
    definition: dict[str, Any] = {"kind": test.kind, "project": project.name}
    definition |= {name: value for name, value in test.arguments.items() if name not in PLACE}
    if test.column:
        definition["column"] = test.column
    if test.kind == "relationships":
        others = [
            datasets[one].name for one in test.parents if one != test.attached and one in datasets
        ]
        definition["to"] = others[0] if others else definition.get("to", "")
    if test.sql:
        definition["sql"] = test.sql.strip()
    return Claim(
        key=test.unique_id,
        name=test.name,
        definition=definition,
        column=test.column,
        description=test.description,
        severity=test.severity,
    )


def _look(project: DbtProject, key: str) -> Look | None:
    result = project.results.get(key)
    status = STATUSES.get(result.status) if result else None
    if result is None or status is None:
        return None
    return Look(status, result.run_at, result.failures, result.message)


def keep_exposures(
    project: DbtProject, datasets: Mapping[str, Dataset], report: ImportReport
) -> None:
    """Makes the project's exposures the ones dbt reports for it, with the datasets each reads."""
    known = Exposure.objects.filter(source=Source.DBT, key__startswith=f"exposure.{project.name}.")
    told = ["name", "title", "kind", "url", "description", "owner_name", "owner_email", "tags"]
    wanted = [_exposure(one, report) for one in project.exposures]
    tally, _ = reconcile(known, wanted, key=["key"], fields=told)
    by_key = {exposure.key: exposure for exposure in known.all()}
    inputs = [
        ExposureInput(exposure=by_key[one.unique_id], dataset=dataset)
        for one in project.exposures
        for dataset in _read_by(one, project, datasets)
    ]
    stored = ExposureInput.objects.filter(exposure__in=by_key.values())
    inputs_tally, _ = reconcile(stored, inputs, key=["exposure_id", "dataset_id"])
    report.count("exposures", tally)
    report.count("exposure inputs", inputs_tally)


def _read_by(
    exposure: DbtExposure, project: DbtProject, datasets: Mapping[str, Dataset]
) -> Iterator[Dataset]:
    for parent in exposure.parents:
        node = project.nodes.get(parent)
        if node is None:
            continue
        read = {parent} if node.is_relation else project.parents_of(parent)
        yield from (datasets[one] for one in sorted(read) if one in datasets)


def _exposure(one: DbtExposure, report: ImportReport) -> Exposure:
    return Exposure(
        source=Source.DBT,
        key=one.unique_id,
        name=one.name[:200],
        title=one.title[:200],
        kind=one.kind[:40],
        url=_safe_url(one, report),
        description=one.description,
        owner_name=one.owner_name[:200],
        owner_email=one.owner_email[:254],
        tags=sorted({tag[:63] for tag in one.tags}),
    )


def _safe_url(one: DbtExposure, report: ImportReport) -> str:
    """The address, if a browser may follow it: a file must not be able to put a script behind a link."""
    try:
        URLValidator(schemes=["http", "https"])(one.url)
    except ValidationError:
        if one.url:
            report.notes.append(f"The address of the exposure {one.name} is no web address.")
        return ""
    return one.url if len(one.url) <= 200 else ""
