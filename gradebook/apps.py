"""The grade book as an app of Django."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db import connections
from django.db.models.signals import post_migrate

_MARKER = """
    INSERT INTO gradebook_category (id, sourced_id, title, modified) VALUES (0, %s, 'Uncategorized', now())
    ON CONFLICT DO NOTHING
"""


class GradebookConfig(AppConfig):
    name = "gradebook"
    verbose_name = "Grade book"

    def ready(self) -> None:
        """Have the category that marks uncategorized assignments wherever the tables are."""
        post_migrate.connect(_make_marker, sender=self)
        user_logged_out.connect(_signed_out)


def _make_marker(using: str, **_told: Any) -> None:
    from gradebook.models import UNCATEGORIZED  # noqa: PLC0415 - models come after apps

    if "gradebook_category" in connections[using].introspection.table_names():
        with connections[using].cursor() as cursor:
            cursor.execute(_MARKER, [UNCATEGORIZED])


def _signed_out(**told: Any) -> None:
    from gradebook import viewing  # noqa: PLC0415 - models come after apps

    viewing.signed_out(told["request"], told["user"])
