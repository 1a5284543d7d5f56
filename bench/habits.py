"""A seeded history of who read what: 400 days of a company of 2,000, some of whom come once a quarter or once a year.

Everybody has a habit: daily, weekly, monthly, quarterly, yearly, a project that ended, or never. A few surprise: they
begin late, or come back to something they had left. Of the quarterly and the yearly the two years before are on record too, as they
are in a portal that has been there for longer; `is_young` leaves them out. Nobody's columns are all needed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from catalog.models import Column, Dataset

DAY = timedelta(days=1)
N_COLUMNS = 12
EARLIER = 800
"""Days of record before the first night, of those whose rhythm is slow."""
MEMBERS = 12
LEVELS = ("internal",) * 6 + ("confidential",) * 3 + ("restricted",)
# Of every hundred people; quarterly and yearly ones are counted out first.
HABITS = (
    ("daily",) * 30 + ("weekly",) * 25 + ("monthly",) * 15 + ("project",) * 20 + ("never",) * 10
)


@dataclass(frozen=True)
class Person:
    """One person's habit with one dataset: when they read, and what they name."""

    habit: str
    days: tuple[int, ...]
    columns: tuple[str, ...]
    rare: str
    is_starry: bool
    starts: int


@dataclass(frozen=True)
class Company:
    """How large the history is; day 0 is the first that is replayed."""

    n_people: int = 2_000
    n_yearly: int = 50
    n_quarterly: int = 50
    n_datasets: int = 100
    n_teams: int = 10
    n_days: int = 400
    seed: int = 20_26
    is_young: bool = False


def people(company: Company) -> list[Person]:
    """Everybody, the same for the same company."""
    chance = random.Random(company.seed)
    special = ["yearly"] * company.n_yearly + ["quarterly"] * company.n_quarterly
    n_rest = company.n_people - len(special)
    rest = [chance.choice(HABITS) for _ in range(n_rest)]
    for position in range(max(1, n_rest // 200)):
        rest[position] = ("late", "returning")[position % 2]
    return [_person(habit, chance, company) for habit in special + rest]


def _person(habit: str, chance: random.Random, company: Company) -> Person:
    is_new = habit in ("daily", "weekly", "monthly") and chance.random() < 0.3
    starts = chance.randrange(company.n_days - 100) if is_new else -chance.randrange(1, 100)
    first = -EARLIER if habit in ("yearly", "quarterly") and not company.is_young else 0
    days = sorted(
        {day for day in _days(habit, chance, company, starts) if first <= day < company.n_days}
    )
    if habit in ("yearly", "quarterly"):
        starts = first - 1
    columns = [f"c{number}" for number in chance.sample(range(N_COLUMNS), 5)]
    named = tuple(columns[: chance.randrange(3, 5)])
    return Person(habit, tuple(days), named, columns[4], chance.random() < 0.1, starts)


def _days(habit: str, chance: random.Random, company: Company, starts: int) -> Iterator[int]:
    begin, end = max(0, starts), company.n_days
    match habit:
        case "daily":
            yield from (day for day in range(begin, end) if chance.random() < 0.45)
        case "weekly" | "monthly":
            day = begin + chance.randrange(5)
            while day < end:
                yield day
                # Now and then somebody is away for three weeks.
                away = 21 if chance.random() < 0.03 else 0
                day += away + (
                    chance.randrange(4, 10) if habit == "weekly" else chance.randrange(25, 36)
                )
        case "quarterly":
            day = -EARLIER + chance.randrange(91)
            while day < end:
                yield from (day, day + 1)
                day += chance.randrange(84, 99)
        case "yearly":
            season = chance.randrange(120, end - 10)
            for year in (-2, -1, 0):
                jitter = chance.randrange(-7, 8)
                yield from (season + 365 * year + jitter + each for each in range(5))
        case "project":
            over = chance.randrange(20, 150)
            yield from (day for day in range(begin, over) if chance.random() < 0.4)
        case "late":
            yield from range(chance.randrange(70, 90), end, 5)
        case "returning":
            yield from range(0, 30, 3)
            yield from range(chance.randrange(180, 300), end, 7)


def write(company: Company, first_day: date) -> None:
    """Put the history into an empty portal; day 0 is `first_day`."""
    everybody = people(company)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            _catalog(company)
            _principals(company, len(everybody))
            _grants(company, everybody, first_day)
            _uses(company, everybody, first_day)
        finally:
            cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE access_grant; ANALYZE access_grantuse; ANALYZE catalog_dataset")


def _catalog(company: Company) -> None:
    _sql(
        "INSERT INTO catalog_warehouse (name, url, manage, engine, created_at) VALUES ('hab', 'duckdb:////nowhere', '', 'duckdb', now())"
    )
    chance = random.Random(company.seed + 1)
    rows = [(f"t{n}", chance.choice(LEVELS)) for n in range(company.n_datasets)]
    for table, level in rows:
        _sql(
            """
            INSERT INTO catalog_dataset (warehouse_id, schema_name, table_name, identity, name, kind, definition, title,
                description, sensitivity, visibility, tags, deprecation_note, freshness_column, schema_version,
                created_at, updated_at, popularity, search_names)
            SELECT id, 's', %s, 's.' || %s, 'hab.s.' || %s, 'table', '', '', '', %s, 'listed', '{}', '', '', 1, now(),
                   now(), 0, '{}' FROM catalog_warehouse WHERE name = 'hab'""",
            table,
            table,
            table,
            level,
        )
    Column.objects.bulk_create(
        Column(dataset=dataset, name=f"c{number}", position=number, type="text")
        for dataset in Dataset.objects.filter(name__startswith="hab.")
        for number in range(N_COLUMNS)
    )


def _principals(company: Company, n: int) -> None:
    _sql(
        """
        INSERT INTO access_principal (password, is_superuser, username, first_name, last_name, email, is_staff,
            is_active, date_joined, kind, name)
        SELECT '!', false, 'hab' || lpad(n::text, 6, '0'), '', '', '', false, true, now() - interval '900 days',
               'person', '' FROM generate_series(0, %s) n""",
        n - 1,
    )
    _sql(
        "INSERT INTO auth_group (name) SELECT 'habteam' || n FROM generate_series(0, %s) n",
        company.n_teams - 1,
    )


def _grants(company: Company, everybody: list[Person], first_day: date) -> None:
    """One grant each, of all columns; the first ones of every team read through the team as well."""
    persons = _keys("SELECT id FROM access_principal WHERE username LIKE 'hab%' ORDER BY username")
    teams = _keys("SELECT id FROM auth_group WHERE name LIKE 'habteam%' ORDER BY id")
    datasets = _keys("SELECT id FROM catalog_dataset WHERE name LIKE 'hab.%' ORDER BY id")
    midnight = datetime.combine(first_day, time(9), UTC)
    rows: list[tuple[int | None, int | None, int, datetime]] = []
    for number, person in enumerate(everybody):
        starts = midnight + person.starts * DAY
        rows.append((persons[number], None, datasets[number % len(datasets)], starts))
    for number, team in enumerate(teams):
        rows.append((None, team, datasets[number % len(datasets)], midnight - 90 * DAY))
        for place in _members(company, number):
            member, joined = persons[place], midnight + max(-90, everybody[place].starts) * DAY
            _sql(
                "INSERT INTO access_principal_groups (principal_id, group_id) VALUES (%s, %s)",
                member,
                team,
            )
            _sql(
                "INSERT INTO access_membership (team_id, team_name, principal_id, joined_at) VALUES (%s, %s, %s, %s)",
                team, f"habteam{number}", member, joined,
            )  # fmt: skip
    with connection.cursor() as cursor:
        for principal, shared, dataset, starts in rows:
            cursor.execute(
                """
                WITH decided AS (INSERT INTO access_decision (kind, approves, unmasked, rows, reason, duration, decided_at)
                     VALUES ('configuration', true, '{}', '', 'habit', interval '1500 days', %s) RETURNING id)
                INSERT INTO access_grant (principal_id, team_id, dataset_id, decision_id, purpose, unmasked, masks, rows,
                     starts_at, expires_at, suspend_reason, end_reason, end_note, created_at)
                SELECT %s, %s, %s, id, 'habit', '{}', '{}', '', %s, %s, '', '', '', %s FROM decided""",
                [starts, principal, shared, dataset, starts, starts + 1_500 * DAY, starts],
            )


def _members(company: Company, team: int) -> list[int]:
    """The places in the list of people of those who belong to a team: from its end, where nobody is seasonal."""
    return list(range(company.n_people))[::-1][team :: company.n_teams][:MEMBERS]


def _uses(company: Company, everybody: list[Person], first_day: date) -> None:
    chance = random.Random(company.seed + 2)
    own = _keys(
        "SELECT id FROM access_grant WHERE purpose = 'habit' AND team_id IS NULL ORDER BY id"
    )
    persons = _keys("SELECT id FROM access_principal WHERE username LIKE 'hab%' ORDER BY username")
    shared = _keys(
        "SELECT id FROM access_grant WHERE purpose = 'habit' AND team_id IS NOT NULL ORDER BY id"
    )
    copy_sql = (
        "COPY access_grantuse (grant_id, principal_id, day, column_name, n_queries, n_starred, rows, bytes_sent, "
        "last_used_at) FROM STDIN"
    )
    with connection.cursor() as cursor, cursor.copy(copy_sql) as copy:
        for number, person in enumerate(everybody):
            for row in _rows(person, chance, first_day):
                copy.write_row((own[number], persons[number], *row))
        for number, grant in enumerate(shared):
            for place in _members(company, number):
                for row in _rows(everybody[place], chance, first_day):
                    copy.write_row((grant, persons[place], *row))


def _rows(person: Person, chance: random.Random, first_day: date) -> Iterator[tuple[object, ...]]:
    for day in person.days:
        on = first_day + day * DAY
        at = datetime.combine(on, time(10, chance.randrange(60)), UTC)
        yield on, "", 1, 0, 10, 100, at
        named = set(person.columns)
        if chance.random() < 0.05:
            named.add(person.rare)
        for name in sorted(named):
            yield on, name, 1, 0, 0, 0, at
        if person.is_starry and chance.random() < 0.7:
            for number in range(N_COLUMNS):
                if f"c{number}" not in named:
                    yield on, f"c{number}", 1, 1, 0, 0, at


def _keys(sql: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def _sql(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
