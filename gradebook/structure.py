"""What a section's assignments can be put into: its terms with the periods below, and its grading tasks in them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from interop import statements
from interop.statements import Question, Rows

_SESSIONS = """
    WITH RECURSIVE below AS (
        SELECT st.section_id, t.id, t.sourced_id, t.title, t.start_date, t.end_date, true AS own
        FROM roster_section_terms st JOIN roster_term t ON t.id = st.term_id AND t.ended_at IS NULL
        WHERE st.section_id = ANY(%s::bigint[])
        UNION
        SELECT b.section_id, t.id, t.sourced_id, t.title, t.start_date, t.end_date, false
        FROM below b JOIN roster_term t ON t.parent_id = b.id AND t.ended_at IS NULL
    )
    SELECT section_id, id, sourced_id, title, start_date, end_date, bool_or(own) FROM below
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY start_date, end_date DESC, sourced_id
"""
_TASKS = """
    SELECT s.id, p.id, p.sourced_id, g.id, g.title, p.term_id
    FROM roster_section s
    JOIN gradebook_gradingtask g ON g.course_id = s.course_id AND (g.section_id IS NULL OR g.section_id = s.id)
        AND NOT g.external_lms_exclude
    JOIN gradebook_taskperiod p ON p.task_id = g.id
    WHERE s.id = ANY(%s::bigint[]) ORDER BY g.sequence, g.id, p.id
"""
# A section without terms lasts as long as its calendar, and that as long as the school year (seeds/002).
_YEARS = """
    SELECT s.id, coalesce(c.start_date, y.start_date, make_date(y.start_year, 1, 1)),
           coalesce(c.end_date, y.end_date, make_date(y.end_year, 12, 31))
    FROM roster_section s
    JOIN roster_calendar c ON c.id = s.calendar_id
    JOIN roster_schoolyear y ON y.id = c.school_year_id
    WHERE s.id = ANY(%s::bigint[])
"""
STATEMENTS = (_SESSIONS, _TASKS, _YEARS)
"""What is asked of sections to know their structure."""


@dataclass(frozen=True)
class Session:
    """A term of the section (`own`), or a grading period below one."""

    id: int
    sourced_id: str
    title: str
    first: dt.date
    last: dt.date
    own: bool

    @property
    def length(self) -> tuple[dt.timedelta, str]:
        """How long it is; ids decide between equals."""
        return self.last - self.first, self.sourced_id

    def holds(self, day: dt.date) -> bool:
        """Return whether the day lies in it, both ends included."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Task:
    """A grading task in one of the section's sessions; `id` is the TaskPeriod's."""

    id: int
    sourced_id: str
    task: int
    title: str
    term: int


@dataclass(frozen=True)
class Structure:
    """The sessions and grading tasks of one section."""

    first: dt.date
    last: dt.date
    sessions: tuple[Session, ...]
    tasks: tuple[Task, ...]

    @cached_property
    def by_id(self) -> dict[int, Session]:
        """The sessions by their key."""
        return {session.id: session for session in self.sessions}

    def holding(self, day: dt.date) -> list[Session]:
        """Return the sessions a day lies in, the shortest first."""
        return sorted((each for each in self.sessions if each.holds(day)), key=lambda each: each.length)

    def period_of(self, day: dt.date) -> Session | None:
        """Return the shortest session a day lies in; between two, the one before."""
        before = [each for each in self.sessions if each.first <= day]
        held = self.holding(day)
        return held[0] if held else max(before, key=lambda each: (each.last, each.first), default=None)

    def tasks_in(self, term: int) -> list[Task]:
        """Return the grading tasks of a session."""
        return [task for task in self.tasks if task.term == term]

    def tasks_on(self, day: dt.date) -> list[Task]:
        """Return the grading tasks of the shortest session that holds the day and has any."""
        return next((found for each in self.holding(day) if (found := self.tasks_in(each.id))), [])


def structures(sections: Collection[int]) -> dict[int, Structure]:
    """Return the structure of each section; three statements."""
    return structures_in(*asked(sections, [Question(sql, [list(sections)]) for sql in STATEMENTS]))


def asked(sections: Collection[int], questions: Sequence[Question]) -> list[Rows]:
    """Return the rows of statements about sections. Of one section, as of every line item that comes, they are planned
    once and asked in one trip.
    """
    if len(sections) == 1:
        return statements.together(*questions)
    return [statements.rows(*question) for question in questions]


def structures_in(own: Rows, found: Rows, lasting: Rows) -> dict[int, Structure]:
    """Return the structure of each section of what STATEMENTS tell."""
    sessions: dict[int, list[Session]] = defaultdict(list)
    tasks: dict[int, list[Task]] = defaultdict(list)
    for section, *session in own:
        sessions[section].append(Session(*session))
    for section, key, sourced_id, task, title, term in found:
        if any(each.id == term for each in sessions[section]):
            tasks[section].append(Task(key, sourced_id, task, title, term))
    return {section: _structure(first, last, sessions[section], tasks[section]) for section, first, last in lasting}


def _structure(first: dt.date, last: dt.date, sessions: list[Session], tasks: list[Task]) -> Structure:
    own = [each for each in sessions if each.own]
    if own:
        first, last = min(each.first for each in own), max(each.last for each in own)
    return Structure(first, last, tuple(sessions), tuple(tasks))


def tasks_of(section: str) -> list[dict[str, str]]:
    """Return the grading tasks of a section, by its sourcedId, as vendors are told them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM roster_section WHERE sourced_id = %s", [section])
        found = structures([row[0] for row in cursor.fetchall()])
    return [
        {"sourcedId": task.sourced_id, "title": task.title, "gradingPeriod": each.by_id[task.term].sourced_id}
        for each in found.values()
        for task in each.tasks
    ]
