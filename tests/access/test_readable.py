"""What somebody may read now: listed the same whichever way PostgreSQL is made to find it."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from access import popularity
from access.grants import readable_by, readable_page, revoke
from access.models import GrantUse, Principal, PrincipalKind
from access.people import principals
from catalog.models import Dataset, Visibility
from tests.datasets import make_dataset
from tests.people import make_grant, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def shelf() -> list[Dataset]:
    """Twelve datasets, by name, one of them hidden."""
    made = [make_dataset(f"a.t{number:02}") for number in range(12)]
    Dataset.objects.filter(pk=made[3].pk).update(visibility=Visibility.HIDDEN)
    return made


@pytest.fixture
def reader(shelf: list[Dataset], now: datetime) -> Principal:
    """Reads t00 to t03 alone, t03 to t06 through a team, and has lost t07, t08 and t09."""
    person = make_person("reader")
    team = make_team("sales", person)
    for dataset in shelf[:4]:
        make_grant(person, dataset, now=now)
    for dataset in shelf[3:7]:
        make_grant(team, dataset, now=now)
    make_grant(person, shelf[7], now=now - timedelta(days=40))
    revoke(make_grant(person, shelf[8], now=now), actor=None, reason="Over", now=now)
    make_grant(person, shelf[9], now=now, starts_at=now + timedelta(days=1))
    return person


def names(datasets: object) -> list[str]:
    return [dataset.table_name for dataset in datasets]  # type: ignore[attr-defined]


EXPECTED = [f"t{number:02}" for number in range(7)]


@pytest.mark.parametrize("knows_its_size", [True, False], ids=["fetched", "walked"])
def test_the_page_lists_what_is_held_alone_and_through_teams_once(
    reader: Principal, knows_its_size: bool
) -> None:
    if (
        knows_its_size
    ):  # without statistics the catalog seems empty, and every holder seems to hold much of it
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE catalog_dataset")

    page = readable_page(reader, limit=25)

    assert names(page.datasets) == EXPECTED
    assert (page.n, page.next) == (7, None)
    assert names(readable_by(reader).order_by("name")) == EXPECTED


def test_pages_follow_each_other_by_name(reader: Principal) -> None:
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = readable_page(reader, after=after, limit=3)
        seen += names(page.datasets)
        after = page.next

    assert seen == EXPECTED


@pytest.mark.usefixtures("reader")
def test_an_outsider_reads_nothing() -> None:
    page = readable_page(make_person("outsider"))

    assert (page.datasets, page.n) == ((), 0)


def test_an_administrator_reads_nothing_for_being_one(shelf: list[Dataset]) -> None:
    assert readable_page(make_person("root", administrator=True)).n == 0


def test_somebody_who_left_reads_nothing_even_while_their_session_lasts(
    reader: Principal, now: datetime
) -> None:
    stale = Principal.objects.get(pk=reader.pk)
    principals.deactivate(reader, actor=None, now=now)
    assert stale.is_active

    assert readable_page(stale).n == 0
    assert not readable_by(stale).exists()


def test_popularity_counts_people_of_the_last_month_and_not_jobs(
    reader: Principal, shelf: list[Dataset], now: datetime
) -> None:
    other = make_person("other")
    job = principals.create_service("job", owner=other, actor=None, now=now)
    assert job.kind == PrincipalKind.SERVICE
    grants = {person: make_grant(person, shelf[11], now=now) for person in (other, job)}
    own = make_grant(reader, shelf[11], now=now)
    for person, grant, age in (
        (other, grants[other], 1),
        (reader, own, 2),
        (reader, own, 3),
        (job, grants[job], 1),
        (other, grants[other], 31),
    ):
        GrantUse.objects.create(
            grant=grant,
            principal=person,
            day=(now - timedelta(days=age)).date(),
            n_queries=1,
            last_used_at=now,
        )

    popularity.recount(now)

    assert dict(Dataset.objects.exclude(popularity=0).values_list("table_name", "popularity")) == {
        "t11": 2
    }
