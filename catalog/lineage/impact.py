"""What breaks if a dataset changes: everything made from it, and the people to tell first."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from django.db.models import QuerySet

from catalog.lineage.graph import step_through
from catalog.lineage.walking import DEEPEST, LARGEST, walk
from catalog.models import Contact, Dataset, Exposure, ExposureInput

_MOST_EXPOSURES: Final = 500


@dataclass(frozen=True)
class Affected:
    """A dataset downstream, and how many steps away."""

    dataset: Dataset
    level: int


@dataclass(frozen=True)
class Owner:
    """Somebody named as answering for what would break, and what that is."""

    name: str
    email: str
    datasets: tuple[Dataset, ...] = ()
    exposures: tuple[Exposure, ...] = ()


@dataclass(frozen=True)
class Impact:
    """Everything downstream that may be shown; `n_hidden` counts the rest, `n_more` what lies beyond 1,000 datasets."""

    datasets: tuple[Affected, ...]
    exposures: tuple[Exposure, ...]
    owners: tuple[Owner, ...]
    n_hidden: int
    n_more: int


@dataclass
class _Answers:
    email: str = ""
    datasets: list[Dataset] = field(default_factory=list)
    exposures: list[Exposure] = field(default_factory=list)


def impact(dataset: Dataset, *, visible: QuerySet[Dataset]) -> Impact:
    """What is made from a dataset, however many steps away, nearest first, and who is named for it.

    Cost: one query a level, and two more.
    """
    met = walk(dataset.pk, "downstream", step_through(visible), depth=DEEPEST, room=LARGEST)
    affected = tuple(Affected(row, met.levels[pk]) for pk, row in met.shown.items())
    exposures = _exposures([dataset.pk, *met.shown])
    return Impact(
        datasets=affected,
        exposures=exposures,
        owners=tuple(_owners(affected, exposures)),
        n_hidden=met.n_hidden,
        n_more=met.n_more,
    )


def _exposures(datasets: Collection[int]) -> tuple[Exposure, ...]:
    read = ExposureInput.objects.filter(dataset__in=datasets).values("exposure")
    return tuple(Exposure.objects.filter(pk__in=read).order_by("name")[:_MOST_EXPOSURES])


def _owners(affected: tuple[Affected, ...], exposures: tuple[Exposure, ...]) -> Iterator[Owner]:
    """Each person once, whoever answers for most first."""
    datasets = {one.dataset.pk: one.dataset for one in affected}
    named: dict[str, _Answers] = defaultdict(_Answers)
    for contact in Contact.objects.filter(dataset__in=datasets).order_by("name", "pk"):
        answers = named[contact.name]
        answers.email = answers.email or contact.email
        if datasets[contact.dataset_id] not in answers.datasets:
            answers.datasets.append(datasets[contact.dataset_id])
    for exposure in exposures:
        if exposure.owner_name or exposure.owner_email:
            answers = named[exposure.owner_name or exposure.owner_email]
            answers.email = answers.email or exposure.owner_email
            answers.exposures.append(exposure)
    by_load = sorted(
        named.items(), key=lambda pair: (-len(pair[1].datasets) - len(pair[1].exposures), pair[0])
    )
    for name, answers in by_load:
        yield Owner(name, answers.email, tuple(answers.datasets), tuple(answers.exposures))
