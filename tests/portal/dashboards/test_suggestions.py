"""The first chart of a result: only of what is summed up, and never of keys."""

import pytest

from portal.dashboards.suggestions import suggested_figure


@pytest.mark.parametrize(
    ("names", "rows", "drawn"),
    [
        pytest.param(("country", "n"), [("DE", 3), ("FR", 4)], True, id="sums by place"),
        pytest.param(("country", "n"), [("DE", 3), ("DE", 4)], False, id="a place twice"),
        pytest.param(("country", "order_id"), [("DE", 3), ("FR", 4)], False, id="a key is no sum"),
        pytest.param(("country",), [("DE",), ("FR",)], False, id="nothing to measure"),
        pytest.param(("n", "m"), [(1, 2), (3, 4)], False, id="no place"),
    ],
)
def test_a_chart_is_drawn_of_what_is_summed_up(
    names: tuple[str, ...], rows: list[tuple[object, ...]], drawn: bool
) -> None:
    assert (suggested_figure(names, rows) is not None) == drawn
