"""Schools, years, calendars, grade levels, terms and resources of the synthetic district."""

import datetime
from dataclasses import dataclass

from roster.models import Calendar, District, GradeLevel, Resource, ScheduleStructure, School, SchoolYear, Term
from roster.seeding.tables import Tables
from roster.seeding.words import GRADES, SCHOOL_NAMES

DATE = datetime.date


@dataclass(frozen=True)
class Place:
    """A school with what hangs on it in the active year; all values but `code` and `grades` are primary keys."""

    code: str
    school: int
    calendar: int
    last_calendar: int
    levels: dict[str, int]
    semesters: tuple[int, int]
    grades: tuple[str, ...]


@dataclass(frozen=True)
class Years:
    """The active school year and the one before it."""

    start: int
    active: int
    last: int

    @property
    def first_day(self) -> datetime.date:
        """The first day of school."""
        return DATE(self.start, 8, 17)

    @property
    def last_day(self) -> datetime.date:
        """The last day of school."""
        return DATE(self.start + 1, 6, 5)


def make_years(tables: Tables, today: datetime.date) -> Years:
    """Make the school year that contains today, active, and the one before."""
    start = today.year if today.month >= 7 else today.year - 1
    keys = [
        tables.add(
            SchoolYear,
            sourced_id=f"year-{first}",
            title=f"{first}-{first + 1}",
            start_year=first,
            end_year=first + 1,
            start_date=DATE(first, 7, 1),
            end_date=DATE(first + 1, 6, 30),
            active=first == start,
        )
        for first in (start - 1, start)
    ]
    return Years(start, keys[1], keys[0])


def make_places(tables: Tables, schools: int, years: Years) -> list[Place]:
    """Make the district and its schools with calendars, grade levels, terms and grading periods."""
    district = tables.add(District, sourced_id="district-1", name="Example Public Schools", identifier="9900001")
    return [_make_place(tables, district, number, schools, years) for number in range(schools)]


def _make_place(tables: Tables, district: int, number: int, schools: int, years: Years) -> Place:
    kind, grades = _band(number, schools)
    name = SCHOOL_NAMES[number % len(SCHOOL_NAMES)]
    suffix = f" {number // len(SCHOOL_NAMES) + 1}" if number >= len(SCHOOL_NAMES) else ""
    code = f"{number + 1:03d}"
    school = tables.add(
        School,
        sourced_id=f"school-{code}",
        district_id=district,
        name=f"{name}{suffix} {kind}",
        identifier=f"99{number + 1:05d}",
    )
    last_calendar = tables.add(
        Calendar, sourced_id=f"calendar-{years.start - 1}-{code}", school_id=school, school_year_id=years.last
    )
    calendar = tables.add(
        Calendar,
        sourced_id=f"calendar-{years.start}-{code}",
        school_id=school,
        school_year_id=years.active,
        start_date=years.first_day,
        end_date=years.last_day,
    )
    levels = _make_levels(tables, calendar, code, grades)
    return Place(code, school, calendar, last_calendar, levels, _make_terms(tables, code, years), grades)


def _band(number: int, schools: int) -> tuple[str, tuple[str, ...]]:
    """Return the kind of the school and its grades, so that few schools still teach every grade."""
    if schools == 1:
        return "School", GRADES
    if schools == 2:
        return ("Elementary School", GRADES[:7]) if number == 0 else ("High School", GRADES[7:])
    bands = (("Elementary School", GRADES[:6]), ("Middle School", GRADES[6:9]), ("High School", GRADES[9:]))
    return bands[number % 3]


def _make_levels(tables: Tables, calendar: int, code: str, grades: tuple[str, ...]) -> dict[str, int]:
    structure = tables.add(ScheduleStructure, sourced_id=f"structure-{code}", calendar_id=calendar, name="Main")
    return {
        grade: tables.add(
            GradeLevel,
            sourced_id=f"grade-{code}-{grade}",
            calendar_id=calendar,
            schedule_structure_id=structure,
            local_grade="K" if grade == "KG" else str(int(grade)),
            state_code=f"S{grade}",
            nces_grade=grade,
        )
        for grade in grades
    }


def _make_terms(tables: Tables, code: str, years: Years) -> tuple[int, int]:
    """Make two semesters of two grading periods each; return the semesters."""
    start = years.start
    cuts = (years.first_day, DATE(start, 10, 20), DATE(start + 1, 1, 16), DATE(start + 1, 3, 25), years.last_day)
    day = datetime.timedelta(days=1)
    semesters = []
    for half in (0, 1):
        common = {"school_year_id": years.active}
        first, middle, end = cuts[half * 2], cuts[half * 2 + 1], cuts[half * 2 + 2] - (day if half == 0 else 0 * day)
        semester = tables.add(
            Term,
            sourced_id=f"term-{code}-S{half + 1}",
            kind=Term.Kind.TERM.value,
            title=f"Semester {half + 1}",
            start_date=first,
            end_date=end,
            **common,
        )
        for part, (begin, stop) in enumerate(((first, middle - day), (middle, end)), half * 2 + 1):
            tables.add(
                Term,
                sourced_id=f"period-{code}-Q{part}",
                parent_id=semester,
                kind=Term.Kind.GRADING_PERIOD.value,
                title=f"Quarter {part}",
                start_date=begin,
                end_date=stop,
                **common,
            )
        semesters.append(semester)
    return semesters[0], semesters[1]


def make_resources(tables: Tables) -> list[int]:
    """Make a few learning resources."""
    return [
        tables.add(
            Resource,
            sourced_id=f"resource-{number}",
            vendor_resource_id=f"example-book-{number}",
            title=f"Example Reader {number}",
            roles=["student", "teacher"] if number % 2 else ["teacher"],
            importance="primary" if number % 2 else "secondary",
            vendor_id="example-press",
            application_id="default",
        )
        for number in range(1, 6)
    ]
