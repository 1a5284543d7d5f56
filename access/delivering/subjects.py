"""What notices are about, read from where they lead: the dataset decides which shared endpoints may hear of it."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from access.models import AccessRequest, BreakGlassReview, Grant, Notice
from catalog.models import Dataset

REQUEST = re.compile(r"^/requests/(\d+)/")
GRANT = re.compile(r"#grant-(\d+)$")
EMERGENCY = re.compile(r"^/emergencies/(\d+)/")
DATASET = re.compile(r"^/datasets/([^/]+)/")


def datasets_of(notices: Iterable[Notice]) -> Mapping[int, Dataset]:
    """The dataset of each notice that is about one, by the notice's key. Cost: at most four queries."""
    links = {notice.pk: notice.link for notice in notices if notice.link}
    requests = _numbers(links, REQUEST)
    grants = _numbers(links, GRANT)
    emergencies = _numbers(links, EMERGENCY)
    names = {pk: unquote(found[1]) for pk, link in links.items() if (found := DATASET.search(link))}
    of_request = dict(_pairs(AccessRequest.objects.filter(pk__in=requests.values()), "dataset"))
    of_grant = dict(_pairs(Grant.objects.filter(pk__in=grants.values()), "dataset"))
    reviews = BreakGlassReview.objects.filter(pk__in=emergencies.values())
    of_emergency = dict(_pairs(reviews, "grant__dataset"))
    keys = {pk: of_request.get(number) for pk, number in requests.items()}
    keys |= {pk: of_grant.get(number) for pk, number in grants.items()}
    keys |= {pk: of_emergency.get(number) for pk, number in emergencies.items()}
    wanted = {key for key in keys.values() if key is not None}
    by_key = {
        each.pk: each for each in Dataset.objects.filter(pk__in=wanted).select_related("domain")
    }
    named = {
        each.name: each
        for each in Dataset.objects.filter(name__in=set(names.values())).select_related("domain")
    }
    behind = {pk: by_key[key] for pk, key in keys.items() if key in by_key}
    return behind | {pk: named[name] for pk, name in names.items() if name in named}


def _numbers(links: Mapping[int, str], pattern: re.Pattern[str]) -> dict[int, int]:
    return {pk: int(found[1]) for pk, link in links.items() if (found := pattern.search(link))}


def _pairs(rows: object, path: str) -> Iterable[tuple[int, int]]:
    return rows.values_list("pk", path)  # type: ignore[attr-defined,no-any-return]
