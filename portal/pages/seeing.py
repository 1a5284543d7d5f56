"""A dataset as somebody else sees it: for stewards, with the few values that they may see themselves."""

from dataclasses import dataclass

from access import gate
from access.errors import NotFound, Refusal
from access.gate.seeing import Eyes, holders_on, outlook, sample_of
from access.models import Principal, Team
from access.policies.policy import VisibleColumn
from catalog.models import Column, Dataset
from portal.pages.grid import Grid, grid_of


@dataclass(frozen=True)
class SeenColumn:
    """A column, and how the other gets it: clear, masked, conditional or hidden."""

    column: Column
    how: str
    mask: str
    type_seen: str


@dataclass(frozen=True)
class SeenAs:
    """What the page shows: `grid` holds a few rows, or `reason` says why there are none."""

    holder: Principal | Team
    columns: tuple[SeenColumn, ...]
    filters: tuple[str, ...]
    is_readable: bool
    n_visible: int
    grid: Grid | None = None
    reason: str = ""


def seen_as(viewer: Principal, eyes: Eyes, dataset: Dataset) -> SeenAs:
    """The dataset through somebody's eyes. Errors: `NotAllowed` unless the viewer decides about it.

    Cost: about ten queries, and one at the gate.
    """
    found = outlook(viewer, eyes, dataset)
    views = {view.name: view for view in found.columns}
    columns = tuple(
        _column(column, views.get(column.name))
        for column in dataset.columns.filter(removed_at=None)
    )
    grid, reason = _rows(viewer, eyes, dataset)
    return SeenAs(
        holder=eyes.holder,
        columns=columns,
        filters=found.filters,
        is_readable=bool(found.policy.grants) and not found.is_broken,
        n_visible=len(views),
        grid=grid,
        reason=reason,
    )


def _column(column: Column, view: VisibleColumn | None) -> SeenColumn:
    if view is None:
        return SeenColumn(column, "hidden", "", "")
    return SeenColumn(column, view.how, view.words, view.type if view.type != column.type else "")


def _rows(viewer: Principal, eyes: Eyes, dataset: Dataset) -> tuple[Grid | None, str]:
    try:
        with gate.look(viewer, eyes, sample_of(dataset), warehouse=dataset.warehouse) as result:
            return grid_of(result.columns, list(result.rows())), ""
    except Refusal as refusal:
        return None, refusal.message


def holders_seen_by(viewer: Principal) -> list[Principal | Team]:
    """Whose view somebody may look through; none unless they decide about a dataset."""
    return holders_on(viewer)


def eyes_named(viewer: Principal, label: str) -> Eyes | None:
    """The eyes of `user:alice`, `service:loader` or `team:sales` among those; None for one's own.

    Errors: `NotFound` for anybody who holds nothing that the viewer decides about.
    """
    if not label:
        return None
    found = next((holder for holder in holders_on(viewer) if holder.label == label), None)
    if found is None:
        raise NotFound("Nobody of that name holds anything that you decide about.")
    return Eyes(found)
