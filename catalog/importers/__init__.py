"""Readers of what others know about data: warehouses, dbt projects, OpenLineage events, data contracts.

Every importer is all or nothing, changes no row when it has nothing new to tell, and never overwrites what a person
or a stronger source said.
"""

from catalog.importers.dbt import import_dbt
from catalog.importers.odcs import import_odcs
from catalog.importers.openlineage import import_openlineage
from catalog.importers.reports import ImportReport
from catalog.importers.warehouse import import_relations, import_warehouse

__all__ = [
    "ImportReport",
    "import_dbt",
    "import_odcs",
    "import_openlineage",
    "import_relations",
    "import_warehouse",
]
