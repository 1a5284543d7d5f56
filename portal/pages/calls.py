"""Calls to copy: what a page shows, and a query, asked for over the API with the same rights."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from catalog.models import Dataset

TOKEN = '-H "Authorization: Bearer $GATEHOUSE_TOKEN"'

# What the API answers for a page, by the name of its address; a page that is not here has no counterpart of its own.
PATHS = {
    "home": "/grants",
    "search": "/datasets",
    "dataset": "/datasets/{name}",
    "lineage": "/datasets/{name}/lineage",
    "rules": "/datasets/{name}/rules",
    "domain-rules": "/rules/domains/{name}",
    "sensitivity-rules": "/rules/sensitivities/{level}",
    "request": "/access-requests/{pk}",
    "inbox": "/access-requests",
    "delegations": "/delegations",
    "emergencies": "/emergencies",
    "emergency": "/emergencies/{pk}",
    "unowned": "/unowned-datasets",
    "my-access": "/grants",
    "my-data": "/grants?as=steward",
}
# What a search page and its call have in common.
PASSED = ("q", "domain", "tag", "owner")


@dataclass(frozen=True)
class Snippet:
    """A call to copy."""

    id: str
    label: str
    code: str


def call_of_page(
    page: str, parts: Mapping[str, Any], query: Mapping[str, str], address: str
) -> Snippet | None:
    """The call that answers what a page shows; None where there is none. `address` is the portal's own."""
    path = PATHS.get(page)
    if path is None:
        return None
    path = path.format(**{name: quote(str(value)) for name, value in parts.items()})
    passed = [
        f"{name}={quote(query[name])}" for name in PASSED if page == "search" and query.get(name)
    ]
    path += f"?{'&'.join(passed)}" if passed else ""
    return Snippet("call-page", "This page over the API", f'curl "{address}/api/v1{path}" {TOKEN}')


def call_of_query(sql: str, address: str) -> Snippet:
    """A query as CSV with curl."""
    body = shlex.quote(json.dumps({"sql": sql}, ensure_ascii=False))
    code = (
        f"curl {address}/api/v1/queries \\\n"
        f"  {TOKEN} \\\n"
        '  -H "Content-Type: application/json" \\\n'
        '  -H "Accept: text/csv" \\\n'
        f"  -d {body}"
    )
    return Snippet("call-curl", "CSV with curl", code)


def calls_of(dataset: Dataset, columns: Sequence[str], address: str) -> tuple[Snippet, ...]:
    """First calls over some columns of a dataset, in SQL, curl and Python. All of them when none are named."""
    names = list(columns) or ["*"]
    sql = f"select {', '.join(names)}\nfrom {dataset.name}\nlimit 100"
    body = sql.replace("\n", " ")
    python = (
        "import os, pyarrow as pa, urllib.request, json\n\n"
        f'call = urllib.request.Request("{address}/api/v1/queries",\n'
        f'    data=json.dumps({{"sql": {json.dumps(body, ensure_ascii=False)}}}).encode(),\n'
        '    headers={"Authorization": "Bearer " + os.environ["GATEHOUSE_TOKEN"],\n'
        '             "Content-Type": "application/json",\n'
        '             "Accept": "application/vnd.apache.arrow.stream"})\n'
        "table = pa.ipc.open_stream(urllib.request.urlopen(call)).read_all()"
    )
    return (
        Snippet("call-sql", "SQL, in the workbench", sql),
        call_of_query(body, address),
        Snippet("call-python", "Arrow in Python", python),
    )
