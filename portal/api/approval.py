"""How requests are decided: reading the rules of a dataset, a domain or a sensitivity, and setting them as who answers for it."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from access.asking import terms
from access.clock import database_now
from access.deciding import approval
from access.deciding.approval import Approval, AutoRule, Said, Stage, approval_of, said_by
from access.discovery import dataset_for
from access.models import Principal
from access.people import stewardship
from access.people.permissions import Permission, may
from access.spans import write_span
from catalog.models import Dataset, Domain, Sensitivity
from portal.api.callers import caller
from portal.api.requests import span

router = Router(tags=["access"])


class StageBody(Schema):
    """One step of deciding: how many of whom. `by` holds roles (stewards, domain, administrators) or labels."""

    by: list[str] = Field(default_factory=lambda: ["stewards"])
    approvals: int = 1


class RuleBody(Schema):
    """What members of a team get at once."""

    team: str
    columns: list[str] | None = None
    unmasked: list[str] = Field(default_factory=list)
    except_tags: list[str] = Field(default_factory=list)
    longest: str | None = None


class SharedRules(Schema):
    """What a domain or a sensitivity says; what is left out is left to the next place."""

    stages: list[StageBody] | None = None
    longest: str | None = None
    auto_approve: list[RuleBody] | None = None
    responders: list[str] | None = None


class Rules(SharedRules):
    """What the dataset itself says; what is left out is left to its domain and its sensitivity."""

    terms: str | None = None


def approval_shape(dataset: Dataset, viewer: Principal) -> dict[str, Any]:
    """What holds for a dataset; who may break glass and what is granted at once is for those who decide."""
    found = approval_of(dataset)
    wanted = terms.terms_of(dataset)
    shape = {
        "approvals": found.stages[0].approvals,
        "longest": write_span(found.longest),
        "stages": [stage.as_json() for stage in found.stages],
        "terms": {"version": wanted.version, "text": wanted.text} if wanted else None,
    }
    if may(viewer, Permission.DECIDE, dataset):
        shape |= _inner(dataset, found)
    return shape


def _inner(dataset: Dataset, found: Approval) -> dict[str, Any]:
    return {
        "auto_approve": [rule.as_json() for rule in found.auto_approve],
        "responders": list(found.responders),
        "sources": dict(found.sources),
        "own": said_by(dataset).as_json(),
    }


@router.get("/datasets/{name}/rules", summary="How requests for a dataset are decided")
def read(request: HttpRequest, name: str) -> dict[str, Any]:
    """The rules as they hold; stewards also see which place said what."""
    actor = caller(request, "catalog")
    return approval_shape(dataset_for(actor, name), actor)


@router.put("/datasets/{name}/rules", summary="Say how requests for a dataset are decided")
def write(request: HttpRequest, name: str, body: Rules) -> dict[str, Any]:
    """Make this what the dataset says, as its steward. `terms` left out leaves the terms of use as they are."""
    actor = caller(request, "decide")
    dataset = dataset_for(actor, name)
    now = database_now()
    approval.say(dataset, _said(body), actor=actor, now=now)
    if body.terms is not None:
        terms.set_terms(dataset, body.terms, actor=actor, now=now)
    return approval_shape(dataset, actor)


@router.get("/rules/domains/{name}", summary="What a domain says about deciding")
def read_domain(request: HttpRequest, name: str) -> dict[str, Any]:
    """What it says itself; null where it is left to the sensitivity."""
    actor = caller(request, "decide")
    return said_by(approval.domain_to_write(actor, name)).as_json()


@router.put("/rules/domains/{name}", summary="Say how requests in a domain are decided")
def write_domain(request: HttpRequest, name: str, body: SharedRules) -> dict[str, Any]:
    """Make this what the domain says, as a steward of it or an administrator."""
    actor = caller(request, "decide")
    return _say(approval.domain_to_write(actor, name), body, actor)


@router.get("/rules/sensitivities/{level}", summary="What holds for one sensitivity")
def read_sensitivity(request: HttpRequest, level: str) -> dict[str, Any]:
    """What is said for it; null where the default holds."""
    actor = caller(request, "decide")
    return said_by(approval.sensitivity_to_write(actor, level)).as_json()


@router.put(
    "/rules/sensitivities/{level}", summary="Say how requests for one sensitivity are decided"
)
def write_sensitivity(request: HttpRequest, level: str, body: SharedRules) -> dict[str, Any]:
    """Make this what holds for all data this sensitive, as an administrator."""
    actor = caller(request, "decide")
    return _say(approval.sensitivity_to_write(actor, level), body, actor)


@router.get("/unowned-datasets", summary="Datasets nobody answers for")
def unowned(request: HttpRequest) -> dict[str, Any]:
    """Those the caller could take on: of their domains, or all for an administrator."""
    actor = caller(request, "decide")
    rows = stewardship.unowned(actor).select_related("domain")[:500]
    items = [
        {
            "name": each.name,
            "title": each.label,
            "domain": each.domain.name if each.domain else None,
        }
        for each in rows
    ]
    return {"items": items, "next": None}


@router.post("/datasets/{name}/steward", summary="Take on a dataset nobody answers for")
def take(request: HttpRequest, name: str) -> dict[str, Any]:
    """Become its steward; 409 when somebody has it."""
    actor = caller(request, "decide")
    dataset = dataset_for(actor, name)
    stewardship.take(dataset, actor=actor, now=database_now())
    return {"stewards": [each.label for each in stewardship.stewards_of(dataset)]}


def _say(about: Domain | Sensitivity, body: SharedRules, actor: Principal) -> dict[str, Any]:
    approval.say(about, _said(body), actor=actor, now=database_now())
    return said_by(about).as_json()


def _said(body: SharedRules) -> Said:
    rules = body.auto_approve
    return Said(
        stages=None
        if body.stages is None
        else tuple(Stage(tuple(each.by), each.approvals) for each in body.stages),
        longest=span(body.longest, "longest") if body.longest else None,
        auto_approve=None if rules is None else tuple(_rule(each) for each in rules),
        responders=None if body.responders is None else tuple(body.responders),
    )


def _rule(body: RuleBody) -> AutoRule:
    return AutoRule(
        team=body.team,
        columns=None if body.columns is None else tuple(body.columns),
        unmasked=tuple(body.unmasked),
        longest=span(body.longest, "auto_approve") if body.longest else None,
        except_tags=tuple(body.except_tags),
    )
