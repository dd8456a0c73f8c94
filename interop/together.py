"""Many steps of one migration for which Django pictures all models once, not after every step."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """Operations on models, none of which looks at the data; the database is as after one by one.

    Django makes the classes of all related models anew after every operation, a hundred classes for each new table:
    most of the time of a first `migrate`. Here it makes them once, as they are in the end. A table that is made here
    is made in that form at once, so what follows on it says nothing more to the database.
    """

    def __init__(self, *operations: Operation) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Bring the state to the end without the classes, which are made again when they are asked for."""
        vars(state).pop("apps", None)
        for each in self.operations:
            each.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the tables, and change those that were here before."""
        for each in self._told():
            each.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Take it all back, the last first."""
        for each in reversed(self._told()):
            each.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what it does, as Django's operations do."""
        return "; ".join(each.describe() for each in self.operations)

    def _told(self) -> Sequence[Operation]:
        """Return what the database is told: of a table that is made here, only that."""
        made = {each.name_lower for each in self.operations if isinstance(each, CreateModel)}
        return [each for each in self.operations if isinstance(each, CreateModel) or _model(each) not in made]


def _model(operation: Any) -> str:
    """Return the model that an operation on a field, an index or a constraint is about."""
    return str(operation.model_name_lower)
