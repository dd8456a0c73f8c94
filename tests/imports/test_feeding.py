"""The feed as the office and the worker meet it: uploads, the watched folder, holds, pauses, decisions, undo."""

import csv
import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interop.admin.roles import Role
from interop.jobs.models import JobRun
from interop.jobs.running import OnHold, Refused, Run
from interop.messages.models import Message
from interop.models import AuditEvent
from roster.feeding import deliveries, folder, live, uploads, work
from roster.imports import undoing
from roster.imports.feed import import_package
from roster.models import (
    Edition,
    FeedImport,
    FeedLimit,
    FeedPause,
    FeedSettings,
    Person,
    Record,
    RosterEntry,
    SchoolYear,
)
from tests.imports.test_feed import stages_dropped
from tests.imports.test_older import PACKAGE

pytestmark = pytest.mark.django_db
State = FeedImport.State
RENAMED = PACKAGE["users"].replace("Byron", "Lovelace")
FEWER = {
    **PACKAGE,
    "enrollments": "".join(row for row in PACKAGE["enrollments"].splitlines(keepends=True) if ",stu," not in row),
}
"""A package without the student's enrollment: with limits from one row on it is held."""


@pytest.fixture(autouse=True)
def private(settings: Any, tmp_path: Path) -> Path:
    """Uploads in a folder of the test, no bell, and nothing seen in the watched folder."""
    settings.DATA_DIR = tmp_path
    cache.delete(folder.SEEN)
    return tmp_path


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, text in files.items():
            target.writestr(f"{name}.csv", text)
    return buffer.getvalue()


def came(files: dict[str, str], *, by: str = "ada") -> FeedImport:
    return deliveries.upload(SimpleUploadedFile("nightly.zip", zipped(files)), by=by)


def do(job: Any, feed: FeedImport) -> str:
    """Let the worker do a job about an import; return what it says, also when it refuses."""
    try:
        return str(job(Run(0, str(feed.pk), "")))
    except (Refused, OnHold) as told:
        return str(told)
    finally:
        stages_dropped()
        feed.refresh_from_db()


def applied(files: dict[str, str]) -> FeedImport:
    feed = came(files)
    do(work.import_one, feed)
    do(work.publish_one, feed)
    assert feed.state == State.DONE, feed.told
    return feed


def held(**more: str) -> FeedImport:
    """Apply a package, then bring one that is held."""
    FeedSettings(pk=1, least=1).save()
    do(work.import_one, came(PACKAGE))
    FeedImport.objects.update(state=State.DONE)
    do(work.import_one, feed := came({**FEWER, **more}, by="officer"))
    assert feed.state == State.HELD, feed.told
    return feed


def somebody(role: Role, name: str = "") -> Client:
    user = User.objects.create_user(name or role.value, is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    client = Client()
    client.force_login(user)
    return client


def words(answer: Any) -> str:
    main = answer.content.decode().split("<main")[1].split(">", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def page(feed: FeedImport, name: str = "import") -> str:
    return reverse(f"admin:{name}", args=[feed.pk])


class TestAnUpload:
    def test_goes_from_the_page_through_every_stage_to_the_vendors(self, private: Path) -> None:
        editor = somebody(Role.EDITOR)
        where = reverse("admin:imports")
        assert "Nothing has come in yet" in words(editor.get(where))
        answer = editor.post(where, {"package": SimpleUploadedFile("nightly.zip", zipped(PACKAGE))}, follow=True)
        assert "Waits for the worker" in words(answer)
        assert b"data-live" in answer.content
        feed = FeedImport.objects.get()
        assert JobRun.objects.filter(job=deliveries.JOB, subject=str(feed.pk)).exists()
        [kept] = (private / "imports").iterdir()
        assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        do(work.import_one, feed)
        assert (feed.state, feed.by, feed.name) == (State.PUBLISHING, "editor", "nightly.zip")
        assert live.now(feed.pk)["stage"] == "apply"
        assert JobRun.objects.filter(job=work.PUBLISH, subject=str(feed.pk)).exists()
        assert do(work.import_one, feed) == "It is over already."
        do(work.publish_one, feed)
        assert (feed.state, Edition.objects.count(), kept.exists()) == (State.DONE, 1, False)
        assert set(feed.times) == {"unpack", "check", "compare", "apply", "publish"}
        told = words(editor.get(page(feed)))
        assert "People 0 + 4 0 0" in told
        assert "+ added Ada Byron stu" in told
        assert b"data-live" not in editor.get(page(feed)).content
        rows = list(csv.reader(io.StringIO(editor.get(page(feed, "import_difference")).content.decode())))
        assert ["", "people", "0", "4", "0", "0"] in rows
        assert ["Lincoln", "student enrollments", "0", "1", "0", "0"] in rows
        assert "4 new" not in words(somebody(Role.VIEWER).get(where))

    def test_with_errors_lists_each_with_file_line_and_column(self) -> None:
        editor = somebody(Role.EDITOR)
        feed = came({**PACKAGE, "users": PACKAGE["users"].replace("tea,,,TRUE", "=tea,,,yes")})
        assert "Nothing was changed." in do(work.import_one, feed)
        assert (feed.state, Person.objects.exists(), feed.path) == (State.REFUSED, False, "")
        told = words(editor.get(page(feed)))
        assert "users.csv 3 enabledUser &quot;yes&quot; is not a boolean" in told
        rows = list(csv.reader(io.StringIO(editor.get(page(feed, "import_errors")).content.decode())))
        assert rows[0] == ["File", "Line", "Column", "What is wrong"]
        assert ["users.csv", "3", "enabledUser", '"yes" is not a boolean; expected true or false'] in rows
        assert Message.objects.get().title == "An import was refused"

    def test_that_is_no_package_or_too_large_is_turned_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        editor, where = somebody(Role.EDITOR), reverse("admin:imports")
        assert "Choose a zip file first" in words(editor.post(where))
        assert "not a zip file" in words(editor.post(where, {"package": SimpleUploadedFile("a.zip", b"hello")}))
        monkeypatch.setattr(uploads, "MOST", 100)
        assert "larger than" in words(editor.post(where, {"package": SimpleUploadedFile("a.zip", zipped(PACKAGE))}))
        assert not FeedImport.objects.exists()
        assert somebody(Role.VIEWER).post(where).status_code == 403

    def test_the_same_package_again_is_nothing_to_do(self) -> None:
        applied(PACKAGE)
        again = came(PACKAGE)
        assert do(work.import_one, again) == "It is the package applied last."
        assert (again.state, again.path) == (State.NOTHING, "")


class TestAHeldImport:
    def test_waits_for_an_officer_with_a_reason_and_is_then_published_without_another_hold(self) -> None:
        feed = held()
        assert RosterEntry.objects.filter(ended_at=None).count() == 1
        assert Message.objects.get(kind="held").link == page(feed)
        editor, officer = somebody(Role.EDITOR), somebody(Role.OFFICER)
        shown = words(editor.get(page(feed)))
        assert "1 of 1 roster entries would end (more than 10 %)" in shown
        assert "A security officer decides" in shown
        assert editor.post(page(feed), {"decision": "all", "reason": "x"}).status_code == 403
        assert "Say why this is right" in words(officer.post(page(feed), {"decision": "all"}))
        told = officer.post(page(feed), {"decision": "all", "reason": "The class is closed"}, follow=True)
        assert "Approved" in words(told)
        event = AuditEvent.objects.get(act="approved a held import")
        assert (event.actor, event.after["reason"]) == ("security officer", "The class is closed")
        do(work.import_one, feed)
        do(work.publish_one, feed)
        assert (feed.state, RosterEntry.objects.filter(ended_at=None).exists()) == (State.DONE, False)
        assert "Somebody has decided already" in words(
            officer.post(page(feed), {"decision": "reject", "reason": "x"}, follow=True)
        )

    def test_takes_another_person_when_the_district_says_so(self) -> None:
        feed = held()
        FeedSettings(pk=1, least=1, two_people=True).save()
        uploader = somebody(Role.OFFICER, "officer")
        assert "You uploaded it" in words(uploader.get(page(feed)))
        told = uploader.post(page(feed), {"decision": "all", "reason": "Right"}, follow=True)
        assert "somebody else must approve it" in words(told)
        feed.refresh_from_db()
        assert feed.state == State.HELD
        somebody(Role.OFFICER, "another").post(page(feed), {"decision": "all", "reason": "Right"})
        feed.refresh_from_db()
        assert (feed.state, feed.decided_by) == (State.WAITING, "another")

    def test_applies_only_additions_and_changes_when_that_is_chosen(self) -> None:
        feed = held(users=RENAMED)
        somebody(Role.OFFICER).post(page(feed), {"decision": "additions", "reason": "Half is missing"})
        do(work.import_one, feed)
        do(work.publish_one, feed)
        assert RosterEntry.objects.filter(ended_at=None).count() == 1
        assert Person.objects.get(sourced_id="stu").family_name == "Lovelace"
        do(work.import_one, again := came({**FEWER, "users": RENAMED}))
        assert again.state == State.HELD, "it is not known as applied, and is held for what it would end"

    def test_is_rejected_and_held_again_when_it_comes_back(self) -> None:
        feed = held()
        somebody(Role.OFFICER).post(page(feed), {"decision": "reject", "reason": "A broken export"})
        feed.refresh_from_db()
        assert feed.state == State.REJECTED
        FeedSettings(pk=1, least=25).save()
        do(work.import_one, again := came(FEWER))
        assert [alarm["key"] for alarm in again.alarms] == ["undone"]

    def test_that_finds_more_amiss_than_was_approved_is_held_again(self) -> None:
        feed = held()
        somebody(Role.OFFICER).post(page(feed), {"decision": "all", "reason": "Right"})
        FeedLimit.objects.create(kind="", ended=0, changed=0)
        Person.objects.filter(sourced_id="stu").update(family_name="Changed here")
        assert "people would change" in do(work.import_one, feed)
        assert (feed.state, feed.decision) == (State.HELD, "")

    def test_is_replaced_by_a_later_one(self) -> None:
        feed = held()
        FeedSettings(pk=1).save()
        applied(PACKAGE | {"users": RENAMED})
        feed.refresh_from_db()
        assert (feed.state, feed.told) == (State.STOPPED, "A later import was applied.")

    def test_that_makes_another_year_active_is_held_once_and_published_as_one_act(self) -> None:
        applied(PACKAGE)
        sessions = PACKAGE["academicSessions"].replace("schoolYear\n", "schoolYear,metadata.interop.active\n", 1)
        head, *rows = sessions.splitlines()
        rows = [f"{row},false" for row in rows] + ["z,,,2027-28,schoolYear,2027-08-01,2028-06-30,,2028,true"]
        do(work.import_one, feed := came({**PACKAGE, "academicSessions": "\n".join([head, *rows]) + "\n"}))
        assert [alarm["key"] for alarm in feed.alarms] == ["active year"]
        assert SchoolYear.objects.get(active=True).sourced_id == "y"
        somebody(Role.OFFICER).post(page(feed), {"decision": "all", "reason": "Rollover"})
        do(work.import_one, feed)
        do(work.publish_one, feed)
        assert (feed.state, SchoolYear.objects.get(active=True).sourced_id) == (State.DONE, "z")
        ended = Record.objects.filter(version=12, object="class", retired_at=None)
        assert set(ended.values_list("status", flat=True)) <= {"tobedeleted"}


class TestUndo:
    def test_is_asked_by_an_officer_done_by_the_worker_and_told_to_vendors(self) -> None:
        applied(PACKAGE)
        before = Record.objects.get(version=12, object="user", sourced_id="stu", retired_at=None)
        feed = applied({**PACKAGE, "users": RENAMED})
        officer = somebody(Role.OFFICER)
        assert somebody(Role.EDITOR).get(page(feed, "import_undo")).status_code == 403
        assert "Undo this import" in words(officer.get(page(feed)))
        assert "Say why" in words(officer.post(page(feed, "import_undo")))
        officer.post(page(feed, "import_undo"), {"reason": "The wrong school"})
        feed.refresh_from_db()
        assert (feed.state, feed.undone_by) == (State.UNDOING, "security officer")
        assert do(work.undo_one, feed) == "2 rows are as they were."
        assert do(work.undo_one, feed) == "2 rows are as they were.", "begun again it changes nothing"
        do(work.publish_one, feed)
        after = Record.objects.get(version=12, object="user", sourced_id="stu", retired_at=None)
        assert (after.digest, after.find["familyName"]) == (before.digest, "Byron")
        assert after.modified > before.modified, "a delta brings it"
        do(work.import_one, again := came({**PACKAGE, "users": RENAMED}))
        assert again.state == State.HELD, "the same package is not applied again by itself"

    def test_is_too_late_after_another_import(self) -> None:
        feed = applied(PACKAGE)
        officer = somebody(Role.OFFICER)
        officer.post(page(feed, "import_undo"), {"reason": "Wrong"})
        applied({**PACKAGE, "users": RENAMED})
        assert "only the last one can be undone" in do(work.undo_one, feed)
        assert feed.state == State.DONE
        assert "Only the last import" in words(officer.get(page(feed, "import_undo"), follow=True))


class TestTheWatchedFolder:
    def test_gives_only_what_two_looks_found_unchanged_and_sorts_it_afterwards(
        self, settings: Any, private: Path
    ) -> None:
        settings.IMPORT_FOLDER = place = private / "watched"
        place.mkdir()
        now = timezone.now()
        (place / "good.zip").write_bytes(zipped(PACKAGE))
        (place / "notes.txt").write_text("not a package")
        (place / ".hidden.zip").write_bytes(b"x")
        assert folder.take(place, now) == []
        (place / "bad.zip").write_bytes(b"PK half")
        [good] = folder.take(place, now)
        (place / "bad.zip").write_bytes(b"PK half of a package")
        assert (good.name, good.source) == ("good.zip", FeedImport.Source.FOLDER)
        assert folder.take(place, now) == [], "bad.zip has grown"
        [bad] = folder.take(place, now)
        assert folder.take(place, now) == []
        (place / "taken" / "20261122T083000-lost.zip").write_bytes(zipped(PACKAGE))
        [lost] = folder.take(place, now)
        assert lost.name == "lost.zip", "taken by a process that died"
        for feed in (good, bad):
            do(work.import_one, feed)
        do(work.publish_one, good)
        assert [each.name.partition("-")[2] for each in (place / "done").iterdir()] == ["good.zip"]
        assert [each.name.partition("-")[2] for each in (place / "refused").iterdir()] == ["bad.zip"]
        assert {each.name for each in place.iterdir()} == {
            "notes.txt", ".hidden.zip", "taken", "done", "refused"
        }  # fmt: skip
        assert folder.look(Run(0, "", "")) == "0 packages taken."

    def test_that_is_gone_is_told(self, settings: Any, private: Path) -> None:
        settings.IMPORT_FOLDER = private / "nowhere"
        with pytest.raises(Refused, match="watched folder cannot be used"):
            folder.look(Run(0, "", ""))
        settings.IMPORT_FOLDER = None
        assert folder.look(Run(0, "", "")) == "No folder is watched."


class TestSettings:
    def test_limits_pauses_and_two_people_are_chosen_by_officers_and_told_in_the_trail(self) -> None:
        where, officer = reverse("admin:import_settings"), somebody(Role.OFFICER)
        shown = officer.get(where)
        given = {each.html_name: each.value() for each in shown.context["form"] if each.value() not in (None, False)}
        assert "Nothing was changed." in words(officer.post(where, {**given, "act": "save"}, follow=True))
        given |= {"ended-0": "20", "ended-1": "3", "least": "5", "two_people": "on", "act": "save"}
        assert "Saved." in words(officer.post(where, given, follow=True))
        assert FeedSettings.load().two_people
        assert dict(FeedLimit.objects.values_list("kind", "ended")) == {"": 20, "schools": 3, "people": 5}
        assert AuditEvent.objects.get(act="changed how imports are done").after["schools"] == "3 % / 75 %"
        assert officer.post(where, {**given, "ended-0": "101"}).status_code == 200
        assert somebody(Role.EDITOR).post(where, given).status_code == 403

    def test_in_a_pause_imports_wait_and_go_on_when_it_ends(self) -> None:
        where, officer = reverse("admin:import_settings"), somebody(Role.OFFICER)
        today = timezone.localdate()
        late = {"act": "pause", "first": today, "last": today - dt.timedelta(days=9), "why": "Rollover"}
        assert "on or after the first one" in words(officer.post(where, late))
        officer.post(where, {**late, "first": today - dt.timedelta(days=1), "last": today + dt.timedelta(days=9)})
        feed = came(PACKAGE)
        assert "Imports wait until" in do(work.import_one, feed)
        assert feed.state == State.WAITING
        assert "Rollover" in words(officer.get(page(feed)))
        JobRun.objects.all().delete()
        deliveries.ask_waiting(timezone.now())
        assert not JobRun.objects.exists()
        officer.post(where, {"act": "remove", "pause": FeedPause.objects.get().pk})
        assert JobRun.objects.get().subject == str(feed.pk)
        do(work.import_one, feed)
        assert feed.state == State.PUBLISHING

    def test_adding_only_ends_nothing(self) -> None:
        applied(PACKAGE)
        FeedSettings(pk=1, add_only=True).save()
        do(work.import_one, feed := came(FEWER))
        assert (feed.state, RosterEntry.objects.filter(ended_at=None).count()) == (State.NOTHING, 1)
        FeedSettings(pk=1).save()
        do(work.import_one, full := came(FEWER))
        assert full.counts["roster entries"]["ended"] == 1


def test_what_the_command_applies_can_be_undone_until_somebody_is_deleted_for_good(private: Path) -> None:
    path = private / "by-hand.zip"
    path.write_bytes(zipped(PACKAGE))
    import_package(path, dry_run=True, confirmed=False)
    stages_dropped()
    assert not FeedImport.objects.exists()
    import_package(path, dry_run=False, confirmed=False)
    stages_dropped()
    feed = FeedImport.objects.get()
    assert (feed.source, feed.state, feed.path) == (FeedImport.Source.COMMAND, State.DONE, "")
    assert undoing.can_undo(feed)
    undoing.forget_all()
    feed.refresh_from_db()
    assert (undoing.can_undo(feed), feed.samples) == (False, []), "people deleted for good do not come back"
    assert "by-hand.zip" in words(somebody(Role.EDITOR).get(reverse("admin:imports")))


def test_what_is_over_is_tidied_away() -> None:
    feed = held()
    later = timezone.now() + deliveries.UNDECIDED + dt.timedelta(hours=1)
    deliveries.tidy(later)
    feed.refresh_from_db()
    assert (feed.state, feed.path) == (State.STOPPED, "")
    assert feed.samples
    deliveries.tidy(later + deliveries.QUOTES_KEPT)
    feed.refresh_from_db()
    assert feed.samples == []
    deliveries.tidy(later + deliveries.KEPT)
    assert [each.state for each in FeedImport.objects.all()] == [State.DONE], "the one that can be undone stays"
