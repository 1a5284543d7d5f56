"""Whom a source names as owner of a dataset. It is text to show and to write to; it gives nobody any right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.models import Contact, Dataset, Source
from catalog.reconciliation import Tally, reconcile

ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


@dataclass(frozen=True)
class Named:
    """Somebody a source names."""

    name: str
    email: str = ""
    role: str = "owner"


def keep_contacts(wanted: Mapping[Dataset, Iterable[Named]], *, source: Source) -> Tally:
    """Makes these the contacts `source` names for these datasets; other sources' contacts stay.

    Cost: one query to read, up to three to write.
    """
    existing = Contact.objects.filter(dataset__in=list(wanted), source=source)
    rows = [
        Contact(dataset=dataset, source=source, name=named.name, email=named.email, role=named.role)
        for dataset, names in wanted.items()
        for named in names
    ]
    tally, _ = reconcile(existing, rows, key=["dataset_id", "role", "name"], fields=["email"])
    return tally


def named_in(value: Any, role: str = "owner") -> tuple[Named, ...]:
    """The people in an owner field as files write them: `Ana <ana@x.org>`, a bare address, `{name, email}`, or a list.

    What cannot be read as a person is left out.
    """
    if isinstance(value, list | tuple):
        return tuple(one for part in value for one in named_in(part, role))
    if isinstance(value, Mapping):
        email = value.get("email")
        if isinstance(email, list):
            email = next(iter(email), "")
        return _named(str(value.get("name") or ""), str(email or ""), role)
    if not isinstance(value, str):
        return ()
    found = ADDRESS.search(value)
    email = found[0] if found else ""
    return _named(value.replace(email, "").strip(" <>\t\n"), email, role)


def _named(name: str, email: str, role: str) -> tuple[Named, ...]:
    email = email.strip() if ADDRESS.fullmatch(email.strip()) else ""
    name = " ".join(name.split())[:200] or email
    return (Named(name, email[:254], role[:63]),) if name else ()
