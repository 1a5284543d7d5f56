"""Owners' expressions on real engines: tried when saved, tried again when the schema changes, and told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import psycopg
import pytest

from access.clock import database_now
from access.errors import Invalid
from access.gate import plans
from access.models import AuditEvent, DatasetPolicy, Grant, Notice, Principal
from access.people.permissions import Permission
from access.people.stewardship import appoint
from access.policies import rules, upkeep
from access.policies.expressions import check_masks, check_rows
from access.policies.masks import Mask, mask_of
from access.policies.sight import visible_columns_for
from catalog.engines import duckdb_pool
from catalog.importers import import_warehouse
from catalog.models import Dataset, Warehouse
from tests.access.gate.house import House, code_of

TABLES = """
    CREATE SCHEMA hr;
    CREATE TABLE hr.staff (id INTEGER, name VARCHAR(40), email VARCHAR, pay DECIMAL(10,2), born DATE, city VARCHAR);
    INSERT INTO hr.staff VALUES (1, 'Ana', 'ana@x.org', 5120.50, DATE '1990-05-17', 'Lyon'),
        (2, 'Bo', 'bo@y.org', 980.00, DATE '1971-01-31', 'Bonn'), (3, NULL, NULL, NULL, NULL, 'Oz');
    CREATE TABLE hr.places (city VARCHAR, land VARCHAR);
    INSERT INTO hr.places VALUES ('Lyon', 'FR'), ('Bonn', 'DE'), ('Nice', 'FR');
    CREATE TABLE hr.reach (person VARCHAR, staff INTEGER);
    INSERT INTO hr.reach VALUES ('analyst', 1), ('o''hara', 2);
"""

Change = Callable[[str], None]


class Ground:
    """Where the tables of one engine lie, made anew for the next test when one has changed them."""

    def __init__(self, url: str, change: Change) -> None:
        self.url = url
        self._change = change
        self._as_made = False

    def make(self) -> None:
        if not self._as_made:
            self._change("DROP SCHEMA IF EXISTS hr CASCADE;" + TABLES)
            self._as_made = True

    def change(self, sql: str) -> None:
        self._as_made = False
        self._change(sql)


class Office:
    """A warehouse whose tables may change under the portal."""

    def __init__(self, ground: Ground) -> None:
        self.change = ground.change
        url = ground.url
        self.warehouse = Warehouse.objects.create(name="wh", url=url, engine=url.partition(":")[0])
        self.describe()

    def describe(self) -> tuple[str, ...]:
        """What an import of the warehouse does; the sentences of what it closed."""
        import_warehouse(self.warehouse, now=database_now())
        return upkeep.recheck(self.warehouse, now=database_now())

    def __getitem__(self, table: str) -> Dataset:
        return Dataset.objects.get(name=f"wh.hr.{table}")

    def house(self) -> House:
        return House(self.warehouse, {table: self[table] for table in ("staff", "places", "reach")})

    def set(self, table: str = "staff", **said: object) -> bool:
        return rules.set_policy(self[table], actor=None, now=database_now(), **said)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def grounds(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> Iterator[dict[str, Ground]]:
    path = tmp_path_factory.mktemp("office") / "office.duckdb"

    def change_file(sql: str) -> None:
        duckdb_pool.close_all()
        with duckdb.connect(str(path)) as file:
            file.execute(sql).fetchall()

    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS office WITH (FORCE)")
        server.execute("CREATE DATABASE office TEMPLATE template0")
        url = psycopg.conninfo.make_conninfo(postgres_url, dbname="office")
        with psycopg.connect(url, autocommit=True) as database:
            yield {
                "duckdb": Ground(f"duckdb:///{path}", change_file),
                "postgresql": Ground(
                    f"postgresql://@/office?host={server.info.host}&user={server.info.user}",
                    lambda sql: database.execute(sql.encode()) and None,
                ),
            }
        server.execute("DROP DATABASE office WITH (FORCE)")


@pytest.fixture(params=["duckdb", "postgresql"])
def office(request: pytest.FixtureRequest, db: None, grounds: dict[str, Ground]) -> Office:
    plans.forget()
    ground = grounds[request.param]
    ground.make()
    return Office(ground)


GENERALISED = mask_of("generalise", None, {"table": "hr.places", "from": "city", "to": "land"})
FITTING = {
    "a comparison": "pay > 100",
    "an entitlement table": "id IN (SELECT staff FROM reach WHERE person = :principal)",
    "teams": "city IN (:teams) OR name = :principal",
    "a neighbour by its full name": "EXISTS (SELECT 1 FROM wh.hr.reach r WHERE r.staff = staff.id)",
}
UNFIT = {
    "a number": ("id + 1", "says yes or no"),
    "a text": ("name", "says yes or no"),
    "a column that is not there": ("salary > 1", "no column salary"),
    "a neighbour's column that is not there": (
        "id IN (SELECT r.nope FROM reach r)",
        "no column nope",
    ),
    "a table that is not there": ("id IN (SELECT x FROM nowhere)", "no table hr.nowhere"),
    "types that do not fit": ("length(born) > 1", "cannot use this expression"),
    "a function called wrongly": ("length(name, name) > 1", "cannot use this expression"),
    "nothing": ("  ", "Write an expression"),
}


@pytest.mark.parametrize("case", FITTING)
def test_a_filter_that_fits_is_accepted(office: Office, case: str) -> None:
    assert office.set(rows=FITTING[case])


@pytest.mark.parametrize("case", UNFIT)
def test_a_filter_that_does_not_fit_is_refused_in_words(office: Office, case: str) -> None:
    expression, words = UNFIT[case]

    with pytest.raises(Invalid, match=words) as caught:
        check_rows(office["staff"], expression)

    assert caught.value.field == "rows"


def test_a_mask_is_given_the_type_the_engine_says(office: Office) -> None:
    said = {"pay": Mask("sql", "id + 1"), "name": Mask("sql", "length(name)"), "city": GENERALISED}

    found = check_masks(office["staff"], said)

    assert {mask.type.split("(")[0].lower() for mask in (found["pay"], found["name"])} <= {
        "integer",
        "bigint",
    }
    assert found["city"].type.lower() in ("varchar", "text")


@pytest.mark.parametrize(
    ("column", "mask", "words"),
    [
        ("nope", Mask("email"), "no column nope"),
        ("name", Mask("sql", "upper(nome)"), "no column nome"),
        ("name", Mask("sql", "born + name"), "cannot use this expression"),
        ("city", mask_of("generalise", None, {"table": "hr.nowhere", "from": "a", "to": "b"}), "no table hr.nowhere"),
        ("city", mask_of("generalise", None, {"table": "hr.places", "from": "town", "to": "land"}), "no column town"),
        ("id", mask_of("bucket", None, {"width": 2.5}), "whole width"),
    ],
)  # fmt: skip
def test_a_mask_that_does_not_fit_is_refused_at_its_column(
    office: Office, column: str, mask: Mask, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        office.set(masks={column: mask})

    assert caught.value.field == f"masks.{column}"
    assert not DatasetPolicy.objects.filter(broken_at=None, masks__column_name=column).exists()


MASKS = {
    "email": Mask("email"),
    "pay": mask_of("bucket", None, {"width": 1000}),
    "born": Mask("quarter"),
    "city": GENERALISED,
    "name": mask_of("partial", None, {"first": 1}),
    "id": mask_of("bucket", None, {"edges": [2, 3]}),
}


def test_readers_get_masks_and_are_told_what_they_get(office: Office) -> None:
    office.set(masks=MASKS)
    house = office.house()
    analyst = house.person("analyst")
    house.grant(analyst, "staff")

    rows = house.rows(
        analyst,
        "SELECT id, email, cast(pay AS varchar), cast(born AS varchar), city, name FROM hr.staff ORDER BY id",
    )
    told = {column.name: column for column in visible_columns_for(analyst, office["staff"])}

    assert rows == [
        ("2 to 3", "b***@y.org", "0.00", "1971-01-01", "DE", "****"),
        ("3 and over", None, None, None, None, None),
        ("under 2", "a***@x.org", "5000.00", "1990-04-01", "FR", "A****"),
    ]
    assert told["pay"].words == "ranges of 1000"
    assert told["city"].words == "its land"
    assert {told[name].type.split("(")[0].lower() for name in ("id", "city")} <= {
        "text",
        "varchar",
        "character varying",
    }
    assert told["born"].type.lower() == "date"


def test_joins_and_groups_see_the_mask(office: Office) -> None:
    office.set(masks={"city": GENERALISED, "email": Mask("hash")})
    house = office.house()
    analyst = house.person("analyst")
    house.grant(analyst, "staff")
    house.grant(analyst, "places")

    joined = house.rows(
        analyst, "SELECT count(*) FROM hr.staff s JOIN hr.places p ON p.city = s.city"
    )
    shown = house.rows(
        analyst,
        "SELECT p.land, count(DISTINCT s.email) FROM hr.staff s JOIN hr.places p ON p.land = s.city"
        " GROUP BY p.land ORDER BY 1",
    )

    assert joined == [(0,)]
    assert shown == [("DE", 1), ("FR", 1)]
    assert house.rows(analyst, "SELECT count(*) FROM hr.staff WHERE email = 'ana@x.org'") == [(0,)]


def test_a_masked_column_behind_a_failing_cast_still_answers(office: Office) -> None:
    """The barrier and a mask that looks into a table stand together."""
    office.set(
        masks={"city": GENERALISED},
        rows="id IN (SELECT staff FROM reach WHERE person = :principal)",
    )
    house = office.house()
    analyst = house.person("analyst")
    house.grant(analyst, "staff")

    assert house.rows(
        analyst, "SELECT city FROM hr.staff WHERE length(city) / id > 0 AND city LIKE 'F%'"
    ) == [("FR",)]


NAMES = ["analyst", "o'hara", "Ünïcødé", "a\\b", "x' OR TRUE --", ":teams", "$1", "a b"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("teams", [[], ["Lyon"], ["o'brien", "Bonn"], ["Ünïcødé", "\\"]])
def test_who_asks_is_only_ever_a_value(office: Office, name: str, teams: list[str]) -> None:
    office.set(rows="id IN (SELECT staff FROM reach WHERE person = :principal) OR city IN (:teams)")
    house = office.house()
    person = house.person(name)
    for team in teams:
        person.groups.create(name=team)
    house.grant(person, "staff")

    own = {"analyst": {1}, "o'hara": {2}}.get(name, set())
    through_teams = {number for team, number in (("Lyon", 1), ("Bonn", 2)) if team in teams}
    assert {row[0] for row in house.rows(person, "SELECT id FROM hr.staff")} == own | through_teams


BREAKING = {
    "its own filter": ({"rows": "pay > 1000"}, "ALTER TABLE hr.staff DROP COLUMN pay", "pay"),
    "a masked column": (
        {"masks": {"email": Mask("email")}},
        "ALTER TABLE hr.staff RENAME COLUMN email TO e_mail",
        "email",
    ),
    "an owner's mask": (
        {"masks": {"name": Mask("sql", "left(city, 1)")}},
        "ALTER TABLE hr.staff RENAME COLUMN city TO town",
        "city",
    ),
    "a neighbour's column": (
        {"rows": "id IN (SELECT r.staff FROM reach r WHERE r.person = :principal)"},
        "ALTER TABLE hr.reach RENAME COLUMN person TO who",
        "person",
    ),
    "a neighbour that is gone": (
        {"rows": "id IN (SELECT staff FROM reach WHERE person = :principal)"},
        "DROP TABLE hr.reach",
        "reach",
    ),
    "a mapping table": (
        {"masks": {"city": GENERALISED}},
        "ALTER TABLE hr.places RENAME COLUMN land TO country",
        "land",
    ),
}


@pytest.mark.parametrize("case", BREAKING)
def test_a_schema_change_closes_what_no_longer_fits_and_tells_its_steward(
    office: Office, case: str
) -> None:
    said, change, word = BREAKING[case]
    steward = Principal.objects.create(username="olga")
    appoint(steward, actor=None, now=database_now(), dataset=office["staff"])
    house = office.house()
    analyst = house.person("analyst")
    house.grant(analyst, "staff")
    office.set(**said)
    assert house.rows(analyst, "SELECT count(*) FROM hr.staff")

    office.change(change)
    told = office.describe()

    assert len(told) == 1
    assert word in told[0]
    assert code_of(house, analyst, "SELECT count(*) FROM hr.staff") == "policy_broken"
    notice = Notice.objects.get(recipient=steward, kind="policy.closed")
    assert word in notice.body
    assert AuditEvent.objects.filter(kind="policy.closed").count() == 1
    assert office.describe() == ()


def test_a_schema_change_that_leaves_the_rules_fitting_closes_nothing(office: Office) -> None:
    office.set(rows="pay > 10", masks={"city": GENERALISED})

    office.change("ALTER TABLE hr.staff ADD COLUMN extra INTEGER")

    assert office.describe() == ()
    assert rules.rules_of(office["staff"]).broken_reason == ""


def test_setting_the_rules_again_opens_a_closed_dataset(office: Office) -> None:
    office.set(rows="pay > 1000")
    office.change("ALTER TABLE hr.staff RENAME COLUMN pay TO salary")
    assert office.describe()

    assert office.set(rows="salary > 1000")

    house = office.house()
    analyst = house.person("analyst")
    house.grant(analyst, "staff")
    assert house.rows(analyst, "SELECT id FROM hr.staff") == [(1,)]


def test_a_grant_whose_own_filter_no_longer_fits_is_suspended_alone(office: Office) -> None:
    house = office.house()
    narrow, wide = house.person("narrow"), house.person("wide")
    grant = house.grant(narrow, "staff", rows="city = 'Lyon'")
    house.grant(wide, "staff")

    office.change("ALTER TABLE hr.staff RENAME COLUMN city TO town")
    told = office.describe()

    assert len(told) == 1
    assert Grant.objects.get(pk=grant.pk).suspended_at is not None
    assert code_of(house, narrow, "SELECT id FROM hr.staff") != "policy_broken"
    assert house.rows(wide, "SELECT count(*) FROM hr.staff") == [(3,)]


def test_a_steward_looks_only_into_tables_they_answer_for(office: Office) -> None:
    steward = Principal.objects.create(username="olga")
    appoint(
        steward,
        actor=None,
        now=database_now(),
        dataset=office["staff"],
        permissions=[Permission.DECIDE],
    )
    look = "id IN (SELECT staff FROM reach WHERE person = :principal)"

    for said in (
        {"rows": look},
        {"masks": {"city": GENERALISED}},
        {"rows": "id IN (SELECT a FROM nowhere)"},
    ):
        with pytest.raises(Invalid, match="do not answer for"):
            rules.set_policy(office["staff"], actor=steward, now=database_now(), **said)  # type: ignore[arg-type]

    office.set(rows=look)
    assert rules.set_policy(
        office["staff"],
        actor=steward,
        now=database_now(),
        rows=look,
        masks={"email": Mask("email")},
    )


def test_an_engine_that_cannot_be_asked_refuses_nothing(db: None) -> None:
    warehouse = Warehouse.objects.create(
        name="wh", url="duckdb:////nowhere/wh.duckdb", engine="duckdb"
    )
    dataset = Dataset.objects.create(
        warehouse=warehouse,
        schema_name="hr",
        table_name="staff",
        identity="hr.staff",
        name="wh.hr.staff",
    )
    dataset.columns.create(name="id", position=1, type="INTEGER")

    check_rows(dataset, "id > 1")
    assert check_masks(dataset, {"id": Mask("sql", "id + 1")})["id"].type == ""
