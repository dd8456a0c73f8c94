"""Statistics for the planner: a table filled inside one transaction looks empty to it until it is told."""

from django.apps import apps
from django.db import connection


def gather() -> None:
    """Let PostgreSQL count the tables of the SIS's data anew, rows of this transaction included."""
    with connection.cursor() as cursor:
        for model in apps.get_app_config("roster").get_models(include_auto_created=True):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
