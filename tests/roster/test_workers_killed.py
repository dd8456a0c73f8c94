"""A real worker killed without warning while it refreshes: vendors keep what they had, and the run is done in the end.

The test plays the scheduler; the rest is Celery, Valkey and PostgreSQL as everywhere.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from interop import fault
from interop.celery import app
from interop.jobs import asking, planning
from interop.jobs.models import OPEN, JobRun, State
from interop.portal import programs
from roster import refreshing
from roster.models import Edition, Record
from tests.conftest import TEST_DATA
from tests.roster import factories as make

pytestmark = pytest.mark.django_db(transaction=True)
PROVE = bool(os.environ.get("INTEROP_PROVE"))
POINTS = [point for point in fault.POINTS if point.startswith(("job.", "refresh."))]
ROUNDS = [*product(POINTS, range(3))] if PROVE else [("refresh.written", 0)]
WITHIN = 90


@contextlib.contextmanager
def worker(fatal: str = "", file: Path | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the portal's worker on the test database; its whole session is ended afterwards."""
    command = [each.replace("interop.celery", "tests.live_celery") for each in programs.worker()]
    environment = os.environ | {
        "INTEROP_TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "INTEROP_TEST_BROKER": settings.CELERY_BROKER_URL,
        "INTEROP_TEST_QUEUE": settings.CELERY_TASK_DEFAULT_QUEUE,
        "PYTHONWARNINGS": programs.QUIET,
        fault.ENV: fatal,
        fault.FILE: str(file or ""),
    }
    if settings.EMBEDDED:
        environment["DATA_DIR"] = os.environ[TEST_DATA]
    process = subprocess.Popen(
        [sys.executable, *command],
        env=environment,
        cwd=settings.BASE_DIR,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def eventually(told: object) -> bool:
    """Ring like the scheduler, only faster, until it is so."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        planning.look(timezone.now())
        if told():
            return True
        time.sleep(0.3)
    return False


@pytest.fixture
def asked(published, lincoln, monkeypatch):
    """Lincoln is published, a student has come since, and somebody has asked for a refresh; nothing else is due."""
    monkeypatch.setattr(planning, "plan", lambda _now: None)
    published.refresh()
    make.EnrollmentFactory(person=make.PersonFactory(sourced_id="new"), calendar=lincoln.calendar)
    app.control.purge()
    refreshing.ask("ada", timezone.now())
    return JobRun.objects.get(job=refreshing.JOB)


def consistent() -> bool:
    """One edition is the newest, what is live is unique, and every live record has its body."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM roster_record r LEFT JOIN roster_body b ON b.id = r.id"
            " WHERE r.retired_at IS NULL AND b.id IS NULL"
        )
        [without_body] = cursor.fetchone()
    return without_body == 0 and Edition.objects.count() <= 2


@pytest.mark.parametrize(("point", "_round"), ROUNDS)
def test_a_worker_killed_at_any_point_leaves_a_run_that_another_process_finishes(asked, tmp_path, point, _round):
    armed = tmp_path / "armed"
    armed.touch()
    with worker(point, armed):
        assert eventually(lambda: not armed.exists()), "it came by the point and died"
        assert consistent()
        assert eventually(lambda: not JobRun.objects.filter(pk=asked.pk, state__in=OPEN).exists())
    asked.refresh_from_db()
    assert (asked.state, asked.attempt) == (State.DONE, 2)
    assert Record.objects.filter(object="user", sourced_id="new", version=12, retired_at=None).count() == 1
    assert consistent()


@pytest.mark.skipif(not PROVE, reason="a poison job takes five deaths; make prove runs it")
def test_a_job_that_kills_every_worker_is_given_up_after_five_deaths_and_the_others_go_on(asked):
    asking.ask("usage")
    with worker("refresh.begun"):
        assert eventually(lambda: JobRun.objects.filter(pk=asked.pk, state=State.DEAD).exists())
        assert eventually(lambda: JobRun.objects.filter(job="usage", state=State.DONE).exists())
    assert consistent()
