"""Every job the portal does by itself or when it is asked, in one table."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from interop.dates import zone
from interop.slots import At, Every, Slot, daily, periodic

LOOK = "interop.tasks.look"
LOOK_EVERY = dt.timedelta(seconds=15)
"""The one bell the scheduler rings: what is due, and what a dead worker left, is found in the database."""


@dataclass(frozen=True)
class Job:
    """What is done, by whom it is known, and when; without `when` it is done only when somebody asks.

    `do` is the dotted name of a plain function that takes an `interop.jobs.running.Run` and returns a sentence. Jobs
    with the same `lock` are done one after the other. One that takes longer than `limit` is ended and begun again.
    """

    name: str
    do: str
    title: Any
    what: Any
    when: Every | At | None = None
    lock: str = ""
    limit: dt.timedelta = dt.timedelta(hours=2)

    def slots(self, after: dt.datetime, until: dt.datetime) -> list[Slot]:
        """Return when it is due by itself, later than `after` and not later than `until`."""
        match self.when:
            case Every():
                return periodic(self.when, after, until)
            case At(times):
                return daily(import_string(times)(), zone(), after, until)
        return []


def _every(**period: float) -> Every:
    return Every(dt.timedelta(**period))


JOBS = (
    Job(
        "student-records", "roster.refreshing.student_records", _("Student records"),
        _("Publishes what changed of people, enrollments and demographics."),
        At("roster.timetable.student_times"), lock="refresh",
    ),
    Job(
        "class-records", "roster.refreshing.class_records", _("Class records"),
        _("Publishes what changed of schools, terms, courses, classes and resources."),
        At("roster.timetable.class_times"), lock="refresh",
    ),
    Job(
        "refresh", "roster.refreshing.asked", _("Refresh OneRoster Cache"),
        _("Publishes everything that changed, when somebody asks for it."), lock="refresh",
    ),
    Job(
        "changes", "roster.refreshing.changes", _("Changes at once"),
        _("Publishes within seconds what somebody changed here."), lock="refresh",
    ),
    Job(
        "import", "roster.feeding.work.import_one", _("Import"),
        _("Reads, checks and applies a package of the student information system."), lock="feed",
    ),
    Job(
        "undo-import", "roster.feeding.work.undo_one", _("Undo an import"),
        _("Takes the last import back."), lock="feed",
    ),
    Job(
        "publish-import", "roster.feeding.work.publish_one", _("Publish after an import"),
        _("Publishes what an import, or its undoing, changed."), lock="refresh",
    ),
    Job(
        "watch-folder", "roster.feeding.folder.look", _("SIS feed"),
        _("Takes complete packages from the watched folder, and goes on with imports that wait."), _every(minutes=1),
    ),
    Job(
        "check", "roster.refreshing.check", _("Nightly check"),
        _("Compares all that is published with the district’s data; what differs is put right, and told."),
        At("roster.timetable.check_times"), lock="refresh",
    ),
    Job(
        "ends", "connections.jobs.tell_of_ends", _("Expiry alerts"),
        _("Tells before and when connections and credentials end."), _every(hours=1),
    ),
    Job(
        "mail", "interop.messages.mail.deliver", _("Mail"),
        _("Sends by mail what the Message Center has to tell; what the mail server does not take is tried again."),
        _every(minutes=5),
    ),
    Job(
        "usage", "connections.jobs.add_up_usage", _("Usage"),
        _("Adds up what vendors called, day by day."), _every(minutes=5),
    ),
    Job(
        "access-log", "connections.jobs.turn_access_log", _("Access log"),
        _("Makes room for the coming months of the access log, and drops those the district keeps no longer."),
        _every(days=1),
    ),
    Job(
        "in-progress-grades", "gradebook.computing.run", _("Grades in progress"),
        _("Computes the grades of the sections whose assignments, scores or settings changed."), _every(minutes=5),
        limit=dt.timedelta(minutes=30),
    ),
    Job(
        "family-mail", "gradebook.family.mailing.run", _("Mail to families"),
        _("Tells students and parents who asked for it that there are new grades, or that work is missing."),
        At("gradebook.family.mailing.times"),
    ),
    Job(
        "unmatched-results", "assessments.services.waiting.run", _("Unmatched results"),
        _("Stores the assessment results that waited for something that has arrived."), _every(minutes=5),
    ),
    Job(
        "records", "gradebook.records.batches.make", _("Report cards and transcripts"),
        _("Makes the report cards or transcripts of a section or school that somebody asked for."),
    ),
    Job(
        "watch", "interop.vigil.watch", _("Disks and backups"),
        _("Tells when a disk fills or a backup is overdue."), _every(hours=1),
    ),
    Job(
        "learning-tools", "lti.jobs.daily", _("Learning tools"),
        _("Makes the next key that signs for learning tools, and deletes launches and tokens that are over."),
        _every(days=1),
    ),
    Job(
        "clean-up", "interop.cleaning.clean_up", _("Clean-up"),
        _("Deletes tokens, attempts, messages, sessions and finished jobs that are long over."),
        _every(days=1),
    ),
)  # fmt: skip


def job(name: str) -> Job:
    """Return the job of that name. Raises KeyError when there is none."""
    return {each.name: each for each in JOBS}[name]


def beat_schedule() -> dict[str, dict[str, object]]:
    """Return what Celery's scheduler rings; a bell nobody hears before the next one is dropped."""
    return {"look": {"task": LOOK, "schedule": LOOK_EVERY, "options": {"expires": LOOK_EVERY.total_seconds()}}}
