"""Unmatched results as people see them, and the job that stores what needs to wait no longer."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import ngettext

from assessments.models import Unmatched
from assessments.reading.sources import STUDENT
from assessments.receiving.arriving import follow, stores
from connections.grants import grant_of
from connections.models import Connection
from gradebook.reading.sources import student
from gradebook.services.act import acting
from interop.jobs.running import Run

_TESTS = """
    SELECT DISTINCT u.owner_id, u.missing FROM assessments_unmatched u
    JOIN assessments_test t ON t.sourced_id = u.missing AND t.owner_id = u.owner_id AND t.deleted_at IS NULL
    WHERE u.missing_kind = 'assessmentLineItem' AND (%s::bigint[] IS NULL OR u.id = ANY(%s::bigint[]))
"""


def waiting(*, connection: int | None = None) -> QuerySet[Unmatched]:
    """Return what waits, the oldest first; of one connection or of all."""
    found = Unmatched.objects.select_related("owner", "connection").order_by("first_at", "pk")
    return found if connection is None else found.filter(connection=connection)


def resolve_waiting(rows: Sequence[Unmatched] | None = None) -> int:
    """Store what waits for something that is there by now, of these rows or of all; return how much was."""
    keys = None if rows is None else [row.pk for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_TESTS, [keys, keys])
        found = cursor.fetchall()
    stored = 0
    for owner, name in found:
        while taken := follow(owner, name):
            stored += taken
    return stored + stores(_enrolled(keys))


def dismiss(actor: str, rows: QuerySet[Unmatched]) -> int:
    """Forget what waits, and return how much; the history keeps that somebody did."""
    with acting(actor) as act:
        gone = list(
            rows.select_related(None)
            .order_by("pk")
            .select_for_update(of=("self",))
            .only("kind", "sourced_id", "missing")
        )
        for row in gone:
            before = {"kind": row.kind, "sourcedId": row.sourced_id, "missing": row.missing}
            act.changed("unmatched", row.pk, None, before=before, after={"deleted": True})
        Unmatched.objects.filter(pk__in=[row.pk for row in gone]).delete()
    return len(gone)


def run(_job: Run) -> str:
    """Store what waits for something that is there by now; it may be begun again."""
    stored = resolve_waiting()
    told = ngettext("%d unmatched result was stored.", "%d unmatched results were stored.", stored)
    return told % stored


def _enrolled(keys: list[int] | None) -> list[Unmatched]:
    """Return the scores whose missing student is shared with their connection by now."""
    found: list[int] = []
    lacking = Unmatched.objects.filter(missing_kind="user")
    for key in lacking.values_list("connection", flat=True).distinct():
        grant = grant_of(Connection.objects.get(pk=key))
        join, values = student(grant, "p", "person.id")
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT u.id FROM assessments_unmatched u JOIN roster_person person ON person.sourced_id = u.missing"
                f" {join} AND p{STUDENT} WHERE u.connection_id = %s AND u.missing_kind = 'user'",
                [*values, key],
            )
            found += [row for (row,) in cursor.fetchall()]
    return list(lacking.filter(pk__in=found if keys is None else set(found) & set(keys)).order_by("pk"))
