"""What the catalog remembers: warehouses, datasets, columns, where each value came from, lineage, checks, runs."""

from catalog.models.checks import Check, CheckResult, CheckStatus
from catalog.models.datasets import (
    Alias,
    AliasKind,
    Column,
    Contact,
    Dataset,
    DatasetKind,
    Domain,
    SchemaVersion,
    Sensitivity,
    Visibility,
)
from catalog.models.lineage import (
    ColumnEdge,
    Derivation,
    Exposure,
    ExposureInput,
    FollowedQuery,
    LineageEdge,
)
from catalog.models.provenance import FieldChange, FieldValue, Source
from catalog.models.runs import QuarantinedName, RunEvent
from catalog.models.search import SearchMiss, SearchWord
from catalog.models.warehouses import EngineKind, Warehouse

__all__ = [
    "Alias",
    "AliasKind",
    "Check",
    "CheckResult",
    "CheckStatus",
    "Column",
    "ColumnEdge",
    "Contact",
    "Dataset",
    "DatasetKind",
    "Derivation",
    "Domain",
    "EngineKind",
    "Exposure",
    "ExposureInput",
    "FieldChange",
    "FieldValue",
    "FollowedQuery",
    "LineageEdge",
    "QuarantinedName",
    "RunEvent",
    "SchemaVersion",
    "SearchMiss",
    "SearchWord",
    "Sensitivity",
    "Source",
    "Visibility",
    "Warehouse",
]
