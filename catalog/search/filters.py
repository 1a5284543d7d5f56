"""The choices that narrow a search, each also a facet."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When

from catalog.models import Contact, Dataset, Domain, Warehouse

FRESH: Final = "fresh"
STALE: Final = "stale"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Filters:
    """What a search is narrowed to; several values of one kind mean any of them, an empty tuple means all.

    `domain` and `warehouse` are names, `owner` is a contact's name, `freshness` is fresh, stale or unknown.
    """

    domain: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
    warehouse: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    freshness: tuple[str, ...] = ()

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The kinds with a choice made."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: values for name, values in pairs if values}

    def __bool__(self) -> bool:
        return bool(self.chosen)

    def narrow(
        self, datasets: QuerySet[Dataset], *, now: datetime, without: str = ""
    ) -> QuerySet[Dataset]:
        """The datasets that fit, the kind named by `without` left out of account."""
        for name, values in self.chosen.items():
            if name == "freshness" and name != without:
                datasets = datasets.alias(freshness_state=freshness_state(now))
            if name != without:
                datasets = datasets.filter(_condition(name, values))
        return datasets


def _condition(name: str, values: tuple[str, ...]) -> Q | Exists:
    match name:
        case "domain":
            return Q(domain__in=Domain.objects.filter(name__in=values).order_by().values("pk"))
        case "tag":
            return Q(tags__overlap=list(values))
        case "sensitivity":
            return Q(sensitivity__in=values)
        case "warehouse":
            return Q(
                warehouse__in=Warehouse.objects.filter(name__in=values).order_by().values("pk")
            )
        case "owner":
            return Exists(Contact.objects.filter(dataset=OuterRef("pk"), name__in=values))
        case _:
            return Q(freshness_state__in=values)


def freshness_state(now: datetime) -> Case:
    """Whether the data is as new as promised, as SQL: the rule of `catalog.freshness` for many datasets at once."""
    return Case(
        When(Q(freshness_within=None) | Q(data_updated_at=None), then=Value(UNKNOWN)),
        When(data_updated_at__gte=Value(now) - F("freshness_within"), then=Value(FRESH)),
        default=Value(STALE),
        output_field=CharField(),
    )
