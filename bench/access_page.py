"""What may I read: the page that lists it and the check of one dataset, against django-guardian's own lookup.

100,000 datasets, 10,000 people in 500 teams and 1,000,000 live grants; guardian holds the same million as object
permissions, in the tables it ships with. Both answer the same questions about the same people, in turns.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any, Final

from django.db import connection

from bench.company import make_datasets, scratch_database, tidy

DATASETS: Final = 100_000
PEOPLE: Final = 10_000
TEAMS: Final = 500
ROUNDS: Final = 25
PAGE: Final = 25
# Who asks: somebody with a handful, somebody in five teams, somebody who reads nearly a fifth of everything.
READERS: Final = {"few": 5, "usual": 0, "many": 18_000}
CODENAME: Final = "query_dataset"


def run() -> list[dict[str, Any]]:
    """The figures: page with its count, and one check, for three kinds of readers."""
    with scratch_database():
        make_datasets(DATASETS, with_columns=False)
        _make_holders()
        _mirror_in_guardian()
        tidy()
        return [figure for reader in READERS for figure in _figures(reader)]


def _make_holders() -> None:
    with connection.cursor() as cursor:
        # The rows are right by construction; a million runs of the triggers that see to that would measure the loading.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_PEOPLE, {"people": PEOPLE, "names": list(READERS)})
        cursor.execute(_TEAMS, {"teams": TEAMS})
        cursor.execute(_MEMBERS, {"teams": TEAMS})
        cursor.execute(_HOLDING)
        cursor.execute(_OWN, {"datasets": DATASETS})
        for name, n in READERS.items():
            cursor.execute(_READERS_OWN, {"name": name, "n": n})
        cursor.execute(_TEAMS_OWN, {"datasets": DATASETS})
        cursor.execute(_DECISIONS)
        cursor.execute(_GRANTS)
        cursor.execute("SET session_replication_role = DEFAULT")


_PEOPLE: Final = """
    INSERT INTO access_principal (username, password, first_name, last_name, email, is_staff, is_active, is_superuser,
                                  date_joined, kind, name)
    SELECT name, '', '', '', '', false, true, false, now(), 'person', ''
      FROM (SELECT 'person' || n FROM generate_series(1, %(people)s) AS n UNION ALL SELECT unnest(%(names)s::text[])
           ) AS made (name)
"""
_TEAMS: Final = (
    "INSERT INTO auth_group (name) SELECT 'team' || n FROM generate_series(1, %(teams)s) AS n"
)
_MEMBERS: Final = """
    INSERT INTO access_principal_groups (principal_id, group_id)
    SELECT DISTINCT p.id, g.id FROM access_principal AS p, generate_series(0, 4) AS n
      JOIN LATERAL (SELECT id FROM auth_group ORDER BY id) AS g ON true
     WHERE p.username NOT IN ('few', 'many') AND g.id %% %(teams)s = (p.id * 7 + n * 101) %% %(teams)s
"""
_HOLDING: Final = """
    CREATE TEMPORARY TABLE holding (
        number bigserial, principal_id bigint, team_id bigint, dataset_id bigint)
"""
# 80 of their own for each of ten thousand people, 400 for each of five hundred teams: a million.
_OWN: Final = """
    INSERT INTO holding (principal_id, dataset_id)
    SELECT DISTINCT p.id, d.first + (p.id * 131 + n * 1249) %% %(datasets)s
      FROM access_principal AS p, generate_series(1, 80) AS n,
           (SELECT min(id) AS first FROM catalog_dataset) AS d
     WHERE p.username LIKE 'person%%'
"""
_READERS_OWN: Final = """
    INSERT INTO holding (principal_id, dataset_id)
    SELECT p.id, d.id
      FROM access_principal AS p,
           LATERAL (SELECT id FROM catalog_dataset ORDER BY (id * 7919) %% 104729 LIMIT %(n)s) AS d
     WHERE p.username = %(name)s
"""
_TEAMS_OWN: Final = """
    INSERT INTO holding (team_id, dataset_id)
    SELECT DISTINCT g.id, d.first + (g.id * 197 + n * 251) %% %(datasets)s
      FROM auth_group AS g, generate_series(1, 400) AS n,
           (SELECT min(id) AS first FROM catalog_dataset) AS d
"""
_DECISIONS: Final = """
    INSERT INTO access_decision (id, kind, approves, unmasked, rows, reason, decided_at)
    SELECT number, 'configuration', true, '{}', '', 'benchmark', now() FROM holding
"""
_GRANTS: Final = """
    INSERT INTO access_grant (principal_id, team_id, dataset_id, decision_id, purpose, unmasked, masks, rows,
                              starts_at, expires_at, suspend_reason, end_reason, end_note, created_at)
    SELECT principal_id, team_id, dataset_id, number, 'benchmark', '{}', '{}', '',
           now() - interval '1 day', now() + interval '90 days', '', '', '', now()
      FROM holding
"""


def _mirror_in_guardian() -> None:
    """Gives guardian the same rights, in its own generic tables."""
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    from catalog.models import Dataset

    kind = ContentType.objects.get_for_model(Dataset)
    right = Permission.objects.create(codename=CODENAME, name="May query", content_type=kind)
    names = {"permission": right.pk, "kind": kind.pk}
    with connection.cursor() as cursor:
        for table, holder, column in (
            ("user", "principal_id", "user_id"),
            ("group", "team_id", "group_id"),
        ):
            cursor.execute(
                f"INSERT INTO guardian_{table}objectpermission (object_pk, content_type_id, permission_id, {column}) "  # noqa: S608
                f"SELECT dataset_id::text, %(kind)s, %(permission)s, {holder} FROM access_grant "
                f"WHERE {holder} IS NOT NULL",
                names,
            )


def _figures(reader: str) -> list[dict[str, Any]]:
    from access.grants import readable_by
    from access.models import Principal
    from catalog.models import Dataset

    principal = Principal.objects.get(username=reader)
    ours, theirs = _page_of_ours(principal), _page_of_guardian(principal)
    assert ours() == theirs(), f"{reader}: the two do not list the same"
    n = ours()[0]
    everything = Dataset.objects.select_related("warehouse")
    some = list(everything.filter(pk__in=readable_by(principal)).order_by("?")[:20])
    some += list(everything.order_by("?")[:20])
    assert all(_check(principal, one) == _check_of_guardian(principal, one) for one in some)
    return [
        _figure(f"may read, page and count ({n:,} of {DATASETS:,})", ours, theirs),
        _figure(
            f"may read, one check ({n:,} of {DATASETS:,})",
            lambda: [_check(principal, dataset) for dataset in some],
            lambda: [_check_of_guardian(principal, dataset) for dataset in some],
            per=len(some),
        ),
    ]


def _page_of_ours(principal: Any) -> Callable[[], tuple[int, list[int]]]:
    from access.grants import readable_page

    def page() -> tuple[int, list[int]]:
        found = readable_page(principal, limit=PAGE)
        return found.n, [dataset.pk for dataset in found.datasets]

    return page


def _page_of_guardian(principal: Any) -> Callable[[], tuple[int, list[int]]]:
    from guardian.shortcuts import get_objects_for_user

    def page() -> tuple[int, list[int]]:
        found: Any = get_objects_for_user(
            principal, f"catalog.{CODENAME}", accept_global_perms=False
        ).defer("search_document", "search_names", "definition")
        return found.count(), [dataset.pk for dataset in found.order_by("name")[:PAGE]]

    return page


def _check(principal: Any, dataset: Any) -> bool:
    """What the gate asks for each table: its answer carries columns, masks and row filters beside yes or no."""
    from access.policies.reading import readings

    found = readings(principal, dataset.warehouse, [dataset.identity])
    return bool(found[dataset.identity].policy.grants)


def _check_of_guardian(principal: Any, dataset: Any) -> bool:
    from guardian.core import ObjectPermissionChecker

    # A new checker for each question, as `user.has_perm` makes: one that is kept answers from before a revocation.
    return bool(ObjectPermissionChecker(principal).has_perm(CODENAME, dataset))


def _figure(
    name: str, ours: Callable[[], Any], theirs: Callable[[], Any], *, per: int = 1
) -> dict[str, Any]:
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for number in range(ROUNDS):
        # In turns and in changing order, so that a busy moment of the machine hits both.
        turns = [("ours", ours), ("theirs", theirs)]
        for who, act in turns if number % 2 else reversed(turns):
            started = time.perf_counter()
            act()
            times[who].append((time.perf_counter() - started) * 1000 / per)
    mine, rival = (statistics.median(times[who]) for who in ("ours", "theirs"))
    return {
        "name": name,
        "ours": round(mine, 3),
        "rival": round(rival, 3),
        "ratio": round(mine / rival, 3),
        "unit": "ms",
        "note": "rival: django-guardian's generic object permissions; median of interleaved rounds, 1,000,000 live grants",
    }
