"""The call to copy under a page: it is there, it is quoted for a shell, and the API knows its address."""

import json
import shlex

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from access.models import Principal
from portal.pages.calls import PATHS, call_of_page, call_of_query
from tests.access.lifecycle import stewarded

PARTS = {"name": "commerce", "level": "restricted", "pk": 7}


@pytest.mark.parametrize("page", PATHS)
def test_the_api_knows_the_call_of_every_page(page: str) -> None:
    call = call_of_page(page, PARTS, {}, "https://data.example")

    assert call is not None
    address = shlex.split(call.code)[1]
    assert resolve(address.removeprefix("https://data.example").partition("?")[0])
    with pytest.raises(Resolver404):
        resolve("/api/v1/nothing-like-it")


def test_a_search_takes_its_words_along_and_nothing_else() -> None:
    call = call_of_page("search", {}, {"q": 'a "b" $c', "page": "2"}, "https://data.example")

    assert call is not None
    assert shlex.split(call.code)[1] == "https://data.example/api/v1/datasets?q=a%20%22b%22%20%24c"


def test_a_query_survives_the_shell() -> None:
    sql = "select 'it''s' as \"a\"\nfrom t"

    code = call_of_query(sql, "https://data.example").code.replace("\\\n", " ")

    assert json.loads(shlex.split(code)[-1]) == {"sql": sql}


@pytest.mark.django_db
def test_a_page_shows_its_call(client: Client, analyst: Principal, steward: Principal) -> None:
    stewarded(steward)
    client.force_login(analyst)

    page = client.get("/datasets/wh.sales.customers/").content.decode()

    assert "http://testserver/api/v1/datasets/wh.sales.customers" in page
    assert "call-page" not in client.get("/style/").content.decode()
