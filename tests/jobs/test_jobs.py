"""What is to be done stands in rows: each once, by one worker at a time, again when one dies, and not for ever."""

import datetime as dt
import threading

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from interop import schedule
from interop.celery import app
from interop.cleaning import forget_runs
from interop.jobs import asking, planning, running
from interop.jobs.models import JobRun, State
from interop.models import AuditEvent, Message

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def test_the_worker_knows_both_tasks_and_every_job_of_the_table_can_be_done():
    app.loader.import_default_modules()
    assert {schedule.LOOK, planning.PERFORM} <= app.tasks.keys()
    assert [entry["task"] for entry in schedule.beat_schedule().values()] == [schedule.LOOK]
    assert all(callable(import_string(job.do)) for job in schedule.JOBS)
    assert len({job.name for job in schedule.JOBS}) == len(schedule.JOBS)


def test_each_slot_is_written_down_once_by_however_many_schedulers(work):
    now = dt.datetime(2026, 11, 23, 12, 1, tzinfo=dt.UTC)
    JobRun.objects.create(job="chore", slot="before", due_at=now - 2 * HOUR, state=State.DONE)
    for _scheduler in range(2):
        planning.plan(now)
    rows = JobRun.objects.exclude(slot="before").order_by("due_at")
    assert len(rows) == 24
    assert [row.state for row in rows] == [State.SKIPPED] * 23 + [State.WAITING]
    assert rows[0].told == "Nothing was running then; the next one stands for it."
    planning.plan(now + dt.timedelta(minutes=3))
    assert len(rows.all()) == 24
    planning.plan(now + dt.timedelta(minutes=4))
    assert len(rows.all()) == 25


def test_a_look_rings_for_what_is_due_and_the_run_says_what_it_did(work, bells):
    planning.look(timezone.now())
    row = JobRun.objects.get(state=State.WAITING)
    assert bells == [(planning.PERFORM, row.pk)]
    work.append(lambda run: f"{run.subject or 'Nothing'} done.")
    running.perform(row.pk)
    row.refresh_from_db()
    assert (row.state, row.told, row.attempt) == (State.DONE, "Nothing done.", 1)
    assert bells[-1] == (schedule.LOOK,), "the next one need not wait for the scheduler"
    running.perform(row.pk)
    assert JobRun.objects.get(pk=row.pk).attempt == 1, "a message that comes twice changes nothing"


def test_what_somebody_asks_for_waits_once_and_can_be_called_off(work, bells, django_capture_on_commit_callbacks):
    later = timezone.now() + HOUR
    with django_capture_on_commit_callbacks(execute=True):
        row = asking.ask("other", by="ada", at=later, subject="7")
        assert asking.ask("other", by="eve", subject="7") is None
        assert asking.ask("other", by="eve", subject="8")
    assert bells == [(schedule.LOOK,), (schedule.LOOK,)], "what waits for its time is not rung for"
    running.perform(row.pk)
    assert JobRun.objects.get(pk=row.pk).state == State.WAITING
    assert asking.cancel(row.pk, by="ada")
    assert not asking.cancel(row.pk, by="ada")
    assert JobRun.objects.get(pk=row.pk).state == State.CANCELLED
    acts = [event.act for event in AuditEvent.objects.order_by("pk")]
    assert acts == [asking.ASKED, asking.ASKED, asking.CANCELLED]


@pytest.mark.django_db(transaction=True)
def test_while_one_is_at_work_another_of_its_lock_waits_and_is_not_counted_as_a_try(work):
    first, second = asking.ask("chore"), asking.ask("other")
    seen = []

    def at_work(_run):
        with_other_session(running.perform, second.pk)
        seen.append(JobRun.objects.get(pk=second.pk).state)
        return "Done."

    work.append(at_work)
    running.perform(first.pk)
    assert seen == [State.WAITING]
    assert JobRun.objects.get(pk=second.pk).attempt == 0


def with_other_session(do, *arguments):
    """Call it with a database session of its own, as another worker would."""

    def there():
        try:
            do(*arguments)
        finally:
            connection.close()

    thread = threading.Thread(target=there)
    thread.start()
    thread.join(30)


def test_what_a_job_raises_decides_what_becomes_of_its_run(work):
    row = asking.ask("chore", subject="5")

    def raising(error):
        def do(_run):
            raise error

        return do

    work.append(raising(running.Busy("Somebody is at it.")))
    running.perform(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempt, row.told) == (State.WAITING, 0, "Somebody is at it.")
    assert row.due_at > timezone.now()
    for error, state in (
        (running.Refused("Nothing to do."), State.REFUSED),
        (running.OnHold("Too much would end."), State.HELD),
    ):
        JobRun.objects.filter(pk=row.pk).update(due_at=timezone.now(), state=State.WAITING)
        work.append(raising(error))
        running.perform(row.pk)
        row.refresh_from_db()
        assert (row.state, row.told) == (state, str(error))
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_that_always_fails_is_tried_five_times_with_growing_pauses_then_given_up_and_told(work, caplog):
    def fail(_run):
        raise ZeroDivisionError

    work.append(fail)
    row = asking.ask("chore")
    pauses = []
    for _try in range(running.TRIES):
        before = timezone.now()
        running.perform(row.pk)
        row.refresh_from_db()
        pauses.append(round((row.due_at - before).total_seconds()))
        JobRun.objects.filter(pk=row.pk).update(due_at=timezone.now())
    assert pauses[:4] == [15, 30, 60, 120]
    assert (row.state, row.attempt, row.told) == (State.DEAD, 5, "It failed: ZeroDivisionError.")
    message = Message.objects.get()
    assert (message.title, message.process) == ("The chore was given up", "process")
    running.perform(row.pk)
    assert JobRun.objects.get(pk=row.pk).attempt == 5


def test_a_run_whose_worker_died_begins_again_and_after_five_deaths_is_given_up(work, bells):
    row = asking.ask("chore")
    JobRun.objects.filter(pk=row.pk).update(state=State.RUNNING, attempt=1)
    planning.look(timezone.now())
    assert (planning.PERFORM, row.pk) in bells
    running.perform(row.pk)
    row.refresh_from_db()
    assert (row.state, row.attempt) == (State.DONE, 2)
    JobRun.objects.filter(pk=row.pk).update(state=State.RUNNING, attempt=running.TRIES)
    running.perform(row.pk)
    row.refresh_from_db()
    assert (row.state, row.told) == (State.DEAD, "Its worker died 5 times.")
    assert Message.objects.count() == 1


def test_what_an_earlier_attempt_says_afterwards_is_not_heard(work):
    row = asking.ask("chore")

    def overtaken(_run):
        JobRun.objects.filter(pk=row.pk).update(attempt=2, told="The later one.")
        return "The earlier one."

    work.append(overtaken)
    running.perform(row.pk)
    row.refresh_from_db()
    assert (row.state, row.told) == (State.RUNNING, "The later one.")


def test_progress_is_told_while_it_works_and_lost_without_harm(work, monkeypatch):
    row = asking.ask("chore")
    told = []

    def working(run):
        run.advance("rows", 1, 10)
        run.advance("rows", 2, 10)
        told.append(running.progress(run.pk))
        run.advance("rows", 10, 10)
        told.append(running.progress(run.pk))
        monkeypatch.setattr(cache, "set", lambda *_: 1 / 0)
        run.advance("rows", 10, 10)
        return "Done."

    work.append(working)
    running.perform(row.pk)
    assert [each["done"] for each in told] == [1, 10]
    assert JobRun.objects.get(pk=row.pk).state == State.DONE


def test_without_a_broker_nothing_is_lost(work, monkeypatch, django_capture_on_commit_callbacks):
    def gone(*_args, **_options):
        raise OperationalError

    monkeypatch.setattr("celery.app.base.Celery.send_task", gone)
    with django_capture_on_commit_callbacks(execute=True):
        row = asking.ask("chore")
    running.perform(row.pk)
    assert JobRun.objects.get(pk=row.pk).state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_while_a_run_begins_has_a_run_behind_it(work):
    """Who asks locks the row that waits, so that it cannot begin without what this transaction is about to commit."""
    first = asking.ask("chore")
    with transaction.atomic():
        assert asking.ask("chore") is None
        with_other_session(running.perform, first.pk)
        assert JobRun.objects.get(pk=first.pk).state == State.WAITING
    running.perform(first.pk)
    assert JobRun.objects.get(pk=first.pk).state == State.DONE
    JobRun.objects.filter(pk=first.pk).update(state=State.RUNNING)
    assert asking.ask("chore"), "one at work may have read before"


def test_finished_runs_are_forgotten_in_time_and_open_ones_never(work):
    now = timezone.now()
    kept = [
        JobRun.objects.create(job="chore", due_at=now - 2 * DAY, state=State.DONE),
        JobRun.objects.create(job="other", due_at=now - 80 * DAY, state=State.DONE),
        JobRun.objects.create(job="chore", due_at=now - 200 * DAY),
    ]
    JobRun.objects.create(job="chore", due_at=now - 4 * DAY, state=State.DONE)
    JobRun.objects.create(job="other", due_at=now - 100 * DAY, state=State.DEAD)
    forget_runs(now)
    assert set(JobRun.objects.all()) == set(kept)
