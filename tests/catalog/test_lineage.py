"""Lineage: walked from one dataset, level by level, telling nothing of what the viewer may not see."""

from typing import Any

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import lineage, search
from catalog.errors import UnknownName
from catalog.lineage import LineageGraph, NodeKind, Sides
from catalog.models import Dataset, Visibility
from tests.datasets import (
    make_chain,
    make_column_edge,
    make_dataset,
    make_edge,
    make_exposure,
)

pytestmark = pytest.mark.django_db


def everything() -> QuerySet[Dataset]:
    return Dataset.objects.all()


def listed() -> QuerySet[Dataset]:
    return Dataset.objects.filter(visibility=Visibility.LISTED)


def levels(graph: LineageGraph) -> dict[str, int]:
    return {node.key.removeprefix("dataset:wh."): node.level for node in graph.nodes}


def arrows(graph: LineageGraph) -> set[tuple[str, str]]:
    return {
        (edge.upstream.removeprefix("dataset:wh."), edge.downstream.removeprefix("dataset:wh."))
        for edge in graph.edges
    }


@pytest.fixture
def chain() -> list[Dataset]:
    """a.t0 -> a.t1 -> a.t2 -> a.t3 -> a.t4."""
    datasets = [make_dataset(f"a.t{number}", columns=["x"]) for number in range(5)]
    make_chain(*datasets)
    return datasets


def test_a_neighbourhood_has_a_level_for_each_step_up_and_down(chain: list[Dataset]) -> None:
    graph = lineage.neighbourhood(chain[2], visible=everything())

    assert levels(graph) == {"a.t0": -2, "a.t1": -1, "a.t2": 0, "a.t3": 1, "a.t4": 2}
    assert arrows(graph) == {("a.t0", "a.t1"), ("a.t1", "a.t2"), ("a.t2", "a.t3"), ("a.t3", "a.t4")}
    assert graph.centre == "dataset:wh.a.t2"


@pytest.mark.parametrize(
    ("direction", "depth", "expected"),
    [
        ("upstream", 1, {"a.t1", "a.t2"}),
        ("downstream", 1, {"a.t2", "a.t3"}),
        ("both", 1, {"a.t1", "a.t2", "a.t3"}),
        ("downstream", 9, {"a.t2", "a.t3", "a.t4"}),
        ("both", 0, {"a.t2"}),
    ],
)
def test_direction_and_depth_bound_the_walk(
    chain: list[Dataset], direction: Any, depth: int, expected: set[str]
) -> None:
    graph = lineage.neighbourhood(chain[2], visible=everything(), direction=direction, depth=depth)

    assert set(levels(graph)) == expected


def test_a_cycle_ends_and_its_edges_are_drawn(chain: list[Dataset]) -> None:
    make_edge(chain[4], chain[0])

    graph = lineage.neighbourhood(chain[2], visible=everything(), depth=50)

    assert set(levels(graph)) == {f"a.t{number}" for number in range(5)}
    assert ("a.t4", "a.t0") in arrows(graph)


def test_an_edge_that_two_sources_tell_is_one_edge_with_both(chain: list[Dataset]) -> None:
    make_edge(chain[0], chain[1], source="openlineage")

    graph = lineage.neighbourhood(chain[0], visible=everything(), depth=1)

    assert [edge.sources for edge in graph.edges] == [("dbt", "openlineage")]


def test_a_hub_is_cut_at_the_limit_and_the_rest_is_counted() -> None:
    hub = make_dataset("a.hub")
    for number in range(30):
        make_edge(hub, make_dataset(f"a.leaf{number:02}", popularity=number))

    graph = lineage.neighbourhood(hub, visible=everything(), direction="downstream", limit=10)

    assert len(graph.nodes) == 11
    assert graph.n_more == Sides(downstream=20)
    assert "a.leaf29" in levels(graph)
    assert "a.leaf00" not in levels(graph)


def test_each_side_has_its_own_room() -> None:
    hub = make_dataset("a.hub")
    for number in range(30):
        make_edge(make_dataset(f"a.up{number:02}"), hub)
    make_edge(hub, make_dataset("a.down"))

    graph = lineage.neighbourhood(hub, visible=everything(), limit=10)

    assert "a.down" in levels(graph)
    assert graph.n_more == Sides(upstream=25)


def test_a_hidden_dead_end_is_counted_and_not_drawn(chain: list[Dataset]) -> None:
    secret = make_dataset("a.zebrafish", visibility=Visibility.HIDDEN)
    make_edge(chain[2], secret)

    graph = lineage.neighbourhood(chain[2], visible=listed())

    assert graph.n_hidden == Sides(downstream=1)
    assert not any(node.kind == NodeKind.HIDDEN for node in graph.nodes)
    assert "zebrafish" not in repr(graph)


def test_a_hidden_dataset_between_two_visible_ones_is_a_step_without_a_name(
    chain: list[Dataset],
) -> None:
    Dataset.objects.filter(pk=chain[3].pk).update(visibility=Visibility.HIDDEN)

    graph = lineage.neighbourhood(chain[2], visible=listed())

    step = next(node for node in graph.nodes if node.kind == NodeKind.HIDDEN)
    assert (step.key, step.level, step.dataset) == ("hidden:1", 1, None)
    assert {("a.t2", "hidden:1"), ("hidden:1", "a.t4")} <= arrows(graph)
    assert all(
        edge.sources == () for edge in graph.edges if "hidden:1" in (edge.upstream, edge.downstream)
    )
    assert "t3" not in repr(graph)


def test_an_exposure_is_a_leaf_of_what_it_reads(chain: list[Dataset]) -> None:
    exposure = make_exposure("weekly", chain[2], chain[3])

    graph = lineage.neighbourhood(chain[2], visible=everything(), depth=2)

    node = next(node for node in graph.nodes if node.kind == NodeKind.EXPOSURE)
    assert (node.exposure, node.level) == (exposure, 2)
    assert {("a.t2", node.key), ("a.t3", node.key)} <= arrows(graph)


def test_an_exposure_of_a_hidden_dataset_alone_is_not_shown(chain: list[Dataset]) -> None:
    secret = make_dataset("a.secret", visibility=Visibility.HIDDEN)
    make_edge(chain[2], secret)
    make_exposure("zebrafish_board", secret)

    graph = lineage.neighbourhood(chain[2], visible=listed(), depth=5)
    damage = lineage.impact(chain[2], visible=listed())

    assert "zebrafish" not in repr(graph)
    assert damage.exposures == ()


def test_columns_are_linked_between_shown_datasets_only(chain: list[Dataset]) -> None:
    for upstream, downstream in ((0, 1), (1, 2), (2, 3)):
        make_column_edge((chain[upstream], "x"), (chain[downstream], "x"))
    Dataset.objects.filter(pk=chain[1].pk).update(visibility=Visibility.HIDDEN)

    graph = lineage.neighbourhood(chain[2], visible=listed(), columns=True)

    assert [(link.upstream, link.downstream) for link in graph.columns] == [
        ("dataset:wh.a.t2", "dataset:wh.a.t3")
    ]


def test_the_walk_costs_a_query_a_level_however_wide_it_is(django_assert_num_queries: Any) -> None:
    hub = make_dataset("a.hub")
    leaves = [make_dataset(f"a.leaf{number}") for number in range(20)]
    for leaf in leaves:
        make_edge(hub, leaf)
        make_edge(leaf, make_dataset(f"b.{leaf.table_name}"))

    with django_assert_num_queries(2 + 1 + 1):
        lineage.neighbourhood(hub, visible=everything(), direction="downstream", depth=2)


def test_a_column_path_follows_values_through_tables(chain: list[Dataset]) -> None:
    make_column_edge((chain[0], "x"), (chain[1], "x"), "expression")
    make_column_edge((chain[1], "x"), (chain[2], "x"), "aggregation")

    path = lineage.column_path(chain[1], "x", visible=everything())

    assert {(node.key, node.level) for node in path.nodes} == {
        ("dataset:wh.a.t0#x", -1), ("dataset:wh.a.t1#x", 0), ("dataset:wh.a.t2#x", 1),
    }  # fmt: skip
    assert {step.transformation for step in path.steps} == {"expression", "aggregation"}


def test_a_column_path_through_a_hidden_dataset_has_a_step_without_a_name() -> None:
    datasets = [make_dataset(f"a.t{number}", columns=[f"c{number}"]) for number in range(3)]
    for number in (0, 1):
        make_column_edge(
            (datasets[number], f"c{number}"),
            (datasets[number + 1], f"c{number + 1}"),
            "aggregation",
        )
    Dataset.objects.filter(pk=datasets[1].pk).update(visibility=Visibility.HIDDEN)

    path = lineage.column_path(datasets[0], "c0", visible=listed())

    assert [(node.key, node.level) for node in path.nodes] == [
        ("dataset:wh.a.t0#c0", 0), ("hidden:1", 1), ("dataset:wh.a.t2#c2", 2),
    ]  # fmt: skip
    assert path.n_hidden == Sides(downstream=1)
    assert "c1" not in repr(path)
    assert "aggregation" not in repr(path)


def test_a_column_that_is_not_there_is_named_in_the_refusal(chain: list[Dataset]) -> None:
    with pytest.raises(UnknownName, match="'gone'"):
        lineage.column_path(chain[0], "gone", visible=everything())


def test_impact_names_everything_downstream_and_the_people_to_tell(chain: list[Dataset]) -> None:
    for contact in ("Ana Ruiz", "Bo Lind"):
        chain[3].contacts.create(source="dbt", name=contact)
    chain[4].contacts.create(source="dbt", name="Ana Ruiz", email="ana@example.com")
    make_exposure("weekly", chain[4], owner_name="Cy Moon", owner_email="cy@example.com")

    damage = lineage.impact(chain[1], visible=everything())

    assert [(one.dataset.table_name, one.level) for one in damage.datasets] == [
        ("t2", 1),
        ("t3", 2),
        ("t4", 3),
    ]
    assert [exposure.name for exposure in damage.exposures] == ["weekly"]
    assert [(owner.name, owner.email, len(owner.datasets)) for owner in damage.owners] == [
        ("Ana Ruiz", "ana@example.com", 2), ("Bo Lind", "", 1), ("Cy Moon", "cy@example.com", 0),
    ]  # fmt: skip


def test_impact_counts_hidden_datasets_and_names_nobody_of_theirs(chain: list[Dataset]) -> None:
    Dataset.objects.filter(pk=chain[3].pk).update(visibility=Visibility.HIDDEN)
    chain[3].contacts.create(source="dbt", name="Zebra Fish")

    damage = lineage.impact(chain[2], visible=listed())

    assert [one.dataset.table_name for one in damage.datasets] == ["t4"]
    assert damage.n_hidden == 1
    assert damage.owners == ()


@pytest.mark.parametrize(
    "sql",
    [
        "select * from hr.zebra_fish",
        'SELECT a FROM "hr"."Zebra_Fish"',
        "with x as (select 1) select * from `zebra_fish`",
        "this is no sql at all: ZEBRA_FISH",
    ],
)
def test_sql_that_names_a_hidden_table_is_withheld(sql: str) -> None:
    make_dataset("hr.zebra_fish", visibility=Visibility.HIDDEN)
    make_dataset("sales.orders")
    search.refresh()

    assert lineage.readable_sql(sql, visible=listed()) == ""
    assert lineage.readable_sql(sql, visible=everything()) == sql
    assert lineage.readable_sql("select * from sales.orders", visible=listed())


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_graph_is_walked_to_its_end_and_hides_what_is_hidden(data: Any, db: None) -> None:
    Dataset.objects.all().delete()
    size = 7
    hidden = data.draw(st.sets(st.integers(1, size - 1)))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))))
    datasets = [
        make_dataset(f"{'zebra' if number in hidden else 'a'}.t{number}",
                     visibility=Visibility.HIDDEN if number in hidden else Visibility.LISTED)
        for number in range(size)
    ]  # fmt: skip
    for upstream, downstream in pairs:
        if upstream != downstream:
            make_edge(datasets[upstream], datasets[downstream])

    graph = lineage.neighbourhood(datasets[0], visible=listed(), depth=20)

    keys = [node.key for node in graph.nodes]
    assert "zebra" not in repr(graph)
    assert len(keys) == len(set(keys))
    assert all(edge.upstream in keys and edge.downstream in keys for edge in graph.edges)
    assert _reachable(pairs, 0) - hidden == {
        number for number in range(size) if f"dataset:wh.a.t{number}" in keys
    }


def _reachable(pairs: set[tuple[int, int]], start: int) -> set[int]:
    """Everything that flows into the start or out of it."""
    found = set()
    for flow in (pairs, {(b, a) for a, b in pairs}):
        side, frontier = {start}, {start}
        while frontier:
            frontier = {b for a, b in flow if a in frontier} - side
            side |= frontier
        found |= side
    return found
