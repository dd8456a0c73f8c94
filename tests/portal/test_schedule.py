"""What runs by itself: nobody loads Celery without need, and the daily clean-up leaves what is not over."""

import datetime as dt
import subprocess
import sys

from django.contrib.sessions.models import Session
from django.utils import timezone

from connections.models import TokenFailure
from interop import schedule
from interop.celery import app
from interop.cleaning import clean_up
from interop.doorbell import ring
from interop.jobs.running import Run


def test_a_process_that_rings_for_nobody_starts_without_celery_and_one_that_rings_reaches_the_worker(monkeypatch):
    start = "import sys, django; django.setup(); print('celery' in sys.modules)"
    begun = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True)
    assert begun.stdout == "False\n"
    rung = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **_options: rung.append((name, args)))
    ring(schedule.LOOK)
    ring("interop.tasks.perform", 7)
    assert rung == [("interop.tasks.look", ()), ("interop.tasks.perform", (7,))]


def test_what_expired_is_cleaned_up_every_day():
    assert schedule.job("clean-up").when.period == dt.timedelta(days=1)


def test_the_clean_up_deletes_old_attempts_and_sessions_and_leaves_the_others(db):
    now = timezone.now()
    for age in (dt.timedelta(minutes=1), 2 * TokenFailure.KEPT):
        TokenFailure.objects.create(address="192.0.2.1", client=b"c" * 32, at=now - age)
    for name, days in (("old", -1), ("live", 1)):
        Session.objects.create(session_key=name, session_data="", expire_date=now + dt.timedelta(days=days))
    clean_up(Run(1, "", ""))
    assert TokenFailure.objects.get().at > now - TokenFailure.KEPT
    assert Session.objects.get().session_key == "live"
