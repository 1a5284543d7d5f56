"""Many models in one step. Django renders every related model anew for each operation, which made the first start of a
portal ten seconds longer; here the models are rendered once, as they are in the end.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model


class CreateTogether(Operation):
    """Creates the models that `operations` create, with all fields, indexes and constraints that they add to them.

    Only their effect on the state is applied one by one. Errors: `ValueError` for one that changes another model.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        made = {each.name.lower() for each in operations if isinstance(each, CreateModel)}
        for each in operations:
            changed = getattr(each, "model_name", getattr(each, "name", ""))
            if changed.lower() not in made:
                raise ValueError(
                    f"{type(each).__name__} of {changed} does not belong to the models made here"
                )
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Without rendered models a change of the state costs nothing; they are rendered when next asked for.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in self._models(app_label, to_state.apps):
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model in reversed(list(self._models(app_label, from_state.apps))):
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.delete_model(model)

    def _models(self, app_label: str, apps: Apps) -> Iterator[type[Model]]:
        for operation in self.operations:
            if isinstance(operation, CreateModel):
                yield apps.get_model(app_label, operation.name)

    def describe(self) -> str:
        return f"Create {sum(isinstance(each, CreateModel) for each in self.operations)} models"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.operations], {})
