"""Rules of approval as code: for datasets, domains and sensitivities."""

from datetime import timedelta

import pytest

from access.asking import terms
from access.deciding import approval
from access.deciding.approval import NOTHING, AutoRule, Said, Stage
from access.models import AuditEvent
from catalog.models import Dataset, Domain, Sensitivity
from portal.configuration.errors import BrokenConfiguration
from tests.portal.configuration.conftest import Apply

pytestmark = pytest.mark.django_db

TEXT = """
warehouses:
  - name: wh
    url: duckdb:///WAREHOUSE
users:
  - {username: olga}
  - {username: rita}
teams:
  - {name: privacy, members: [rita]}
sensitivities:
  - {name: restricted, access: {stages: [{by: [stewards]}, {by: [privacy], approvals: 1}], longest: 30d}}
domains:
  - name: commerce
    stewards: [olga]
    access: {auto_approve: [{team: privacy, except_tags: [pii], longest: 7d}], responders: [rita, privacy]}
datasets:
  - name: wh.sales.customers
    domain: commerce
    sensitivity: restricted
    access: {auto_approve: [], terms: Stays in the house.}
"""


def customers() -> Dataset:
    return Dataset.objects.get(name="wh.sales.customers")


def test_each_place_says_its_part_and_the_most_specific_wins(applied: Apply) -> None:
    applied(TEXT)

    found = approval.approval_of(customers())
    assert found.stages == (Stage(("stewards",)), Stage(("team:privacy",)))
    assert found.longest == timedelta(days=30)
    assert (found.auto_approve, found.sources["auto_approve"]) == ((), "dataset")
    assert found.responders == ("user:rita", "team:privacy")
    assert approval.said_by(Domain.objects.get(name="commerce")).auto_approve == (
        AutoRule("privacy", longest=timedelta(days=7), except_tags=("pii",)),
    )
    wanted = terms.terms_of(customers())
    assert wanted is not None
    assert (wanted.version, wanted.text) == (1, "Stays in the house.")


def test_applying_again_changes_nothing(applied: Apply) -> None:
    applied(TEXT)
    before = AuditEvent.objects.filter(kind__in=("approval.changed", "terms.changed")).count()

    assert applied(TEXT) == ()
    assert (
        AuditEvent.objects.filter(kind__in=("approval.changed", "terms.changed")).count() == before
    )


def test_a_plan_names_each_member_that_differs(applied: Apply) -> None:
    applied(TEXT)

    changes = applied(TEXT.replace("longest: 30d", "longest: 20d"), plan=True)

    assert [(each.kind, each.key, dict(each.fields)) for each in changes] == [
        ("sensitivity", "restricted", {"longest": ("30d", "20d")})
    ]
    assert approval.said_by(Sensitivity.RESTRICTED).longest == timedelta(days=30)


def test_a_sensitivity_that_left_the_files_is_pruned(applied: Apply) -> None:
    applied(TEXT)
    without = "\n".join(
        line for line in TEXT.splitlines() if "sensitivities" not in line and "30d" not in line
    )

    applied(without, pruning=True)

    assert approval.said_by(Sensitivity.RESTRICTED) == NOTHING


def test_quorum_and_stages_are_two_ways_to_say_one_thing(applied: Apply) -> None:
    applied(TEXT.replace("auto_approve: [], ", "approvals: 2, "))

    assert approval.said_by(customers()) == Said(stages=(Stage(approvals=2),))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("{by: [privacy]", "{by: [nobody]", "sensitivities[0].access.stages[1].by[0]"),
        ("[rita, privacy]", "[rita, nobody]", "domains[0].access.responders[1]"),
        ("{team: privacy, except", "{team: nobody, except", "domains[0].access.auto_approve"),
        ("auto_approve: [], ", "approvals: 2, stages: [{}], ", "datasets[0].access"),
        ("terms: Stays", "term: Stays", "datasets[0].access.term"),
        ("{name: restricted", "{name: secret", "sensitivities[0].name"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    applied: Apply, old: str, new: str, field: str
) -> None:
    assert old in TEXT

    with pytest.raises(BrokenConfiguration) as broken:
        applied(TEXT.replace(old, new))

    assert field in [each.field for each in broken.value.mistakes]
