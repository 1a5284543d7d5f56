"""The tables are what the models say: a migration that makes many at once leaves none of their indexes or constraints out."""

import pytest
from django.apps import apps
from django.db import connection, migrations, models

from catalog.migrations._together import CreateTogether

OURS = [
    model
    for room in ("catalog", "access", "portal")
    for model in apps.get_app_config(room).get_models()
]


@pytest.mark.django_db
@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_index_and_constraint_is_there(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    stated = {each.name for each in (*model._meta.indexes, *model._meta.constraints)}

    # Exclusion constraints are listed by their index.
    assert stated <= found.keys()


def test_what_changes_another_model_is_not_made_together() -> None:
    with pytest.raises(ValueError, match="AddField of elsewhere"):
        CreateTogether([migrations.AddField("elsewhere", "name", models.TextField())])
