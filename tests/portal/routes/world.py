"""One dataset, its people in every role, a request and grants: the world that every route is tried against."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import duckdb

from access import campaigns, grants
from access.asking import questions, requests
from access.clock import database_now
from access.deciding import approval, decisions, delegation, emergencies
from access.deciding.approval import Said
from access.delivering import links
from access.models import (
    AccessRequest,
    BreakGlassReview,
    Campaign,
    CampaignItem,
    DecisionLink,
    Delegation,
    Endpoint,
    Grant,
    NativeAccess,
    NativeLogin,
    Notice,
    Principal,
    QueryRecord,
    Question,
)
from access.people import tokens
from catalog.importers import import_warehouse
from catalog.models import Dataset, Warehouse
from portal.models import Dashboard
from tests.people import make_person, put_in_charge

MARKER = "what-nobody-may-know"
PERSONAS = ("anonymous", "outsider", "requester", "grantee", "steward", "administrator")
TILE = {
    "name": "n",
    "title": "Rows",
    "kind": "kpi",
    "dataset": "wh.sales.orders",
    "sql": "select count(*) as value from orders",
}


@dataclass
class World:
    """Who is there, and what they did. `hidden` is a dataset that only its steward and administrators may know of."""

    dataset: Dataset
    hidden: Dataset
    people: dict[str, Principal]
    request: AccessRequest
    grant: Grant
    dashboard: Dashboard
    query: QueryRecord
    question: Question
    delegation: Delegation
    emergency: BreakGlassReview
    review: Campaign
    item: CampaignItem
    notice: Notice
    link: str
    webhook: Endpoint
    native: NativeAccess
    login: NativeLogin
    tokens: dict[str, str] = field(default_factory=dict)


def make_world(folder: Path) -> World:
    """The world, committed; the warehouse is a real file."""
    now = database_now()
    path = folder / "wh.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA sales")
        connection.execute("CREATE TABLE sales.orders AS SELECT 1 AS id, 'DE' AS country")
        connection.execute("CREATE TABLE sales.secrets AS SELECT 1 AS id")
    warehouse = Warehouse.objects.create(name="wh", url=f"duckdb:///{path}", engine="duckdb")
    import_warehouse(warehouse, now=now)
    Dataset.objects.filter(table_name="secrets").update(
        visibility="hidden", title=MARKER, description=MARKER
    )
    dataset = Dataset.objects.get(table_name="orders")
    hidden = Dataset.objects.get(table_name="secrets")
    people = {
        name: make_person(name) for name in PERSONAS if name not in ("anonymous", "administrator")
    }
    people["administrator"] = make_person("administrator", administrator=True)
    for charge in (dataset, hidden):
        put_in_charge(people["steward"], charge)
    request = _ask(dataset, people["requester"], "Waiting")
    granted = _ask(dataset, people["grantee"], "Reading")
    grant = decisions.approve(granted, actor=people["steward"], now=now)
    assert grant is not None
    definition = {
        "name": "board",
        "title": "Board",
        "warehouse": "wh",
        "schema": "sales",
        "tiles": [TILE],
    }
    dashboard = Dashboard.objects.create(name="board", title="Board", definition=definition)
    query = QueryRecord.objects.create(
        principal=people["grantee"],
        warehouse=warehouse,
        surface="api",
        sql="select id from sales.orders",
        started_at=now,
    )
    world = World(
        dataset,
        hidden,
        people,
        request,
        grant,
        dashboard,
        query,
        *_deciding(dataset, people),
        *_reviewing(grant, people["steward"]),
        *_telling(request, people),
        *_native(warehouse, people["grantee"]),
    )
    for name, principal in people.items():
        _, secret = tokens.issue(principal, scopes=[], expires_at=None, actor=None, now=now)
        world.tokens[name] = secret
    assert grants.live().count() == 2
    return world


def _deciding(
    dataset: Dataset, people: dict[str, Principal]
) -> tuple[Question, Delegation, BreakGlassReview]:
    """A question about another request, a delegation that nobody uses, and an open emergency of the grantee's."""
    now = database_now()
    steward, responder = people["steward"], people["grantee"]
    asked = _ask(dataset, people["requester"], "Another")
    question = questions.ask_back(asked, actor=steward, text="What for?", now=now)
    delegate = make_person("delegate")
    delegated = delegation.name_delegate(
        delegate, actor=steward, ends_at=now + timedelta(days=7), now=now
    )
    said = Said(responders=(responder.label,))
    approval.say(dataset, said, actor=None, now=now)
    grant = emergencies.break_glass(dataset, actor=responder, reason="Fire", now=now)
    return question, delegated, BreakGlassReview.objects.get(grant=grant)


def _telling(request: AccessRequest, people: dict[str, Principal]) -> tuple[Notice, str, Endpoint]:
    """What the requester was told, the steward's link to decide a request, and a webhook of the requester's."""
    now = database_now()
    requester = people["requester"]
    notice = Notice.objects.filter(recipient=requester).latest("pk")
    asking = Notice.objects.filter(recipient=people["steward"], link=f"/requests/{request.pk}/")
    links.prepare(asking, now=now)
    link = DecisionLink.objects.get(notice__in=asking)
    webhook = Endpoint.objects.create(
        owner=requester, name="mine", kind="generic", address="${NOWHERE}", created_at=now
    )
    return notice, links.token_of(link), webhook


def _native(warehouse: Warehouse, holder: Principal) -> tuple[NativeAccess, NativeLogin]:
    """The grantee's login to a warehouse that does not answer for such things."""
    now = database_now()
    access = NativeAccess.objects.create(
        warehouse=warehouse, mark="m", owner_role="gatehouse_views_1", switched_at=now
    )
    login = NativeLogin.objects.create(
        native=access, principal=holder, role="gatehouse_grantee_1", opened_at=now
    )
    return access, login


def _reviewing(grant: Grant, steward: Principal) -> tuple[Campaign, CampaignItem]:
    """An open review of the dataset, and what it asks about the grant."""
    now = database_now()
    review = campaigns.open_campaign(
        "Autumn",
        f"dataset:{grant.dataset.name}",
        actor=steward,
        due_at=now + timedelta(days=14),
        now=now,
    )
    return review, CampaignItem.objects.get(campaign=review, grant=grant)


def _ask(dataset: Dataset, principal: Principal, purpose: str) -> AccessRequest:
    return requests.submit(
        dataset, actor=principal, purpose=purpose, duration=timedelta(days=30), now=database_now()
    )
