"""Notices: mine and nobody else's, new until I read them; how I am told; and the link that decides once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client

from access import notices
from access.asking import requests
from access.clock import database_now
from access.deciding import decisions
from access.delivering import links, preferences, running
from access.models import (
    AccessRequest,
    AuditEvent,
    DecisionLink,
    Endpoint,
    Grant,
    How,
    Notice,
    Post,
    Principal,
    RequestState,
    TellingChoice,
)
from access.people import stewardship
from tests.access.lifecycle import ask, granted, stewarded
from tests.people import put_in_charge

pytestmark = pytest.mark.django_db


def words(client: Client, viewer: Principal, address: str = "/notices/") -> str:
    client.force_login(viewer)
    return client.get(address).content.decode()


# --- The list


def test_a_steward_is_told_of_a_request_and_the_asker_of_the_decision(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)

    assert "Alice Analyst asks for" in words(client, steward)
    assert "is approved" in words(client, analyst)


def test_a_notice_is_new_until_it_is_opened_or_marked(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    asked = ask(stewarded(steward), analyst)
    assert "mail--new" in words(client, steward)
    assert '<span class="nav__count">1' in words(client, steward, "/")

    told = Notice.objects.get(recipient=steward)
    opened = client.get(f"/notices/{told.pk}/")

    assert opened.headers["Location"] == f"/requests/{asked.pk}/"
    assert "mail--new" not in words(client, steward)
    assert "Nothing new" in words(client, steward, "/notices/?unread=1")


def test_marking_all_read_leaves_those_of_others_alone(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)
    client.force_login(analyst)
    client.post("/notices/read/", {"notice": "not a number"})

    assert notices.n_unread(analyst) == 0
    assert notices.n_unread(steward) == 1


def test_an_outsider_reads_none_of_it(
    client: Client, analyst: Principal, steward: Principal, outsider: Principal
) -> None:
    granted(stewarded(steward), analyst, steward)

    assert "No messages" in words(client, outsider)
    client.post("/notices/read/", {"notice": [str(each.pk) for each in Notice.objects.all()]})
    assert not Notice.objects.exclude(read_at=None).exists()


def test_what_somebody_never_wants_is_not_shown_nor_counted(
    client: Client, analyst: Principal, steward: Principal
) -> None:
    preferences.choose(
        analyst, choices={"asking": preferences.Choice(How.NEVER)}, now=database_now()
    )
    asked = ask(stewarded(steward), analyst)
    decisions.deny(asked, actor=steward, reason="No.", now=database_now())
    running.deliver(database_now())

    assert "No messages" in words(client, analyst)
    assert notices.n_unread(analyst) == 0


# --- How I am told


def _chosen(**changed: str) -> dict[str, str]:
    names = [name for name in preferences.TOPICS if name != "emergencies"]
    return {f"mail-{name}": "at_once" for name in names} | changed


def test_hours_and_topics_are_kept_and_shown_again(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)
    hours = {
        "digest_hour": "17",
        "zone": "Asia/Kolkata",
        "quiet_from": "22:00",
        "quiet_until": "06:30",
    }
    assert client.post("/preferences/", hours).status_code == 302
    assert (
        client.post("/preferences/topics/", _chosen(**{"mail-asking": "digest"})).status_code == 302
    )

    said = preferences.as_words(preferences.preferences_for(analyst))
    assert (said["zone"], said["digest_hour"]) == ("Asia/Kolkata", 17)
    assert said["quiet"] == {"start": "22:00", "end": "06:30"}
    assert said["topics"]["asking"]["mail"] == "digest"  # type: ignore[index]
    page = words(client, analyst, "/preferences/")
    assert 'value="Asia/Kolkata"' in page
    assert re.search(r'name="mail-asking".*?value="digest" selected', page, re.DOTALL)


@pytest.mark.parametrize(
    ("changed", "words_"),
    [
        ({"zone": "Mars/Olympus"}, "no such time zone"),
        ({"quiet_from": "22:00"}, "both when it begins"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "begin at one time"),
        ({"digest_hour": "24"}, "valid choice"),
    ],
)
def test_hours_that_make_no_sense_are_shown_with_what_is_wrong(
    client: Client, analyst: Principal, changed: dict[str, str], words_: str
) -> None:
    client.force_login(analyst)
    answer = client.post("/preferences/", {"digest_hour": "8", "zone": "UTC", **changed})

    assert answer.status_code == 422
    assert words_ in answer.content.decode()


def test_a_forged_form_cannot_turn_emergencies_off(client: Client, analyst: Principal) -> None:
    client.force_login(analyst)
    client.post("/preferences/topics/", _chosen(**{"mail-emergencies": "never"}))

    assert TellingChoice.objects.get(person=analyst, topic="emergencies").mail == "at_once"


def test_a_webhook_shows_its_secret_once_and_its_address_never(
    client: Client, analyst: Principal, settings: Any
) -> None:
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_HTTP = ["127.0.0.1"], True
    client.force_login(analyst)
    made = client.post(
        "/webhooks/", {"name": "mine", "kind": "generic", "url": "http://127.0.0.1:9/in/hunter2"}
    ).content.decode()
    endpoint = Endpoint.objects.get()

    assert re.search(r"whsec_[\w+/=]{44}", made)
    later = words(client, analyst, "/preferences/")
    assert "whsec_" not in later
    assert "127.0.0.1" in later
    assert "hunter2" not in later + made + endpoint.address + str(list(AuditEvent.objects.values()))
    rotated = client.post(f"/webhooks/{endpoint.pk}/rotate/").content.decode()
    assert re.search(r"whsec_[\w+/=]{44}", rotated)
    client.post(f"/webhooks/{endpoint.pk}/remove/")
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://10.0.0.8/x", "http://8.8.8.8/", "x"]
)
def test_a_webhook_into_the_network_is_refused_and_not_repeated(
    client: Client, analyst: Principal, url: str
) -> None:
    client.force_login(analyst)
    answer = client.post("/webhooks/", {"name": "mine", "kind": "slack", "url": url})

    assert answer.status_code == 422
    assert not Endpoint.objects.exists()


def test_somebody_elses_webhook_is_not_there(
    client: Client, analyst: Principal, outsider: Principal, administrator: Principal
) -> None:
    endpoint = Endpoint.objects.create(
        owner=analyst, name="mine", kind="slack", address="x", created_at=database_now()
    )
    for other in (outsider, administrator):
        client.force_login(other)
        for act in ("rotate", "disable", "enable", "remove"):
            assert client.post(f"/webhooks/{endpoint.pk}/{act}/").status_code == 404


def test_only_administrators_see_and_retry_what_was_set_aside(
    client: Client, analyst: Principal, administrator: Principal
) -> None:
    now = database_now()
    endpoint = Endpoint.objects.create(name="hook", kind="slack", address="${X}", created_at=now)
    notices.tell(analyst, "test", "S", "B", link="", dedupe_key="k", now=now)
    Post.objects.create(
        endpoint=endpoint,
        event="e",
        notice=Notice.objects.get(),
        created_at=now,
        due_at=now,
        attempts=9,
        quarantined_at=now,
        last_error="status 500",
    )
    assert "status 500" in words(client, administrator, "/deliveries/")
    client.post("/deliveries/again/")

    post = Post.objects.get()
    assert (post.quarantined_at, post.attempts) == (None, 0)
    client.force_login(analyst)
    assert client.get("/deliveries/").status_code == 403
    assert client.post("/deliveries/again/").status_code == 403


# --- The link in a mail


@pytest.fixture
def link(analyst: Principal, steward: Principal, settings: Any) -> str:
    """The address in the mail to a steward, who is asked to decide."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PORTAL_URL = "https://data.example"
    ask(stewarded(steward), analyst)
    running.deliver(database_now())
    (sent,) = [each for each in mail.outbox if each.to == [steward.email]]
    found = re.search(r"https://data\.example(/decide/\S+)", str(sent.body))
    assert found
    return found[1]


def test_the_link_signs_in_first_shows_and_decides_once(
    client: Client, steward: Principal, link: str
) -> None:
    first = client.get(link)
    assert first.status_code == 302
    assert first.headers["Location"].startswith("/sign-in/?next=/decide/")
    assert "Approve" in words(client, steward, link)
    assert AccessRequest.objects.get().state == RequestState.PENDING  # opening decides nothing

    decided = client.post(link, {"verdict": "approve"})

    assert decided.headers["Location"] == f"/requests/{AccessRequest.objects.get().pk}/"
    assert Grant.objects.count() == 1
    assert DecisionLink.objects.get().used_at is not None
    again = client.post(link, {"verdict": "deny", "reason": "Changed my mind."})
    assert again.status_code == 409
    assert AccessRequest.objects.get().state == RequestState.APPROVED


@pytest.mark.parametrize("who", ["analyst", "outsider", "administrator"])
def test_nobody_but_its_addressee_finds_anything_behind_it(
    client: Client, link: str, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))

    assert client.get(link).status_code == 404
    assert client.post(link, {"verdict": "approve"}).status_code == 404
    assert not Grant.objects.exists()


def test_another_steward_cannot_use_it_either(
    client: Client, scientist: Principal, link: str
) -> None:
    put_in_charge(scientist, AccessRequest.objects.get().dataset)
    client.force_login(scientist)

    assert client.post(link, {"verdict": "approve"}).status_code == 404


def test_a_link_that_was_altered_or_signed_for_another_purpose_leads_nowhere(
    client: Client, steward: Principal, link: str
) -> None:
    made = DecisionLink.objects.get()
    other = signing.dumps([made.pk, made.person_id], salt="another.purpose")
    client.force_login(steward)

    for token in (link.split("/")[2][:-2] + "xx", other, "x", "a:b:c"):
        assert client.get(f"/decide/{token}/").status_code == 404


def test_a_link_whose_time_is_over_decides_nothing(
    client: Client, steward: Principal, link: str
) -> None:
    DecisionLink.objects.update(
        created_at=database_now() - timedelta(days=9), expires_at=database_now() - timedelta(days=2)
    )
    page = words(client, steward, link)

    assert "its time is over" in page
    assert client.post(link, {"verdict": "approve"}).status_code == 409
    assert not Grant.objects.exists()


def test_a_refused_decision_leaves_the_link_as_it_was(
    client: Client, steward: Principal, link: str
) -> None:
    client.force_login(steward)
    refused = client.post(link, {"verdict": "deny", "reason": " "})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()

    assert client.post(link, {"verdict": "deny", "reason": "Use the summary."}).status_code == 302
    assert AccessRequest.objects.get().state == RequestState.DENIED


def test_somebody_who_no_longer_answers_for_it_finds_nothing(
    client: Client, steward: Principal, link: str
) -> None:
    dataset = AccessRequest.objects.get().dataset
    stewardship.dismiss(steward, dataset=dataset, actor=None, now=database_now())
    client.force_login(steward)

    assert client.get(link).status_code == 404
    assert not requests.visible_to(steward).exists()


def test_two_uses_at_once_are_one(steward: Principal, link: str) -> None:
    made = DecisionLink.objects.get()
    done = []
    links.use(made, lambda: done.append(1), actor=steward, approves=True, now=database_now())
    with pytest.raises(links.LinkIsSpent):
        links.use(made, lambda: done.append(2), actor=steward, approves=True, now=database_now())

    assert done == [1]
