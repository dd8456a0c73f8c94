"""A refresh killed without warning, at any statement: vendors keep what they had, and the next refresh does it all."""

import multiprocessing
import os
import signal
from itertools import count

import pytest
from django.db import connection, connections

from roster.models import Body, Edition, Record
from roster.publishing import publish, writing
from roster.publishing.publish import LOCK
from tests.roster import factories as make
from tests.roster.conftest import at

pytestmark = pytest.mark.django_db(transaction=True)
STEP = 1 if os.environ.get("INTEROP_PROVE") else 9
FAR = 500


def die(*_args: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refresh(day, fatal_statement: int, *, in_copy: bool) -> None:
    """In a process of its own: publish, and die before that statement or in the middle of copying rows.

    With such a death further records are being made by a process beside it.
    """
    statements, committed = count(1), False

    def fatal(execute, sql, params, many, context):
        nonlocal committed
        committed = committed or "pg_advisory_unlock" in sql
        if next(statements) == fatal_statement and not committed:
            die()
        return execute(sql, params, many, context)

    def half_a_copy(what, data):
        with connection.cursor() as cursor, cursor.copy(f"COPY {what}") as copy:
            part = bytes(next(iter(data)))
            copy.write(writing.rows.BEGIN + part[: len(part) // 2])
            die()

    if in_copy:
        writing._copy, writing.PIECE, writing.FEW = half_a_copy, 1, 0
    with connection.execute_wrapper(fatal):
        publish(at(day), force=True)


def killed(day, fatal_statement: int = FAR, *, in_copy: bool = False) -> bool:
    """Refresh in another process; return whether it was killed, when the server has noticed."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(
        target=refresh, args=(day, fatal_statement), kwargs={"in_copy": in_copy}
    )
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}
    with connection.cursor() as cursor:  # a lock nobody gives back would fail here
        cursor.execute("SET lock_timeout = '20s'")
        cursor.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [LOCK, LOCK])
        cursor.execute("RESET lock_timeout")
    return process.exitcode != 0


def served() -> tuple[object, ...]:
    """Everything a vendor can read, and the indexes it is read by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename LIKE 'roster_record%' ORDER BY 1")
        indexes = cursor.fetchall()
    bodies = [(body.pk, bytes(body.doc)) for body in Body.objects.order_by("pk")]
    records = list(Record.objects.order_by("pk").values_list("pk", "sourced_id", "status", "retired_at", "modified"))
    return list(Edition.objects.order_by("pk").values()), records, bodies, indexes


def kill_everywhere(day) -> int:
    """Kill a refresh before one statement after the other until one comes through; return how many were killed."""
    before = served()
    assert killed(day, in_copy=True)
    assert served() == before
    for kills, statement in enumerate(range(1, FAR, STEP), 1):
        if not killed(day, statement):
            return kills
        assert served() == before, f"killed before statement {statement}"
    raise AssertionError("the refresh never came through")


def test_a_first_refresh_killed_anywhere_leaves_empty_tables_with_all_indexes(published, lincoln):
    assert kill_everywhere(make.TODAY) > 3
    assert published.states("user") == {"student": "active", "teacher": "active", "mother": "active"}
    assert len(served()[-1]) == len(Record._meta.indexes) + len(Record._meta.constraints) + 1
    assert not published.refresh().changed


def test_a_later_refresh_killed_anywhere_leaves_the_last_edition_serving(published, lincoln):
    published.refresh()
    lincoln.student.external_lms_exclude = True
    lincoln.student.save()
    type(lincoln.section).objects.update(title="Algebra 2")
    make.EnrollmentFactory(person=make.PersonFactory(sourced_id="new"), calendar=lincoln.calendar)
    assert kill_everywhere(make.TODAY) > 3
    assert Edition.objects.count() == 2
    assert published.states("user") == {
        "student": "tobedeleted", "teacher": "active", "mother": "tobedeleted", "new": "active",
    }  # fmt: skip
    assert published.docs("class")["section"]["title"] == "Algebra 2"
    assert not published.refresh().changed
