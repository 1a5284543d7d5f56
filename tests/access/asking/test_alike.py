"""What somebody could use instead of asking: readable by them, known to them, and like it."""

from datetime import timedelta

import pytest

from access.asking import requests
from access.asking.alike import readable_alike
from access.clock import database_now
from access.models import Principal
from catalog.models import Dataset
from tests.access.lifecycle import stewarded
from tests.datasets import make_dataset, make_edge
from tests.people import make_grant

pytestmark = pytest.mark.django_db


def readable(name: str, person: Principal, *columns: str, **fields: object) -> Dataset:
    dataset = make_dataset(name, columns=columns, **fields)  # type: ignore[arg-type]
    make_grant(person, dataset, now=database_now())
    return dataset


def test_the_likest_readable_data_comes_first(analyst: Principal, steward: Principal) -> None:
    wanted = stewarded(steward)
    made = readable("sales.made", analyst, "total")
    make_edge(wanted, made)
    whole = readable("sales.whole", analyst, "customer_id", "email", "country")
    readable("sales.other", analyst, "customer_id", "weight")

    found = readable_alike(analyst, wanted)

    assert [(each.dataset, each.n_columns, each.is_neighbour) for each in found] == [
        (whole, 3, False),
        (made, 0, True),
    ]
    assert requests.advise(wanted, actor=analyst).alike == found


def test_what_somebody_cannot_read_is_not_offered(
    analyst: Principal, outsider: Principal, steward: Principal
) -> None:
    wanted = stewarded(steward)
    readable("sales.whole", outsider, "customer_id", "email")
    over = readable("sales.over", analyst, "customer_id", "email")
    Dataset.objects.filter(pk=over.pk).update(deprecated_at=database_now() - timedelta(days=1))

    assert readable_alike(analyst, wanted) == ()
