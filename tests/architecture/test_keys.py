"""Foreign keys point down only, and the lower room cannot spell the upper one."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.fields.related import RelatedField

RANK = {"catalog": 0, "access": 1, "portal": 2}


def rank(model: Any) -> int | None:
    return RANK.get(model._meta.app_label)


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if rank(model) is not None]


def mistakes(field: Any) -> list[str]:
    """What is wrong with one relation between rooms."""
    upper, lower = rank(field.model), rank(field.related_model)
    if upper is None or lower is None or upper == lower:
        return []
    if upper < lower:
        return [f"{field} points up"]
    return [] if field.remote_field.hidden else [f"{field} is visible from below"]


def test_keys_point_down_and_are_invisible_from_below() -> None:
    fields = [
        field
        for model in own_models()
        for field in model._meta.get_fields()
        if isinstance(field, RelatedField)
    ]

    assert len(fields) > 20
    assert [mistake for field in fields for mistake in mistakes(field)] == []


def test_no_model_of_a_lower_room_has_an_accessor_to_an_upper_one() -> None:
    seen = [
        f"{model.__name__}.{relation.get_accessor_name()}"
        for model in own_models()
        for relation in model._meta.related_objects
        if (rank(relation.related_model) or 0) > (rank(model) or 0)
    ]

    assert seen == []


class Fake:
    """As much of a relation as the rule looks at."""

    def __init__(self, here: str, there: str, *, is_hidden: bool) -> None:
        self.model = type("Here", (), {"_meta": type("M", (), {"app_label": here})})
        self.related_model = type("There", (), {"_meta": type("M", (), {"app_label": there})})
        self.remote_field = type("R", (), {"hidden": is_hidden})()


def test_an_upward_key_and_a_visible_accessor_are_found() -> None:
    assert mistakes(Fake("catalog", "access", is_hidden=True))
    assert mistakes(Fake("portal", "access", is_hidden=False))
    assert mistakes(Fake("portal", "access", is_hidden=True)) == []
