"""Attempts on the doors of the portal by whoever would gain by them; `test_doors.py` finds the doors and tries each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client

from access import campaigns, grants
from access.clock import database_now
from access.deciding import approval, delegation, emergencies
from access.deciding.approval import AutoRule, Said
from access.delivering import links
from access.models import (
    AccessRequest,
    BreakGlassReview,
    CampaignItem,
    Certification,
    DecisionLink,
    Exclusion,
    Exemption,
    Grant,
    Notice,
    Principal,
    RightSizing,
    Vote,
)
from access.people import tokens
from catalog.models import Dataset
from tests.access.lifecycle import DAY, ask, granted, stewarded
from tests.people import make_person, make_team, put_in_charge


@dataclass(frozen=True)
class Stage:
    """`gainer` answers for the data with a colleague, and tries to get at it, or to keep it, without anybody else."""

    gainer: Principal
    colleague: Principal
    administrator: Principal
    dataset: Dataset

    def page(self, path: str, *, by: Principal | None = None, **form: Any) -> int:
        """The status of a form sent from a page."""
        client = Client()
        client.force_login(by or self.gainer)
        return client.post(path, form).status_code

    def call(self, method: str, path: str, *, by: Principal | None = None, **body: Any) -> int:
        """The status of a call of the API with a token that may do everything."""
        now = database_now()
        _, secret = tokens.issue(by or self.gainer, actor=None, now=now)
        answer = Client().generic(
            method,
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        return answer.status_code

    def asked(self) -> AccessRequest:
        """The gainer's own request."""
        return ask(self.dataset, self.gainer)

    def held(self, holder: Principal | None = None, **changes: Any) -> Grant:
        """A grant the colleague approved, with what happened to it since."""
        start = database_now() - 10 * DAY
        grant = granted(self.dataset, holder or self.gainer, self.colleague, now=start)
        Grant.objects.filter(pk=grant.pk).update(**changes)
        return Grant.objects.get(pk=grant.pk)


Attempt = Callable[[Stage], Iterator[int]]


# --- Deciding


def decides_on_a_page(stage: Stage) -> Iterator[int]:
    asked = stage.asked()
    for verdict in ("approve", "deny"):
        form = {"verdict": verdict, "reason": "No"}
        yield stage.page(f"/requests/{asked.pk}/decision/", **form)
        yield stage.page("/inbox/decisions/", requests=[asked.pk], **form)


def decides_by_the_api(stage: Stage) -> Iterator[int]:
    asked = stage.asked()
    for verdict in ("approve", "deny"):
        path = f"/access-requests/{asked.pk}/decision"
        yield stage.call("POST", path, verdict=verdict, reason="No")


def decides_by_a_link(stage: Stage) -> Iterator[int]:
    """A link made for somebody else's request that is the gainer's own by now: they have joined its team."""
    team = make_team("sales", stage.colleague)
    colleagues_request = ask(stage.dataset, stage.colleague, holder=team)
    links.prepare(Notice.objects.filter(recipient=stage.gainer), now=database_now())
    link = DecisionLink.objects.get(person=stage.gainer, request=colleagues_request)
    stage.gainer.groups.add(team)
    yield stage.page(f"/decide/{links.token_of(link)}/", verdict="approve")
    assert not Vote.objects.exists()


def asks_back_on_a_page(stage: Stage) -> Iterator[int]:
    yield stage.page(f"/requests/{stage.asked().pk}/question/", text="Why?")


def asks_back_by_the_api(stage: Stage) -> Iterator[int]:
    yield stage.call("POST", f"/access-requests/{stage.asked().pk}/questions", text="Why?")


def _rule(stage: Stage) -> None:
    make_team("sales", stage.gainer)
    rule = Said(auto_approve=(AutoRule("sales"),))
    approval.say(stage.dataset, rule, actor=stage.gainer, now=database_now())


def asks_under_their_own_rule_on_a_page(stage: Stage) -> Iterator[int]:
    _rule(stage)
    form = {"purpose": "Mine", "duration": "30d", "holder": stage.gainer.label}
    columns = ["customer_id", "email", "country"]
    stage.page(f"/datasets/{stage.dataset.name}/request/", columns=columns, **form)
    assert AccessRequest.objects.get().state == "pending"
    yield 403


def asks_under_their_own_rule_by_the_api(stage: Stage) -> Iterator[int]:
    _rule(stage)
    body = {"dataset": stage.dataset.name, "purpose": "Mine", "duration": "30d"}
    assert stage.call("POST", "/access-requests", **body) == 201
    assert AccessRequest.objects.get().state == "pending"
    yield 403


def _decided_by_a_delegate(stage: Stage, dana: Principal) -> Iterator[int]:
    assert delegation.made_by(stage.gainer).filter(delegate=dana).exists()
    asked = stage.asked()
    yield stage.page(f"/requests/{asked.pk}/decision/", by=dana, verdict="approve")
    yield stage.call("POST", f"/access-requests/{asked.pk}/decision", by=dana, verdict="approve")


def names_a_delegate_on_a_page(stage: Stage) -> Iterator[int]:
    dana, today = make_person("dana"), database_now().date()
    span = {"first": today.isoformat(), "last": (today + DAY).isoformat()}
    stage.page("/delegations/", delegate="dana", **span)
    yield from _decided_by_a_delegate(stage, dana)


def names_a_delegate_by_the_api(stage: Stage) -> Iterator[int]:
    dana, ends_at = make_person("dana"), (database_now() + DAY).isoformat()
    stage.call("POST", "/delegations", delegate="user:dana", ends_at=ends_at)
    yield from _decided_by_a_delegate(stage, dana)


# --- Rules, charges and emergencies


def lists_themself_on_a_page(stage: Stage) -> Iterator[int]:
    path = f"/datasets/{stage.dataset.name}/rules/"
    total = {"stages-TOTAL_FORMS": "0", "stages-INITIAL_FORMS": "0"}
    total |= {"rules-TOTAL_FORMS": "0", "rules-INITIAL_FORMS": "0"}
    yield stage.page(path, responders=stage.gainer.label, **total)
    assert approval.said_by(stage.dataset).responders in (None, ())


def lists_themself_by_the_api(stage: Stage) -> Iterator[int]:
    path = f"/datasets/{stage.dataset.name}/rules"
    yield stage.call("PUT", path, responders=[stage.gainer.label])
    assert approval.said_by(stage.dataset).responders in (None, ())


def takes_a_dataset(stage: Stage, take: Callable[[Dataset], int]) -> Iterator[int]:
    orphan, root = stewarded(None, "sales.orphan"), stage.administrator
    take(orphan)
    asked = ask(orphan, root)
    yield stage.page(f"/requests/{asked.pk}/decision/", by=root, verdict="approve")
    yield stage.call("POST", f"/access-requests/{asked.pk}/decision", by=root, verdict="approve")


def takes_a_dataset_on_a_page(stage: Stage) -> Iterator[int]:
    yield from takes_a_dataset(
        stage,
        lambda orphan: stage.page(f"/datasets/{orphan.name}/steward/", by=stage.administrator),
    )


def takes_a_dataset_by_the_api(stage: Stage) -> Iterator[int]:
    yield from takes_a_dataset(
        stage,
        lambda orphan: stage.call(
            "POST", f"/datasets/{orphan.name}/steward", by=stage.administrator
        ),
    )


def _is_listed(stage: Stage) -> None:
    said = Said(responders=(stage.gainer.label,))
    approval.say(stage.dataset, said, actor=None, now=database_now())


def breaks_glass_on_a_page(stage: Stage) -> Iterator[int]:
    _is_listed(stage)
    form = {"reason": "Fire", "hours": "4", "columns": ["email"]}
    yield stage.page(f"/datasets/{stage.dataset.name}/emergency/", **form)


def breaks_glass_by_the_api(stage: Stage) -> Iterator[int]:
    _is_listed(stage)
    yield stage.call("POST", "/emergencies", dataset=stage.dataset.name, reason="Fire")


def _own_emergency(stage: Stage) -> tuple[Principal, BreakGlassReview]:
    rita, now = make_person("rita"), database_now()
    approval.say(stage.dataset, Said(responders=(rita.label,)), actor=None, now=now)
    grant = emergencies.break_glass(stage.dataset, actor=rita, reason="Fire", now=now)
    grants.give_back(grant, actor=rita, now=now)
    put_in_charge(rita, stage.dataset)
    return rita, BreakGlassReview.objects.get()


def reviews_themself_on_a_page(stage: Stage) -> Iterator[int]:
    rita, review = _own_emergency(stage)
    yield stage.page(f"/emergencies/{review.pk}/", by=rita, is_justified="yes", note="Fine")
    assert not BreakGlassReview.objects.filter(reviewed_at__isnull=False).exists()


def reviews_themself_by_the_api(stage: Stage) -> Iterator[int]:
    rita, review = _own_emergency(stage)
    path = f"/emergencies/{review.pk}/review"
    yield stage.call("POST", path, by=rita, justified=True, note="Fine")
    assert not BreakGlassReview.objects.filter(reviewed_at__isnull=False).exists()


# --- Keeping what one has


def _decides_their_renewal(stage: Stage) -> Iterator[int]:
    asked = AccessRequest.objects.get(state="pending")
    yield stage.page(f"/requests/{asked.pk}/decision/", verdict="approve")
    yield stage.call("POST", f"/access-requests/{asked.pk}/decision", verdict="approve")


def renews_on_a_page(stage: Stage) -> Iterator[int]:
    stage.page(f"/grants/{stage.held().pk}/renew/", duration="90d")
    yield from _decides_their_renewal(stage)


def renews_by_the_api(stage: Stage) -> Iterator[int]:
    assert stage.call("POST", f"/grants/{stage.held().pk}/renewal", duration="90d") == 201
    yield from _decides_their_renewal(stage)


def _others_unused(stage: Stage) -> Grant:
    grant = stage.held(make_person("ivan"))
    Grant.objects.filter(pk=grant.pk).update(ended_at=database_now(), end_reason="unused")
    return grant


def restores_on_a_page(stage: Stage) -> Iterator[int]:
    yield stage.page(f"/grants/{_others_unused(stage).pk}/restore/")


def restores_by_the_api(stage: Stage) -> Iterator[int]:
    yield stage.call("POST", f"/grants/{_others_unused(stage).pk}/restoration")


def _suspended(stage: Stage) -> Grant:
    grant = stage.held()
    grants.suspend(grant, actor=stage.colleague, reason="Looking", now=database_now())
    return grant


def wakes_on_a_page(stage: Stage) -> Iterator[int]:
    grant = _suspended(stage)
    yield stage.page(f"/grants/{grant.pk}/wake/")
    assert Grant.objects.get(pk=grant.pk).suspended_at is not None


def wakes_by_the_api(stage: Stage) -> Iterator[int]:
    grant = _suspended(stage)
    yield stage.call("POST", f"/grants/{grant.pk}/waking")
    assert Grant.objects.get(pk=grant.pk).suspended_at is not None


def _left_out(stage: Stage) -> Exclusion:
    ivan, now = make_person("ivan"), database_now()
    grant = granted(stage.dataset, stage.colleague, stage.gainer, now=now - 3 * DAY)
    span = {"warned_at": now - 2 * DAY, "due_at": now - DAY, "excluded_at": now}
    return Exclusion.objects.create(grant=grant, member=ivan, **span)


def comes_back_on_a_page(stage: Stage) -> Iterator[int]:
    out = _left_out(stage)
    yield stage.page(f"/grants/{out.grant_id}/come-back/", by=make_person("otto"))
    assert Exclusion.objects.get().lifted_at is None


def comes_back_by_the_api(stage: Stage) -> Iterator[int]:
    out = _left_out(stage)
    otto = make_person("otto")
    yield stage.call("POST", f"/grants/{out.grant_id}/readmission", by=otto, member="ivan")
    assert Exclusion.objects.get().lifted_at is None


def _going(stage: Stage) -> Grant:
    grant, now = stage.held(), database_now()
    span = {"proposed_at": now - 2 * DAY, "mask_due_at": now + DAY}
    RightSizing.objects.create(grant=grant, columns=["email"], reason="Unread", **span)
    return grant


def keeps_columns_on_a_page(stage: Stage) -> Iterator[int]:
    grant = _going(stage)
    for part in ("holder", "steward"):
        form = {"columns": ["email"], "as": part}
        yield stage.page(f"/grants/{grant.pk}/keep-columns/", by=make_person(f"o{part}"), **form)
    assert not RightSizing.objects.get().kept


def keeps_columns_by_the_api(stage: Stage) -> Iterator[int]:
    grant = _going(stage)
    path = f"/grants/{grant.pk}/kept-columns"
    yield stage.call("POST", path, by=make_person("otto"), columns=["email"])
    assert not RightSizing.objects.get().kept


def exempts_on_a_page(stage: Stage) -> Iterator[int]:
    yield stage.page(f"/grants/{stage.held().pk}/exempt/", duration="90d", reason="Season")
    assert not Exemption.objects.exists()


def exempts_by_the_api(stage: Stage) -> Iterator[int]:
    path = f"/grants/{stage.held().pk}/exemption"
    yield stage.call("POST", path, duration="90d", reason="Season")
    yield stage.call("POST", path, duration="90d", reason="Season", owner="user:olga")
    assert not Exemption.objects.exists()


def _own_item(stage: Stage) -> CampaignItem:
    stage.held()
    now = database_now()
    scope, due_at = f"dataset:{stage.dataset.name}", now + 10 * DAY
    made = campaigns.open_campaign("All", scope, actor=None, due_at=due_at, now=now)
    return campaigns.items_of(made, stage.administrator).get()


def certifies_on_a_page(stage: Stage) -> Iterator[int]:
    item = _own_item(stage)
    yield stage.page(f"/reviews/{item.campaign_id}/verdicts/", verdict="keep", items=[item.pk])
    item.refresh_from_db()
    assert not item.verdict


def certifies_by_the_api(stage: Stage) -> Iterator[int]:
    item = _own_item(stage)
    path = f"/reviews/{item.campaign_id}/items/{item.pk}/verdict"
    yield stage.call("POST", path, verdict="keep")
    item.refresh_from_db()
    assert not item.verdict


def takes_a_verdict_back(stage: Stage) -> Iterator[int]:
    """A colleague's, that took the gainer's grant away."""
    item = _own_item(stage)
    revoke = Certification.REVOKE
    now = database_now()
    campaigns.certify(item, actor=stage.colleague, verdict=revoke, reason="Idle", now=now)
    path = f"/reviews/{item.campaign_id}"
    yield stage.page(f"{path}/undo/")
    yield stage.call("DELETE", f"{path}/items/{item.pk}/verdict")
    item.refresh_from_db()
    assert item.verdict == revoke


NATIVE = "tests/portal/pages/test_native.py::"
DOORS: dict[str, Attempt | str] = {
    "views/asking.py:_submit": asks_under_their_own_rule_on_a_page,
    "views/campaigns.py:decide": certifies_on_a_page,
    "views/campaigns.py:take_back": takes_a_verdict_back,
    "views/delegating.py:_named": names_a_delegate_on_a_page,
    "views/emergencies.py:_taken": breaks_glass_on_a_page,
    "views/emergencies.py:_reviewed": reviews_themself_on_a_page,
    "views/holdings.py:renew": renews_on_a_page,
    "views/holdings.py:restore": restores_on_a_page,
    "views/inbox.py:settle": decides_on_a_page,
    "views/linking.py:decide": decides_by_a_link,
    "views/native.py:act": f"{NATIVE}test_a_steward_of_a_part_switches_nothing",
    "views/own_tools.py:open_login": f"{NATIVE}test_an_outsider_gets_no_login_and_sees_none",
    "views/questioning.py:ask_back": asks_back_on_a_page,
    "views/reviewing.py:wake": wakes_on_a_page,
    "views/reviewing.py:come_back": comes_back_on_a_page,
    "views/reviewing.py:keep_columns": keeps_columns_on_a_page,
    "views/reviewing.py:exempt": exempts_on_a_page,
    "views/ruling.py:_said": lists_themself_on_a_page,
    "views/ruling.py:take": takes_a_dataset_on_a_page,
    "api/approval.py:write": lists_themself_by_the_api,
    "api/approval.py:_say": lists_themself_by_the_api,
    "api/approval.py:take": takes_a_dataset_by_the_api,
    "api/campaigns.py:verdict": certifies_by_the_api,
    "api/campaigns.py:take_back": takes_a_verdict_back,
    "api/delegations.py:name_delegate": names_a_delegate_by_the_api,
    "api/emergencies.py:break_glass": breaks_glass_by_the_api,
    "api/emergencies.py:review": reviews_themself_by_the_api,
    "api/grants.py:renew": renews_by_the_api,
    "api/grants.py:restore": restores_by_the_api,
    "api/requests.py:submit": asks_under_their_own_rule_by_the_api,
    "api/requests.py:ask_back": asks_back_by_the_api,
    "api/requests.py:decide": decides_by_the_api,
    "api/reviewing.py:wake": wakes_by_the_api,
    "api/reviewing.py:readmit": comes_back_by_the_api,
    "api/reviewing.py:keep_columns": keeps_columns_by_the_api,
    "api/reviewing.py:exempt": exempts_by_the_api,
}
