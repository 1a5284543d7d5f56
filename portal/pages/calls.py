"""The calls to copy from a dataset page: SQL, curl and Python against the same gate."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Dataset


@dataclass(frozen=True)
class Snippet:
    """A call to copy."""

    id: str
    label: str
    code: str


def calls_of(dataset: Dataset, columns: Sequence[str], address: str) -> tuple[Snippet, ...]:
    """First calls over some columns of a dataset; `address` is the portal's own. All of them when none are named."""
    names = list(columns) or ["*"]
    sql = f"select {', '.join(names)}\nfrom {dataset.name}\nlimit 100"
    body = sql.replace("\n", " ")
    curl = (
        f"curl {address}/api/v1/queries \\\n"
        '  -H "Authorization: Bearer $GATEHOUSE_TOKEN" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        '  -H "Accept: text/csv" \\\n'
        f'  -d \'{{"sql": "{body}"}}\''
    )
    python = (
        "import os, pyarrow as pa, urllib.request, json\n\n"
        f'call = urllib.request.Request("{address}/api/v1/queries",\n'
        f'    data=json.dumps({{"sql": "{body}"}}).encode(),\n'
        '    headers={"Authorization": "Bearer " + os.environ["GATEHOUSE_TOKEN"],\n'
        '             "Content-Type": "application/json",\n'
        '             "Accept": "application/vnd.apache.arrow.stream"})\n'
        "table = pa.ipc.open_stream(urllib.request.urlopen(call)).read_all()"
    )
    return (
        Snippet("call-sql", "SQL, in the workbench", sql),
        Snippet("call-curl", "CSV with curl", curl),
        Snippet("call-python", "Arrow in Python", python),
    )
