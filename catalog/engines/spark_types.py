"""Spark's types as its SQL spells them, from the protocol's description of a result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_NAMES = {
    "null": "void",
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "calendar_interval": "interval",
    "year_month_interval": "interval year to month",
    "day_time_interval": "interval day to second",
}


def columns_of(schema: Any) -> tuple[tuple[str, str], ...]:
    """The (name, type) pairs of a result's struct type."""
    return tuple((field.name, type_text(field.data_type)) for field in schema.struct.fields)


def type_text(data_type: Any) -> str:
    """A type such as `decimal(12,2)` or `array<string>`; `unknown` for one this portal has no word for."""
    for field, value in data_type.ListFields():
        maker = _MAKERS.get(field.name)
        return maker(value) if maker else _NAMES.get(field.name, str(field.name))
    return "unknown"


def _struct(value: Any) -> str:
    return f"struct<{','.join(f'{one.name}:{type_text(one.data_type)}' for one in value.fields)}>"


_MAKERS: dict[str, Callable[[Any], str]] = {
    "decimal": lambda value: f"decimal({value.precision},{value.scale})",
    "char": lambda value: f"char({value.length})",
    "var_char": lambda value: f"varchar({value.length})",
    "array": lambda value: f"array<{type_text(value.element_type)}>",
    "map": lambda value: f"map<{type_text(value.key_type)},{type_text(value.value_type)}>",
    "struct": _struct,
}
