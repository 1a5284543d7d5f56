"""A dashboard's definition: what it may say, and where it is wrong."""

from typing import Any

import pytest
import yaml

from portal.dashboards.definition import BrokenDefinition, parse_definition
from portal.settings import BASE_DIR

TILE = {"name": "n", "title": "N", "kind": "kpi", "dataset": "w.s.t", "sql": "select 1 as value"}


def board(**changes: Any) -> dict[str, Any]:
    """The least valid dashboard, changed."""
    return {"name": "board", "title": "Board", "warehouse": "w", "tiles": [TILE], **changes}


def test_the_demos_dashboards_are_valid() -> None:
    text = (BASE_DIR / "portal/demo/dashboards.yaml").read_text(encoding="utf-8")
    names = [parse_definition(said).name for said in yaml.safe_load(text)["dashboards"]]
    assert len(names) == 2


WRONG = {
    "no tiles": (board(tiles=[]), ("tiles",)),
    "unknown key": (board(colour="red"), ("colour",)),
    "unknown tile kind": (board(tiles=[{**TILE, "kind": "pie"}]), ("tiles", 0, "kind")),
    "line without axes": (board(tiles=[{**TILE, "kind": "line"}]), ("tiles", 0)),
    "unknown placeholder": (
        board(tiles=[{**TILE, "sql": "select :country as value"}]),
        ("tiles", 0, "sql"),
    ),
    "tile twice": (board(tiles=[TILE, TILE]), ("tiles", 1, "name")),
    "filter with no options": (
        board(filters=[{"name": "c", "label": "C", "kind": "select", "all": "All"}]),
        ("filters", 0),
    ),
    "filter named like a policy variable": (
        board(
            filters=[
                {"name": "teams", "label": "T", "kind": "select", "all": "All", "options": ["a"]}
            ]
        ),
        ("filters", 0, "name"),
    ),
}


@pytest.mark.parametrize(("said", "trail"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_definition_says_where(said: dict[str, Any], trail: tuple[str | int, ...]) -> None:
    with pytest.raises(BrokenDefinition) as broken:
        parse_definition(said)
    assert trail in [where for where, _ in broken.value.mistakes]


def test_a_cast_is_no_placeholder() -> None:
    tile = {**TILE, "sql": "select '1'::integer as value"}
    assert parse_definition(board(tiles=[tile])).tiles[0].sql
