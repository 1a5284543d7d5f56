"""What is said of syntax that is refused by name, where the general sentence would not help."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

EXPLANATIONS: Mapping[type[exp.Expr], str] = {
    exp.Into: "SELECT ... INTO would write a table.",
    exp.Lock: "FOR UPDATE and FOR SHARE would lock rows.",
    exp.HistoricalData: "Reading an earlier version of a table is not supported.",
    exp.Placeholder: "Parameters are not supported; write the value into the query.",
    exp.Parameter: "Parameters are not supported; write the value into the query.",
    exp.CurrentUser: "The engine's own user is not yours; ask the portal who you are instead.",
    exp.SessionUser: "The engine's own user is not yours; ask the portal who you are instead.",
    exp.CurrentCatalog: "The engine's own settings are not readable here.",
    exp.CurrentSchema: "The engine's own settings are not readable here.",
    exp.Operator: "Write the operator itself instead of OPERATOR(...).",
}
