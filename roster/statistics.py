"""Statistics for the planner: a table filled inside one transaction looks empty to it until it is told."""

from collections.abc import Iterable
from functools import cache

from django.apps import apps
from django.db import connection

PUBLISHED = {
    "Edition", "Record", "Body", "MirrorEpoch", "Frozen", "Pull", "Withheld", "ServedScope", "Lost", "RoleId",
    "AppliedPackage", "Touched", "PastRecord",
}  # fmt: skip
FEEDING = {"FeedImport", "FeedStep", "FeedTrace", "FeedSettings", "FeedLimit", "FeedPause"}
SIGNING_IN = {"SignIn", "ActivationCode"}
OFFICE = {"SchedulingFinal", "AccountRule"}
GROWN = 1_000
"""Rows from which on a table without statistics is a danger."""
APART = PUBLISHED | FEEDING | SIGNING_IN | OFFICE


@cache
def sis_tables() -> tuple[str, ...]:
    """Return the names of the tables of SIS data; what is published of them, and who signs in, is left out."""
    models = apps.get_app_config("roster").get_models(include_auto_created=True)
    return tuple(sorted(model._meta.db_table for model in models if model.__name__ not in APART))


def gather(tables: Iterable[str] | None = None) -> None:
    """Let PostgreSQL count these tables anew (all of the SIS data unless said), rows of this transaction included."""
    with connection.cursor() as cursor:
        for table in sis_tables() if tables is None else tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")


def learn() -> None:
    """Gather statistics of tables of SIS data that have grown much; the planner takes them for empty otherwise."""
    tables = sis_tables()
    quote = connection.ops.quote_name
    counts = " UNION ALL ".join(f"SELECT %s, count(*) FROM {quote(table)}" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name FROM ({counts}) AS counted(name, rows) JOIN pg_class ON oid = name::regclass"  # noqa: S608
            " WHERE rows >= %s AND reltuples < rows / 2",
            [*tables, GROWN],
        )
        grown = [name for (name,) in cursor.fetchall()]
    gather(grown)


def rows_to_publish() -> int:
    """Return about how many records a refresh compares, as the planner counts the tables they are made from."""
    tables = [
        f"roster_{name}" for name in ("person", "demographics", "section", "course", "rosterentry", "sectionstaff")
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(greatest(reltuples, 0)), 0) FROM pg_class WHERE relname = ANY(%s)", [tables]
        )
        return int(cursor.fetchone()[0])
