"""Refreshes by click, by timetable, after a change, and let through: one at a time, told to who should know."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from interop import schedule
from interop.admin.roles import Role
from interop.jobs import running
from interop.jobs.models import JobRun, State
from interop.models import AuditEvent, Message
from interop.space import NoSpace
from roster import refreshing, timetable
from roster.models import DistrictSettings, Edition
from roster.publishing import Count, Held, NoActiveYear, Outcome, RefreshRunning, status

NOW = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)
HOLD = "Nothing was published. Held for a named person: 40 of 90 user records would end."


@pytest.fixture(autouse=True)
def bells(monkeypatch, db):
    """The doorbell rings here."""
    rung = []
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda _self, name, args=(), **_: rung.append(name))
    return rung


@pytest.fixture
def publishes(monkeypatch):
    """Return what publishing comes to, the last one counts; and the arguments it was called with."""
    outcomes, calls = [Outcome(1, NOW)], []

    def publish(_now, **how):
        calls.append({name: how[name] for name in ("force", "group")})
        outcome = outcomes[-1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(refreshing, "publish", publish)
    return outcomes, calls


def perform_next():
    """Have the worker do what waits longest, now."""
    row = JobRun.objects.filter(state=State.WAITING).order_by("due_at").first()
    JobRun.objects.filter(pk=row.pk).update(due_at=timezone.now())
    running.perform(row.pk)
    return JobRun.objects.get(pk=row.pk)


def test_a_click_waits_two_minutes_and_a_second_one_is_refused_until_it_has_ended(publishes, bells):
    now = timezone.now()
    assert refreshing.click("ada", now)
    assert not refreshing.click("eve", now)
    row = refreshing.going_on()
    assert (row.asked_by, row.due_at - now, bells) == ("ada", dt.timedelta(minutes=2), [])
    JobRun.objects.update(state=State.RUNNING)
    assert not refreshing.click("eve", now)
    JobRun.objects.update(state=State.WAITING)
    publishes[0].append(Outcome(2, NOW, {"user": Count(new=9, changed=300, ended=2), "org": Count(changed=12)}))
    assert perform_next().told == "312 records changed, 9 new, 2 ended. 1 s."
    assert publishes[1] == [{"force": False, "group": None}]
    message = Message.objects.get()
    assert (message.person, message.roles, message.title) == ("ada", [], "The OneRoster cache is refreshed")
    assert refreshing.click("eve", now)
    assert AuditEvent.objects.filter(act="asked for a job", actor="ada").count() == 1


def test_by_the_timetable_each_group_goes_by_itself_and_only_trouble_is_told(publishes):
    outcomes, calls = publishes
    for name in ("student-records", "class-records"):
        JobRun.objects.create(job=name, slot="now", due_at=timezone.now())
        assert perform_next().state == State.DONE
    assert calls == [{"force": False, "group": "student"}, {"force": False, "group": "class"}]
    assert not Message.objects.exists()
    assert all(refreshing.last_good(group) for group in ("student", "class"))
    outcomes.append(Held(["40 of 90 user records would end"]))
    for number in range(2):
        JobRun.objects.create(job="student-records", slot=str(number), due_at=timezone.now())
        assert perform_next().state == State.HELD
    message = Message.objects.get()
    assert (message.title, message.text) == ("A refresh is held", HOLD), "the same hold is told once a day"
    assert Role.EDITOR in message.roles


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (RefreshRunning("Another refresh is running."), State.WAITING, "Another refresh is running."),
        (NoActiveYear("No school year is active."), State.REFUSED, "Nothing was published. No school year is active."),
    ],
)
def test_why_nothing_was_published_is_told(publishes, error, state, told):
    publishes[0].append(error)
    refreshing.ask("ada", timezone.now())
    row = perform_next()
    assert (row.state, row.told) == (state, told)
    assert [message.text for message in Message.objects.all()] == ([told] if state == State.REFUSED else [])


def test_without_room_on_the_disk_a_refresh_does_not_begin_and_editors_are_told(publishes, monkeypatch):
    def full():
        raise NoSpace("The database’s disk has 9 MB left.")

    monkeypatch.setattr(refreshing, "make_sure_of_room", full)
    JobRun.objects.create(job="student-records", slot="now", due_at=timezone.now())
    row = perform_next()
    assert (row.state, row.told) == (State.REFUSED, "Nothing was published. The database’s disk has 9 MB left.")
    assert publishes[1] == []
    assert Role.EDITOR in Message.objects.get(title="No room for a refresh").roles


def test_a_held_refresh_is_told_on_top_and_let_through_by_an_officer_with_a_reason(client, publishes):
    outcomes, calls = publishes
    outcomes.append(Held(["40 of 90 user records would end"]))
    refreshing.ask("ada", timezone.now())
    assert perform_next().state == State.HELD
    editor = User.objects.create_user("eddy", is_staff=True)
    editor.groups.add(Group.objects.get_or_create(name=Role.EDITOR)[0])
    client.force_login(editor)
    url, reason = reverse("admin:refresh_cache"), {"act": "force", "reason": "Oak Hill closed"}
    assert "40 of 90 user records would end" in client.get(reverse("admin:applications")).content.decode()
    assert "A security officer can let it through." in client.get(url).content.decode()
    client.post(url, reason)
    assert perform_next().state == State.HELD
    client.force_login(User.objects.create_superuser("olga"))
    assert "Say why" in client.post(url, {"act": "force", "reason": " "}).content.decode()
    client.post(url, reason)
    event = AuditEvent.objects.get(act="let a held refresh through")
    assert (event.actor, event.after) == ("olga", {"reason": "Oak Hill closed", "held": HOLD})
    outcomes.append(Outcome(2, NOW, {"user": Count(ended=40)}))
    assert perform_next().state == State.DONE
    assert calls[-1]["force"]
    assert refreshing.state().held is None


def test_what_is_asked_while_one_runs_goes_behind_it(publishes):
    refreshing.ask("ada", timezone.now())
    JobRun.objects.update(state=State.RUNNING)
    for _ in range(2):
        refreshing.ask("eve", timezone.now())
    refreshing.soon()
    refreshing.soon()
    assert JobRun.objects.filter(state=State.WAITING).count() == 2


def test_records_that_were_wrong_untouched_are_told_after_the_nightly_check(publishes):
    outcomes, _calls = publishes
    for unforeseen in (False, True):
        outcomes.append(Outcome(2, NOW, {"user": Count(changed=3)}, unforeseen=unforeseen))
        JobRun.objects.create(job="check", slot=str(unforeseen), due_at=timezone.now())
        assert perform_next().told == "3 records changed, 0 new, 0 ended. 1 s."
    message = Message.objects.get()
    assert (message.title, message.kind) == ("Published records had to be put right", "failing")
    assert Role.EDITOR in message.roles


def test_a_refresh_without_changes_says_so():
    assert refreshing.words(Outcome(1, NOW), dt.timedelta(seconds=6)) == "Nothing had changed. 6 s."


def test_each_group_says_when_it_last_changed_and_how_much():
    assert [(group.at, group.changed) for group in status.groups().values()] == [(None, 0), (None, 0)]
    for number, counts in enumerate(
        [
            {"user": {"new": 1, "changed": 2, "ended": 3, "before": 50}, "org": {"new": 9, "changed": 0, "ended": 0}},
            {"enrollment": {"new": 4, "changed": 0, "ended": 0, "before": 0}},
        ],
        1,
    ):
        Edition.objects.create(number=number, published_at=NOW + dt.timedelta(hours=number), counts=counts)
    told = [(group.title, group.at, group.changed) for group in status.groups().values()]
    assert told == [("Students", NOW + dt.timedelta(hours=2), 4), ("Classes", NOW + dt.timedelta(hours=1), 9)]


def test_the_button_asks_first_then_the_page_counts_down_and_cancels(client, publishes):
    client.force_login(User.objects.create_superuser("ada"))
    url, applications = reverse("admin:refresh_cache"), reverse("admin:applications")
    assert "Refresh OneRoster Cache?" in client.get(url).content.decode()
    assert "Starts two minutes after you click." in client.get(applications).content.decode()
    told = client.post(url, follow=True).content.decode()
    assert "The refresh starts in two minutes." in told
    assert "Asked for by ada." in told
    assert "data-live" in told
    assert "waits or is at work already" in client.post(url, follow=True).content.decode()
    waiting = refreshing.going_on()
    assert "is cancelled" in client.post(url, {"cancel": waiting.pk}, follow=True).content.decode()
    assert "cannot be cancelled any more" in client.post(url, {"cancel": waiting.pk}, follow=True).content.decode()
    client.post(url)
    cache.set(f"job:{refreshing.going_on().pk}", {"what": "records compared", "done": 20, "total": 90}, 60)
    JobRun.objects.filter(state=State.WAITING).update(state=State.RUNNING, started_at=timezone.now())
    shown = client.get(applications).content.decode()
    assert "A refresh is at work since" in shown
    assert 'max="90" value="20"' in shown
    JobRun.objects.filter(state=State.RUNNING).update(
        state=State.DONE, ended_at=timezone.now(), told="Nothing had changed. 1 s."
    )
    assert "Nothing had changed. 1 s." in client.get(applications).content.decode()


def test_vendors_are_told_the_times_and_the_next_refresh_follows_them(settings):
    settings.DISTRICT_TIME_ZONE = "America/Denver"
    assert timetable.told() == (
        "people every hour from 6:00 am to 6:00 pm, and at 4:10 am; classes at 4:10 am (America/Denver)"
    )
    DistrictSettings(**timetable.PRESETS["hourly"]).save()
    assert timetable.told() == "every hour from 6:00 am to 6:00 pm, and at 10:10 pm, America/Denver"
    assert timetable.next_refresh("class", NOW) == dt.datetime(2026, 11, 22, 19, 0, tzinfo=dt.UTC)
    DistrictSettings(class_times=[], student_times=[dt.time(4, 10)]).save()
    assert timetable.next_refresh("class", NOW) is None
    assert schedule.job("class-records").slots(NOW, NOW + dt.timedelta(days=3)) == []
    assert "classes never by themselves" in timetable.told()
