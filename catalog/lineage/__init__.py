"""Lineage: what a dataset is made from and what is made from it, for whoever may see it.

Everything takes the visible datasets as a queryset. Hidden ones are walked through, counted, and never named.
"""

from catalog.lineage.columns import ColumnGraph, ColumnNode, ColumnStep, column_path
from catalog.lineage.graph import ColumnLink, Edge, LineageGraph, Node, NodeKind, neighbourhood
from catalog.lineage.impact import Affected, Impact, Owner, impact
from catalog.lineage.mentions import names_hidden, readable_sql
from catalog.lineage.walking import Direction, Sides

__all__ = [
    "Affected",
    "ColumnGraph",
    "ColumnLink",
    "ColumnNode",
    "ColumnStep",
    "Direction",
    "Edge",
    "Impact",
    "LineageGraph",
    "Node",
    "NodeKind",
    "Owner",
    "Sides",
    "column_path",
    "impact",
    "names_hidden",
    "neighbourhood",
    "readable_sql",
]
