"""What can go wrong in the catalog, each with a stable code and a sentence fit for the person who caused it."""

from __future__ import annotations

from pathlib import Path


class CatalogError(Exception):
    """The catalog could not do what was asked; nothing was changed."""

    code = "catalog_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class BrokenFile(CatalogError):
    """A file or event could not be read: which one, where in it, and what was expected there."""

    code = "broken_file"

    def __init__(self, path: Path | str, where: str, expected: str) -> None:
        place = f"{path}, {where}" if where else f"{path}"
        super().__init__(f"{place}: expected {expected}. Nothing was changed.")
        self.path = str(path)
        self.where = where
        self.expected = expected


class InvalidValue(CatalogError):
    """A value that its field cannot take; `field` names it."""

    code = "invalid_value"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class UnknownName(CatalogError):
    """A name that no warehouse, dataset, domain or column answers to."""

    code = "unknown_name"


class AliasTaken(CatalogError):
    """Another dataset already answers to this name."""

    code = "alias_taken"
