"""A table of one job whose work the test decides, and nobody who hears the bells."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from interop import schedule
from interop.jobs.running import Run
from interop.schedule import Job
from interop.slots import Every


@pytest.fixture
def bells(monkeypatch, db) -> list[tuple[Any, ...]]:
    rung: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task", lambda _self, name, args=(), **_: rung.append((name, *args))
    )
    return rung


@pytest.fixture
def work(monkeypatch, bells) -> list[Callable[[Run], str]]:
    """Return what the jobs "chore" and "other" do, the last one counts; "chore" is due every five minutes."""
    done: list[Callable[[Run], str]] = [lambda _run: "Done."]

    def do_the_last(run: Run) -> str:
        return done[-1](run)

    monkeypatch.setattr("tests.jobs.conftest.do", do_the_last)
    five = Every(dt.timedelta(minutes=5))
    table = (
        Job("chore", "tests.jobs.conftest.do", "The chore", "Does what the test says.", five, lock="one"),
        Job("other", "tests.jobs.conftest.do", "The other", "Does it too.", lock="one"),
    )
    monkeypatch.setattr(schedule, "JOBS", table)
    return done


def do(run: Run) -> str:
    """Stand in for a job; the fixture replaces it."""
    raise NotImplementedError(run)
