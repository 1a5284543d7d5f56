"""The API as one object; `portal.urls` hangs it under `/api/v1/`."""

from ninja import NinjaAPI

from portal.api import (
    approval,
    campaigns,
    datasets,
    delegations,
    emergencies,
    explaining,
    grants,
    lineage,
    metrics,
    problems,
    queries,
    requests,
    reviewing,
    telling,
)
from portal.api.bodies import StorableBodies
from portal.api.callers import Bearer

api = NinjaAPI(
    title="Gatehouse",
    version="1",
    description="Find data, ask for it, read it through the gate. Errors are problem documents with a stable `code`.",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
    auth=Bearer(),
    parser=StorableBodies(),
)
problems.register(api)
for subject in (
    datasets,
    approval,
    lineage,
    requests,
    delegations,
    emergencies,
    campaigns,
    grants,
    reviewing,
    queries,
    explaining,
    metrics,
    telling,
):
    api.add_router("", subject.router)
