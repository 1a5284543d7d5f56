"""The pages of a review of access: a page at a time, a fixed number of queries, and everything on record in sight."""

from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from access import campaigns
from access.models import Campaign, CampaignItem, Certification, Principal
from portal.views import campaigns as pages
from tests.portal.pages.reviewing import make_review

pytestmark = pytest.mark.django_db

# These numbers may only fall.
QUERIES_OF_A_PAGE = 36
QUERIES_OF_A_VERDICT = 36
QUERIES_OF_EACH_MORE = 17
SCRIPT = {"HX-Request": "true"}


def page(client: Client, review: Campaign, viewer: Principal, **query: Any) -> tuple[Any, int]:
    client.force_login(viewer)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/reviews/{review.pk}/", query)
    assert answer.status_code == 200
    return answer, len(queries)


def test_a_long_review_is_a_page_at_a_time_in_as_many_queries(
    client: Client, steward: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 20)
    review = make_review(steward, 30)

    first, n_queries = page(client, review, steward)
    rest, _ = page(client, review, steward, after=first.context["more"])
    for number in (0, 10):
        campaigns.certify_several(
            CampaignItem.objects.order_by("pk")[number : number + 5],
            actor=steward,
            verdict=Certification.KEEP,
            now=review.opens_at,
        )
    _, later = page(client, review, steward)

    assert n_queries <= QUERIES_OF_A_PAGE
    assert later <= QUERIES_OF_A_PAGE
    shown = [item.pk for answer in (first, rest) for item in answer.context["waiting"]]
    assert len(first.context["waiting"]) == 20
    assert len(shown) == len(set(shown)) == 30
    assert rest.context["more"] is None


def test_the_most_urgent_come_first_over_the_edges_of_pages(
    client: Client, steward: Principal
) -> None:
    review = make_review(steward, 20)
    waiting = campaigns.waiting_for(steward, review)
    order = list(waiting)
    for place in (0, 7, 18):
        assert list(campaigns.following(waiting, order[place].pk)) == order[place + 1 :]
    assert list(campaigns.following(waiting, 0)) == order
    assert [item.priority for item in order] == sorted(
        (item.priority for item in order), reverse=True
    )


def test_a_verdict_costs_as_many_queries_and_so_does_each_more(
    client: Client, steward: Principal
) -> None:
    review = make_review(steward, 12)
    client.force_login(steward)
    keys = list(CampaignItem.objects.order_by("pk").values_list("pk", flat=True))

    def cost(items: list[int]) -> int:
        fields = {"verdict": "keep", "items": items}
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(f"/reviews/{review.pk}/verdicts/", fields, headers=SCRIPT)
        assert answer.status_code == 200
        return len(queries)

    one, several = cost(keys[:1]), cost(keys[1:6])
    assert one <= QUERIES_OF_A_VERDICT
    assert several - one <= 4 * QUERIES_OF_EACH_MORE
    assert CampaignItem.objects.filter(verdict="keep").count() == 6


def test_a_script_gets_the_rows_that_follow_and_nothing_else(
    client: Client, steward: Principal
) -> None:
    review = make_review(steward, 3)
    client.force_login(steward)
    first = campaigns.waiting_for(steward, review)[0]
    answer = client.get(f"/reviews/{review.pk}/", {"after": first.pk}, headers=SCRIPT)
    text = answer.content.decode()
    assert text.count("data-item=") == 2
    assert "<html" not in text


@pytest.mark.parametrize("after", ["x", "-1", "9" * 18, "9" * 5000, "²"])
def test_a_place_that_is_none_shows_the_whole(
    client: Client, steward: Principal, after: str
) -> None:
    review = make_review(steward, 2)
    answer, _ = page(client, review, steward, after=after)
    assert len(answer.context["waiting"]) == 2


def test_what_silence_suspended_is_in_sight_of_whoever_opened_the_review(
    client: Client, steward: Principal, administrator: Principal
) -> None:
    review = make_review(steward, 3, due=timedelta(days=4))
    campaigns.run(review.due_at + timedelta(seconds=1))

    seen, _ = page(client, review, administrator)
    mine, _ = page(client, review, steward)

    assert [item.state for item in seen.context["settled"]] == ["suspended"] * 3
    assert list(seen.context["waiting"]) == []
    assert [item.state for item in mine.context["waiting"]] == ["suspended"] * 3
    assert list(mine.context["settled"]) == []


@pytest.mark.parametrize("n_grants", [12, pytest.param(500, marks=pytest.mark.drill)])
def test_all_that_is_recommended_is_kept_with_one_press(
    client: Client, steward: Principal, n_grants: int
) -> None:
    review = make_review(steward, n_grants)
    n = campaigns.suggested(campaigns.waiting_for(steward, review))["keep"]
    client.force_login(steward)
    began = monotonic()
    answer = client.post(f"/reviews/{review.pk}/verdicts/", {"verdict": "recommended"})
    print(f"\n{n} of {n_grants} grants kept at once: {monotonic() - began:.1f} s")

    said = client.get(answer.headers["Location"]).content.decode()
    assert f"Decided {n} grants." in said
    assert CampaignItem.objects.filter(verdict="keep", recommended="keep").count() == n
    assert n > 1
