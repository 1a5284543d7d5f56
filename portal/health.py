"""Liveness and readiness, for supervisors and load balancers; no sign-in, no secrets, no names.

Alive means this process answers. Ready means it can also do its work: the database answers and is migrated, so a
load balancer may send people here.
"""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse


@login_not_required
def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; touches nothing else, so that a dead database restarts no web process."""
    return JsonResponse({"status": "alive"})


@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and has every migration, else 503 with the reason.

    Cost: two queries.
    """
    problem = _database_problem()
    if problem:
        answer = JsonResponse({"status": "not ready", "reason": problem}, status=503)
        answer["Retry-After"] = "5"
        return answer
    return JsonResponse({"status": "ready"})


def _database_problem() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "the database does not answer"
    return f"{len(pending)} migrations are pending" if pending else ""
