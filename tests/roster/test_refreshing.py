import datetime as dt

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from interop.admin.roles import Role
from interop.models import AuditEvent
from roster import refreshing, tasks
from roster.models import Edition
from roster.publishing import Count, Held, Outcome, RefreshRunning, status

NOW = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def bells(monkeypatch, db):
    """The doorbell rings here, and every test begins with nothing asked."""
    rung = []
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda _self, name: rung.append(name))
    cache.delete(refreshing.KEY)
    yield rung
    cache.delete(refreshing.KEY)


def test_one_refresh_is_asked_for_at_a_time_and_the_trail_says_by_whom(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert refreshing.ask("ada", NOW)
        assert not refreshing.ask("eve", NOW)
    assert bells == ["roster.tasks.refresh"]
    assert (refreshing.current().by, refreshing.current().told) == ("ada", "")
    assert AuditEvent.objects.get().act == "asked for a refresh"


def test_the_worker_notes_what_it_did(monkeypatch):
    outcome = Outcome(2, NOW, {"user": Count(new=9, changed=300, ended=2), "org": Count(changed=12)})
    monkeypatch.setattr(refreshing, "publish", lambda _now, **_: outcome)
    refreshing.ask("ada", NOW)
    tasks.refresh()
    asked = refreshing.current()
    assert (asked.by, asked.good) == ("ada", True)
    assert asked.told == "312 records changed, 9 new, 2 ended. 1 s."
    assert refreshing.ask("eve", NOW)


def test_a_refresh_without_changes_says_so():
    assert refreshing.words(Outcome(1, NOW), dt.timedelta(seconds=6)) == "Nothing had changed. 6 s."


def test_why_nothing_was_published_is_told(monkeypatch):
    def refuse(_now, **_):
        raise RefreshRunning("Another refresh is running; wait until it has finished.")

    monkeypatch.setattr(refreshing, "publish", refuse)
    refreshing.ask("ada", NOW)
    tasks.refresh()
    assert (refreshing.current().good, refreshing.current().told) == (
        False,
        "Nothing was published. Another refresh is running; wait until it has finished.",
    )


def test_a_held_refresh_is_told_on_top_and_let_through_by_an_officer_with_a_reason(client, monkeypatch, bells):
    def held(_now, *, force):
        if not force:
            raise Held(["40 of 90 user records would end"])
        return Outcome(2, NOW, {"user": Count(ended=40)})

    monkeypatch.setattr(refreshing, "publish", held)
    refreshing.ask("ada", NOW)
    tasks.refresh()
    editor = User.objects.create_user("eddy", is_staff=True)
    editor.groups.add(Group.objects.get_or_create(name=Role.EDITOR)[0])
    client.force_login(editor)
    url, reason = reverse("admin:refresh_cache"), {"act": "force", "reason": "Oak Hill closed"}
    assert "40 of 90 user records would end" in client.get(reverse("admin:applications")).content.decode()
    assert "A security officer can let it through." in client.get(url).content.decode()
    client.post(url, reason)
    assert refreshing.current().force is False
    tasks.refresh()
    assert refreshing.current().held
    client.force_login(User.objects.create_superuser("olga"))
    assert "Say why" in client.post(url, {"act": "force", "reason": " "}).content.decode()
    client.post(url, reason)
    event = AuditEvent.objects.get(act="let a held refresh through")
    assert (event.actor, event.after["reason"]) == ("olga", "Oak Hill closed")
    tasks.refresh()
    assert (refreshing.current().good, refreshing.current().held) == (True, False)


def test_what_nobody_began_is_forgotten_in_time(monkeypatch):
    kept = {}
    monkeypatch.setattr(cache, "set", lambda key, value, seconds: kept.update({key: seconds}))
    refreshing.ask("ada", NOW)
    assert kept == {refreshing.KEY: refreshing.PATIENCE}


def test_each_group_says_when_it_last_changed_and_how_much():
    assert [(group.at, group.changed) for group in status.groups()] == [(None, 0), (None, 0)]
    for number, counts in enumerate(
        [
            {"user": {"new": 1, "changed": 2, "ended": 3, "before": 50}, "org": {"new": 9, "changed": 0, "ended": 0}},
            {"enrollment": {"new": 4, "changed": 0, "ended": 0, "before": 0}},
        ],
        1,
    ):
        Edition.objects.create(number=number, published_at=NOW + dt.timedelta(hours=number), counts=counts)
    told = [(group.title, group.at, group.changed) for group in status.groups()]
    assert told == [("Students", NOW + dt.timedelta(hours=2), 4), ("Classes", NOW + dt.timedelta(hours=1), 9)]


def test_the_button_asks_first_then_the_page_says_what_is_going_on(client):
    client.force_login(User.objects.create_superuser("ada"))
    url = reverse("admin:refresh_cache")
    assert "Refresh OneRoster Cache?" in client.get(url).content.decode()
    assert refreshing.current() is None
    told = client.post(url, follow=True).content.decode()
    assert "Refresh asked for." in told
    assert "A refresh is on its way, asked for by ada," in told
    assert "It is not finished yet." in client.post(url, follow=True).content.decode()
    cache.set(
        refreshing.KEY, {"by": "ada", "at": timezone.now(), "told": "Nothing had changed. 1 s.", "good": True}, 60
    )
    assert "just now" in client.get(reverse("admin:applications")).content.decode()
    assert "Nothing had changed. 1 s." in client.get(reverse("admin:applications")).content.decode()
