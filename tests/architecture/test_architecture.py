"""Rules of the house that no linter knows."""

from django.apps import apps

from interop.celery import app
from interop.schedule import JOBS

OURS = ("interop", "connections", "roster")


def test_every_job_of_the_schedule_rings_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert JOBS
    assert [job.name for job in JOBS if job.task not in app.tasks] == []


def test_a_message_carries_json_only_and_leaves_no_result() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.result_backend is None


def test_every_app_of_ours_is_installed() -> None:
    assert {name for name in OURS if apps.is_installed(name)} == set(OURS)
