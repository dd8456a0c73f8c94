"""Who may open which tool where. Every step of a launch asks again, so a switch that is turned acts at once."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from connections.models import SharingSettings
from gradebook.family.access import family
from gradebook.teaching.access import on, teacher
from interop.admin.roles import EDITORS, roles_of
from lti.models import LineItem, ResourceLink, Tool
from lti.protocol.names import Role
from roster.models import Person, RosterEntry, School, Section, SignIn
from roster.signin import accounts
from roster.signin.people import moment
from roster.visibility import ROSTER_ENTRY, SECTION, Moment, passing


class Closed(Exception):
    """It may not be opened; the sentence says why, for people."""


@dataclass(frozen=True)
class Opening:
    """What may be opened: by whom, as what, in which section; a parent for whom."""

    tool: Tool
    person: Person
    role: Role
    section: Section
    link: ResourceLink | None = None
    mentored: tuple[int, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What somebody wants to open. `link` None: nothing yet, content is to be chosen. `student`: whose work there."""

    tool: Tool
    user: User
    person: Person
    role: Role
    section: int
    link: ResourceLink | None = None
    student: Person | None = None


def check_tool(tool: Tool, district: SharingSettings) -> None:
    """The district and the tool's own switches let it be used at all. Raises Closed."""
    if district.stopped or not district.learning_tool:
        raise Closed(_("The district has switched learning tools off."))
    if not tool.is_open:
        raise Closed(_("%s is switched off.") % tool.name)


def may_score(tool: Tool) -> bool:
    """Return whether the tool may write scores: the district lets tools, and this one."""
    settings = SharingSettings.load()
    return tool.score_passback and settings.score_passback and not settings.writes_stopped


def shared_section(tool: Tool, section: int, now: dt.datetime) -> Section | None:
    """Return a section of the active year that is shared and of a school the tool is for; None for any other."""
    today = moment(now)
    return reachable(tool, today).filter(pk=section).first() if today else None


def reachable(tool: Tool, today: Moment) -> QuerySet[Section]:
    """Return the sections a tool may be opened in: shared ones of its schools."""
    found: QuerySet[Section] = passing(SECTION, today).select_related("course", "calendar__school")
    if not tool.all_schools:
        found = found.filter(calendar__school__in=School.objects.filter(pk__in=tool.schools.values("pk")))
    return found


def is_for(tool: Tool, section: Section) -> bool:
    """Return whether a tool is for a section's school, as `reachable` has it; the tool's schools are prefetched."""
    return tool.all_schools or section.calendar.school_id in {school.pk for school in tool.schools.all()}


def entries(section: int, today: Moment) -> QuerySet[RosterEntry]:
    """Return the entries of students who sit in a section on this day and are shared."""
    return passing(ROSTER_ENTRY, today).filter(on(today.today), section=section)


def seats_of(people: Collection[int], today: Moment) -> QuerySet[RosterEntry]:
    """Return the entries of these students on this day that are shared."""
    return passing(ROSTER_ENTRY, today).filter(on(today.today), person__in=people)


def opening(wish: Wish, now: dt.datetime) -> Opening:
    """Return what may be opened now. Raises Closed."""
    check_tool(wish.tool, SharingSettings.load())
    today = moment(now)
    section = shared_section(wish.tool, wish.section, now)
    if today is None or section is None:
        raise Closed(_("%s is not for this class.") % wish.tool.name)
    if not _is_open(wish.user, wish.person):
        raise Closed(_("This account is closed."))
    if not _sees(wish.tool, wish.role):
        raise Closed(_("%s is not for you.") % wish.tool.name)
    mentored = _playing(wish, section, today, now)
    if wish.link is not None:
        _check_link(wish, wish.link, section, now)
    if wish.student is not None:
        _check_review(wish, wish.student, today)
    return Opening(wish.tool, wish.person, wish.role, section, wish.link, mentored)


def _is_open(user: User, person: Person) -> bool:
    """Return whether the user may come in, and is this person."""
    tied = SignIn.objects.filter(user=user, person=person).exists()
    return bool(tied and user.is_active and accounts.stays_open(user))


def _sees(tool: Tool, role: Role) -> bool:
    return {
        Role.INSTRUCTOR: tool.for_teachers, Role.LEARNER: tool.for_students, Role.MENTOR: tool.for_parents,
        Role.ADMINISTRATOR: True,
    }[role]  # fmt: skip


def _playing(wish: Wish, section: Section, today: Moment, now: dt.datetime) -> tuple[int, ...]:
    """Return for whom a parent opens it; the person has to play the role in this section today. Raises Closed."""
    person, mentored = wish.person, tuple[int, ...]()
    match wish.role:
        case Role.INSTRUCTOR:
            found = teacher(person, today.today)
            plays = found is not None and section.pk in found.sections
        case Role.LEARNER:
            plays = entries(section.pk, today).filter(person=person).exists()
        case Role.MENTOR:
            theirs = [key for key, each in family(person, now).students.items() if not each.itself]
            sitting = entries(section.pk, today).filter(person__in=theirs)
            mentored = tuple(sorted(set(sitting.values_list("person", flat=True))))
            plays = bool(mentored)
        case Role.ADMINISTRATOR:
            plays = bool(roles_of(wish.user) & EDITORS)
    if not plays:
        raise Closed(_("You do not belong to this class."))
    return mentored


def _check_review(wish: Wish, student: Person, today: Moment) -> None:
    """A teacher sees the work of a student of the section again, where the tool offers it. Raises Closed."""
    offered = LineItem.objects.filter(link=wish.link, tool=wish.tool).exclude(review=None)
    seated = entries(wish.section, today).filter(person=student)
    if wish.role is not Role.INSTRUCTOR or not may_score(wish.tool) or not offered.exists() or not seated.exists():
        raise Closed(_("This work cannot be opened in %s.") % wish.tool.name)


def _check_link(wish: Wish, link: ResourceLink, section: Section, now: dt.datetime) -> None:
    if link.tool_id != wish.tool.pk or link.section_id != section.pk:
        raise Closed(_("This link belongs elsewhere."))
    if link.assignment is None:
        return
    if link.assignment.deleted_at is not None or link.assignment.section_id != section.pk:
        raise Closed(_("The assignment is no longer there."))
    if wish.role in {Role.LEARNER, Role.MENTOR}:
        if not (link.assignment.active and link.assignment.portal):
            raise Closed(_("The assignment is not open."))
        if (link.opens_at and now < link.opens_at) or (link.closes_at and now >= link.closes_at):
            raise Closed(_("The assignment is not open at this time."))
