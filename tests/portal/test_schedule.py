"""What runs by itself: every job of the table is a task the worker knows, and does its work when it is called."""

import datetime as dt
import subprocess
import sys

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from connections.models import TokenFailure
from interop import tasks
from interop.celery import app
from interop.doorbell import ring
from interop.schedule import JOBS, beat_schedule


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_the_worker_knows_the_task_and_a_bell_nobody_hears_is_dropped_before_the_next(job):
    app.loader.import_default_modules()
    assert job.task in app.tasks
    assert app.conf.beat_schedule[job.name] == {
        "task": job.task, "schedule": job.every, "options": {"expires": job.every.total_seconds()}
    }  # fmt: skip
    assert beat_schedule().keys() == {job.name for job in JOBS}


def test_a_process_that_rings_for_nobody_starts_without_celery_and_one_that_rings_reaches_the_worker(monkeypatch):
    start = "import sys, django; django.setup(); print('celery' in sys.modules)"
    begun = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True)
    assert begun.stdout == "False\n"
    rung = []
    monkeypatch.setattr(app, "send_task", rung.append)
    ring(tasks.clean_up.name)
    assert rung == ["interop.tasks.clean_up"]


def test_what_expired_is_cleaned_up_every_day():
    [job] = [job for job in JOBS if job.task == tasks.clean_up.name]
    assert job.every == dt.timedelta(days=1)


def test_the_clean_up_deletes_old_attempts_and_sessions_and_leaves_the_others(db):
    now = timezone.now()
    for age in (dt.timedelta(minutes=1), 2 * TokenFailure.KEPT):
        TokenFailure.objects.create(address="192.0.2.1", client=b"c" * 32, at=now - age)
    for name, days in (("old", -1), ("live", 1)):
        Session.objects.create(session_key=name, session_data="", expire_date=now + dt.timedelta(days=days))
    tasks.clean_up()
    assert TokenFailure.objects.get().at > now - TokenFailure.KEPT
    assert Session.objects.get().session_key == "live"


def test_the_heartbeat_notes_when_it_was_heard():
    before = timezone.now()
    tasks.heartbeat()
    assert before <= dt.datetime.fromisoformat(cache.get(tasks.HEARTBEAT)) <= timezone.now()
