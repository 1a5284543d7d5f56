"""Drawing graphs: every box once, arrows from left to right, the same picture each time."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from portal.drawing import BOX_HEIGHT, BOX_WIDTH, Arrow, Box, Drawing, draw

NAMES = st.integers(min_value=0, max_value=12).map(str)
EDGES = st.lists(st.tuples(NAMES, NAMES), max_size=30)


def picture(edges: list[tuple[str, str]], names: list[str]) -> Drawing:
    return draw([Box(name) for name in names], [Arrow(*edge) for edge in edges])


def test_arrows_of_a_chain_run_from_left_to_right() -> None:
    drawing = picture([("a", "b"), ("b", "c")], ["c", "b", "a"])

    assert [placed.box.key for placed in drawing.boxes] == ["a", "b", "c"]
    assert len({placed.y for placed in drawing.boxes}) == 1


def test_a_long_arrow_is_led_around_the_boxes_between() -> None:
    drawing = picture([("a", "b"), ("b", "c"), ("a", "c")], ["a", "b", "c"])

    middle = next(placed for placed in drawing.boxes if placed.box.key == "b")
    around = next(p for p in drawing.arrows if p.arrow == Arrow("a", "c"))
    height = float(around.path.split("H")[0].split()[-1])
    assert not middle.y <= height <= middle.y + BOX_HEIGHT


@given(EDGES)
def test_every_box_is_drawn_once_and_none_covers_another(edges: list[tuple[str, str]]) -> None:
    names = [str(at) for at in range(13)]

    drawing = picture(edges, names)

    assert sorted(placed.box.key for placed in drawing.boxes) == sorted(names)
    corners = [(placed.x, placed.y) for placed in drawing.boxes]
    for at, (x, y) in enumerate(corners):
        assert 0 <= x <= drawing.width - BOX_WIDTH
        assert 0 <= y <= drawing.height - BOX_HEIGHT
        for other_x, other_y in corners[at + 1 :]:
            assert abs(x - other_x) >= BOX_WIDTH or abs(y - other_y) >= BOX_HEIGHT


@given(EDGES)
def test_every_arrow_between_two_boxes_is_drawn(edges: list[tuple[str, str]]) -> None:
    names = [str(at) for at in range(13)]

    drawing = picture(edges, names)

    wanted = sorted(edge for edge in edges if edge[0] != edge[1])
    assert sorted((p.arrow.source, p.arrow.target) for p in drawing.arrows) == wanted


def test_the_picture_is_the_same_in_every_process() -> None:
    script = (
        "from portal.drawing import *\n"
        "names = ['orders', 'items', 'people', 'report', 'stock']\n"
        "edges = [('orders', 'report'), ('items', 'report'), ('people', 'orders'), ('stock', 'items')]\n"
        "print(draw([Box(n) for n in names], [Arrow(*e) for e in edges]))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(seen) == 1
