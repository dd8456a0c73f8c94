"""Report cards or transcripts of a section or school: asked for, made by a job, kept for a day for who asked.

What is made is stored sealed, opened by who asked alone, and every act is in the audit trail.
"""

import datetime as dt
from collections.abc import Collection, Sequence

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook.models import RecordBatch
from gradebook.records import cards, sheets
from gradebook.teaching.access import on
from interop import audit, crypto
from interop.admin.roles import EDITORS, roles_of
from interop.dates import district_day
from interop.jobs import asking
from interop.jobs.running import Refused, Run
from roster.models import Enrollment, RosterEntry, School, SchoolYear, Section

JOB = "records"
KEPT = dt.timedelta(days=1)
AT_ONCE = 50
"""Students read and put on paper at a time."""
ASKED, OPENED = "asked for report cards or transcripts", "opened report cards or transcripts"
Kind = RecordBatch.Kind


Who = AbstractBaseUser | AnonymousUser


@transaction.atomic
def ask(
    user: User, kind: str, now: dt.datetime, *, school: School | None = None, section: Section | None = None
) -> RecordBatch:
    """Have the job make the records of a school or section; an earlier batch of theirs for the same gives way."""
    RecordBatch.objects.filter(asked_by=user, kind=kind, school=school, section=section).delete()
    made = RecordBatch.objects.create(kind=kind, school=school, section=section, asked_by=user, asked_at=now)
    asking.ask(JOB, by=user.get_username(), subject=str(made.pk))
    told = {"kind": kind, "school": school and school.name, "section": section and str(section)}
    audit.record(user.get_username(), ASKED, made, after=told)
    return made


def of(user: Who, now: dt.datetime) -> QuerySet[RecordBatch]:
    """Return the batches this user asked for that are not over, without what is in them; nobody sees another's."""
    kept = RecordBatch.objects.filter(asked_by=user.pk, asked_at__gt=now - KEPT)
    return kept.defer("pages", "sheet").select_related("school", "section")


def opened(user: Who, key: int, form: str, now: dt.datetime) -> tuple[RecordBatch, str]:
    """Return a batch of this user with its pages, or its sheet; the audit trail tells that it was opened.

    Raises Http404 for one that is not there, somebody else's, over, or not made yet.
    """
    row = of(user, now).filter(pk=key).exclude(made_at=None).first()
    if row is None:
        raise Http404
    audit.record(user.get_username(), OPENED, row, after={"form": form, "students": row.students})
    return row, crypto.unseal((row.sheet if form == "sheet" else row.pages) or b"")


def make(run: Run) -> str:
    """Make what was asked for; done again from the start after a crash, nothing half is ever stored."""
    batch = RecordBatch.objects.select_related("asked_by", "school", "section").filter(pk=int(run.subject)).first()
    if batch is None:
        raise Refused(_("It was taken back or is over."))
    year = SchoolYear.objects.filter(active=True).first()
    if year is None:
        raise Refused(_("No school year is active."))
    today = district_day(timezone.now())
    people = _of_section(batch.section, today) if batch.section else _of_school(batch.school_id, year, today)
    own = None if roles_of(batch.asked_by) & EDITORS else [batch.section_id or 0]
    pages, lines = [], []
    for start in range(0, len(people), AT_ONCE):
        page, sheet = _made(batch.kind, people[start : start + AT_ONCE], year, own)
        pages.append(page)
        lines.append(sheet if not start else sheet.partition("\r\n")[2])
        run.advance(_("students"), min(start + AT_ONCE, len(people)), len(people))
    done = {
        "pages": crypto.seal("".join(pages)), "sheet": crypto.seal("".join(lines)), "students": len(people),
        "made_at": timezone.now(),
    }  # fmt: skip
    RecordBatch.objects.filter(pk=batch.pk).update(**done)
    told = ngettext("%(number)d student is ready.", "%(number)d students are ready.", len(people))
    return told % {"number": len(people)}


def purge(now: dt.datetime) -> None:
    """Delete the batches that are over."""
    RecordBatch.objects.filter(asked_at__lte=now - KEPT).delete()


def _made(kind: str, people: Sequence[int], year: SchoolYear, sections: Collection[int] | None) -> tuple[str, str]:
    if kind == Kind.TRANSCRIPT:
        found = cards.transcripts(people)
        pages = [render_to_string("gradebook/records/transcript.html", {"record": each}) for each in found]
        return "".join(pages), sheets.of_transcripts(found)
    own = cards.report_cards(people, year, sections=sections)
    pages = [render_to_string("gradebook/records/card.html", {"card": each}) for each in own]
    return "".join(pages), sheets.of_cards(own)


def _of_section(section: Section, today: dt.date) -> list[int]:
    seats = RosterEntry.objects.filter(on(today), section=section, ended_at=None, person__ended_at=None)
    return _unique(seats.order_by("person__family_name", "person__given_name", "person"))


def _of_school(school: int | None, year: SchoolYear, today: dt.date) -> list[int]:
    rows = Enrollment.objects.filter(
        on(today), calendar__school=school, calendar__school_year=year, ended_at=None, person__ended_at=None,
        no_show=False,
    ).order_by("grade_level__local_grade", "person__family_name", "person__given_name", "person")  # fmt: skip
    return _unique(rows)


def _unique(rows: QuerySet[RosterEntry] | QuerySet[Enrollment]) -> list[int]:
    return list(dict.fromkeys(rows.values_list("person_id", flat=True)))
