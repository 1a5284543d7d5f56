"""A repair killed at any point by kill -9, then done again, leaves what an undisturbed one leaves."""

from __future__ import annotations

import os
import random
from typing import Any

import psycopg
import pytest

from access import provisioning
from access.clock import database_now
from access.models import AuditEvent, Principal
from access.people import principals
from tests.access.killing import DIED, run_in_child
from tests.access.provisioning.world import World, view

pytestmark = pytest.mark.django_db(transaction=True)

SHARE = 4
DRILL = int(os.environ.get("GATEHOUSE_KILLED_REPAIRS", "60"))


def upset(world: World) -> None:
    """Much to repair: somebody new, somebody gone, rules that changed, and things done behind the portal's back."""
    ana, ben, cyd = (world.person(name) for name in ("ana", "ben", "cyd"))
    for holder in (ana, ben, cyd):
        world.grant(holder)
        world.grant(holder, "orders")
        world.login(holder)
    world.settle()
    role = world.row(ana).role
    world.do(f"ALTER ROLE {role} VALID UNTIL 'infinity'; DROP VIEW {role}.{view()}")
    world.do(f"GRANT SELECT ON sales.customers TO {role}; GRANT wh_reader TO {world.row(cyd).role}")
    provisioning.change(world.access, actor=None, now=database_now(), takes_back=True)
    principals.deactivate(ben, actor=None, now=database_now())
    world.rules(masks=[("email", "redact", "", {})])


def state(world: World) -> Any:
    """What is in the warehouse: roles with their views, what those show, and who may read what."""
    return world.do(
        "SELECT r.rolname::text, r.rolcanlogin, r.rolvaliduntil::text, r.rolconfig::text, n.nspacl::text,"
        " (SELECT array_agg(c.relname || pg_get_viewdef(c.oid) || c.relacl::text ORDER BY c.relname) FROM pg_class c"
        "   WHERE c.relnamespace = n.oid), (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid),"
        " (SELECT array_agg(a.privilege_type || c.relname ORDER BY c.relname, 1) FROM pg_class c, aclexplode(c.relacl) a"
        "   WHERE a.grantee = r.oid AND c.relnamespace = 'sales'::regnamespace),"
        " (SELECT array_agg(g.grant_id || g.starts_at::text || g.expires_at ORDER BY 1) FROM gatehouse_native.rights g"
        "   WHERE g.role = r.rolname)"
        " FROM pg_roles r LEFT JOIN pg_namespace n ON n.nspname = r.rolname WHERE r.rolname LIKE 'gatehouse_%' ORDER BY 1"
    )


def settle(world: World) -> None:
    provisioning.settle(world.access, now=database_now())


def kill(world: World, chance: random.Random) -> None:
    """A repair that dies between two things it tells the portal's database, or whenever it happens to."""
    world.access.refresh_from_db()
    if chance.random() < 0.5:
        ended, _ = run_in_child(lambda: settle(world), die_at=chance.randint(1, 90))
    else:
        ended, _ = run_in_child(lambda: settle(world), kill_after=chance.uniform(0.02, 0.6))
    assert ended in (DIED, 0)


def test_a_killed_repair_is_finished_by_the_next(world: World) -> None:
    _try(world, random.Random(0), SHARE)


@pytest.mark.drill
@pytest.mark.parametrize("seed", range(1, 4))
def test_many_killed_repairs_are_finished_by_the_next(world: World, seed: int) -> None:
    _try(world, random.Random(seed), DRILL)


def _try(world: World, chance: random.Random, n_kills: int) -> None:
    upset(world)
    for _ in range(n_kills):
        kill(world, chance)
    world.settle()
    after = state(world)

    assert not world.settle().n_put
    assert len(after) == 3  # ana, cyd and the owner of the views
    found = list(AuditEvent.objects.filter(kind="drift.found").values_list("reason", flat=True))
    repaired = AuditEvent.objects.filter(kind__in=("drift.repaired", "drift.gone"))
    assert len(found) == len(set(found))
    assert sorted(repaired.values_list("reason", flat=True)) == sorted(found)
    ana, cyd = (Principal.objects.get(username=name) for name in ("ana", "cyd"))
    for holder in (ana, cyd):
        role = world.row(holder).role
        assert {row[0] for row in world.ask(role, f"SELECT email FROM {view()}")} == {"REDACTED"}
        with pytest.raises(psycopg.Error):
            world.ask(role, "SELECT * FROM sales.customers")
    assert not world.do("SELECT 1 FROM pg_roles WHERE rolname LIKE 'gatehouse_ben_%'")
    world.release()
    world.settle()
    assert state(world) == after  # as if nothing had ever been killed, or was there before
