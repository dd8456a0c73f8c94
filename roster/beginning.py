"""Before you start: what has to be true before vendors get anything, in order, each with where it is put right."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interop.admin.roles import roles_of
from interop.admin.screens import screens
from interop.dates import count_words, near_day_words
from interop.signin import secondstep
from roster.models import AppliedPackage, Edition, Enrollment, SchoolYear
from roster.readiness import Finding, findings

YEARS = "admin:data_school_years"
NEEDED = 3
"""Without the first three vendors get nothing."""
DONE, NEXT, LATER, WRONG = "done", "next", "later", "wrong"


@dataclass(frozen=True)
class Facts:
    """What the portal knows. `findings` is None while there are no data to judge."""

    second_step: bool
    students: int
    imported_at: dt.datetime | None
    year: str
    published_at: dt.datetime | None
    findings: Sequence[Finding] | None = None


@dataclass(frozen=True)
class Step:
    """One line: a statement, whether it is true, what is known, and what to do otherwise.

    `mood` is `done`, `next` (the first to do), `later`, or `wrong` (it can wait, but vendors will notice).
    """

    title: str
    done: bool
    told: str = ""
    remedy: str = ""
    command: str = ""
    label: str = ""
    screen: str = ""
    mood: str = LATER

    @property
    def url(self) -> str:
        """Return the address that puts it right."""
        return reverse(self.screen) if self.screen else ""


def steps(facts: Facts, now: dt.datetime) -> list[Step]:
    """Return the steps in order; the first that is not true is the next one. What is true asks for nothing."""
    found: list[Step] = []
    for step in (_data(facts, now), _year(facts), _published(facts, now), _way_in(facts)):
        if step.done:
            found.append(replace(step, mood=DONE, remedy="", command="", label="", screen=""))
        else:
            found.append(replace(step, mood=LATER if any(each.mood == NEXT for each in found) else NEXT))
    if facts.findings is not None:
        found.append(_complete(facts.findings))
    return found


def _way_in(facts: Facts) -> Step:
    return Step(
        _("Your way in has a second step"), facts.second_step,
        remedy=_("A password alone can be guessed or lost. An authenticator app or a passkey takes a minute."),
        label=_("Set up the second step"), screen="account_second_step",
    )  # fmt: skip


def _data(facts: Facts, now: dt.datetime) -> Step:
    told = ""
    if facts.students:
        told = ngettext("%s student", "%s students", facts.students) % count_words(facts.students)
        if facts.imported_at:
            told = _("%(students)s, imported %(day)s") % {
                "students": told,
                "day": near_day_words(facts.imported_at, now),
            }
    return Step(
        _("The district’s data is here"), bool(facts.students), told,
        remedy=_("Whoever runs this portal imports a OneRoster package of your student information system, a folder or"
                 " a zip file, with this command. To try with made-up people instead: manage.py seed_district."),
        command="python manage.py import_oneroster PATH",
    )  # fmt: skip


def _year(facts: Facts) -> Step:
    return Step(
        _("The right school year is active"), bool(facts.year), facts.year,
        remedy=_("None is active, so nothing can be shared. Open the right one, and make it active there."),
        label=_("See the school years"), screen=YEARS,
    )  # fmt: skip


def _published(facts: Facts, now: dt.datetime) -> Step:
    at = facts.published_at
    return Step(
        _("Vendors have something to read"), at is not None,
        _("published %s") % near_day_words(at, now) if at else "",
        remedy=_("Vendors read a published copy of the data. The first refresh makes it."),
        label=_("Refresh OneRoster Cache"), screen="admin:refresh_cache",
    )  # fmt: skip


def _complete(found: Sequence[Finding]) -> Step:
    title = _("Everyone has what vendors need")
    if not found:
        return Step(title, done=True, mood=DONE)
    first = found[0]
    told = ngettext("%d finding", "%d findings", len(found)) % len(found)
    return Step(
        title, done=False, told=told, remedy=first.sentence,
        label=_("See the list"), screen="admin:readiness", mood=WRONG,
    )  # fmt: skip


def facts_for(request: HttpRequest, *, whole: bool) -> Facts:
    """Return what is known; with `whole` also the students' number and what is wrong with their data."""
    now = Enrollment.objects.filter(ended_at=None)
    students = now.values("person").distinct().count() if whole else int(now.exists())
    year = SchoolYear.objects.filter(active=True, ended_at=None).first()
    edition = Edition.objects.order_by("-number").first()
    return Facts(
        second_step=not secondstep.is_worth_offering(request),
        students=students,
        imported_at=AppliedPackage.objects.values_list("applied_at", flat=True).first(),
        year=year.title if year else "",
        published_at=edition.published_at if edition else None,
        findings=list(findings()) if whole and students else None,
    )


def before_you_start(request: HttpRequest, *, first: bool) -> list[Step]:
    """Return the steps for the page of applications: all on the first day, later only while one is in the way.

    Nobody is led to a screen of others: a step keeps its words, and loses its button.
    """
    found = steps(facts_for(request, whole=first), timezone.now())
    if not first and all(step.done for step in found[:NEEDED]):
        return []
    roles = roles_of(request.user)
    closed = {f"admin:{screen.name}" for screen in screens() if not screen.allows(roles, "GET")}
    return [replace(step, label="", screen="") if step.screen in closed else step for step in found]
