"""The guard: what one query may become before an engine sees it.

Pure: it reads text and policies and returns a plan or raises a refusal; it opens nothing and asks nobody. It must
never let through what it does not fully understand, and never repeat what the reader may not know.
"""

from access.sql.guard import Plan, TableLookup, guard
from access.sql.rules import PolicyProblem, check_expression
from access.sql.verifying import verify

__all__ = ["Plan", "PolicyProblem", "TableLookup", "check_expression", "guard", "verify"]
