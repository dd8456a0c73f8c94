"""Rules of the house that no linter knows."""

from django.apps import apps

from interop.celery import app

OURS = ("interop", "connections", "roster")


def test_a_message_carries_json_only_and_leaves_no_result() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.result_backend is None


def test_every_app_of_ours_is_installed() -> None:
    assert {name for name in OURS if apps.is_installed(name)} == set(OURS)
