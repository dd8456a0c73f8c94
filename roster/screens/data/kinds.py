"""The kinds of record the district's data consist of: the one table behind every list, page and change of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Field, ForeignKey, Model, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS, EVERYONE, Role
from roster import models
from roster.imports.sources import KEPT, PREFIX, SOURCES
from roster.models.people import PERSON_TEXT
from roster.models.schedule import SECTION_TEXT
from roster.signin.codes import name_of

EXCLUDE = "external_lms_exclude"


@dataclass(frozen=True)
class Column:
    """One column of a list: its head, the path to its value or what makes it of a row, and the links it follows."""

    title: Any
    value: str | Callable[[Any], Any]
    joins: tuple[str, ...] = ()

    def of(self, row: Any) -> Any:
        """Return the row's value; None where a link on the way is blank."""
        if callable(self.value):
            return self.value(row)
        for step in self.value.split("__"):
            row = getattr(row, step, None)
        return row() if callable(row) else row

    @property
    def followed(self) -> tuple[str, ...]:
        """Return the links to read with the row."""
        link = "" if callable(self.value) else self.value.rpartition("__")[0]
        return (*self.joins, link) if link else self.joins


@dataclass(frozen=True)
class Kind:
    """One table of the district's data, as people look through it.

    `kept` are the fields edited here, of rows that fit `editable` only; the feed brings all others, but
    for those of `acts`, which have an act of their own. `people` says that
    it names people, so viewers may not open it and words searched for stand in no address. `school` and `year` are the
    paths it is narrowed by.
    """

    name: str
    model: type[Model]
    title: Any
    one: Any
    told: Any
    columns: tuple[Column, ...]
    search: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    order: tuple[str, ...] = ("sourced_id",)
    words: tuple[str, ...] = ()
    people: bool = False
    school: str = ""
    year: str = ""
    editable: Q | None = None
    acts: tuple[str, ...] = ()

    @property
    def opens(self) -> frozenset[Role]:
        """Return who may look at these records."""
        return EDITORS if self.people else EVERYONE

    @property
    def url(self) -> str:
        """Return the address of the list."""
        return reverse(f"admin:data_{self.name.replace('-', '_')}")

    @property
    def boxes(self) -> tuple[str, ...]:
        """Return the fields kept here that are ticked or not."""
        return tuple(name for name in self.kept if self.field(name).get_internal_type() == "BooleanField")

    @property
    def ends(self) -> bool:
        """Whether the feed can end these records."""
        return any(field.name == "ended_at" for field in self.model._meta.fields)

    @cached_property
    def joins(self) -> tuple[str, ...]:
        """Return every link the list follows."""
        return tuple(dict.fromkeys(link for column in self.columns for link in column.followed))

    def field(self, name: str) -> "Field[Any, Any]":
        """Return a field of the table."""
        return self.model._meta.get_field(name)  # type: ignore[return-value]

    def source(self, name: str) -> str:
        """Return where the field comes from, by the table of the imports; blank: no feed ever brings it."""
        source = SOURCES[self.model.__name__].get(name, "")
        return "" if source == KEPT else source

    def sets_anew(self, name: str) -> str:
        """Return the column of ours that sets a field kept here when a feed has it; blank when there is none."""
        return next((part for part in self.source(name).split(", or ") if PREFIX in part), "")

    def label(self, name: str) -> Any:
        """Return what the office calls a field."""
        return LABELS.get(name) or str(self.field(name).verbose_name).capitalize()

    def record_url(self, pk: int) -> str:
        """Return the address of one record."""
        return reverse("admin:data_record", args=[self.name, pk])

    def beside(self, link: str) -> tuple[Column, ...]:
        """Return the columns that say something new to whoever came by this link."""
        return tuple(column for column in self.columns if column.followed != (link,))

    def name_of(self, row: Any, columns: Sequence[Column] = ()) -> str:
        """Return what a record is called: its first column."""
        return str((columns or self.columns)[0].of(row) or getattr(row, "sourced_id", row.pk))


LABELS: dict[str, Any] = {
    EXCLUDE: _("External LMS Exclude"),
    "no_show": _("No Show"),
    "sourced_id": _("SIS identifier"),
    "state_code": _("State grade level code"),
    "nces_grade": _("NCES grade"),
    "local_grade": _("Local grade"),
    "secondary_email": _("Secondary email"),
    "made_here": _("Username made here"),
    "school_year": _("School year"),
    "relationship_type": _("Relationship"),
    "kind": _("Kind"),
}


def _person(title: Any, path: str = "person") -> Column:
    return Column(title, lambda row: name_of(getattr(row, path)), (path,))


def _of_person(path: str) -> tuple[str, ...]:
    return tuple(f"{path}__{name}" for name in PERSON_TEXT)


def _of_section(path: str) -> tuple[str, ...]:
    return tuple(f"{path}__{name}" for name in SECTION_TEXT)


def _title(title: Any, value: str) -> Column:
    return Column(title, value)


BOX = _title(_("External LMS Exclude"), EXCLUDE)
FROM, TO = _title(_("From"), "start_date"), _title(_("To"), "end_date")
NUMBER, ACTIVE = _title(_("Number"), "number"), _title(_("Active"), "active")

KINDS: tuple[Kind, ...] = (
    Kind(
        "school-years", models.SchoolYear, _("School years"), _("school year"),
        _("Vendors get the active one. Here it is made active, and its scheduling marked final."),
        (_title(_("School year"), "title"), ACTIVE, FROM, TO,
         _title(_("Scheduling final since"), "scheduling_final__marked_at")),
        ("title",), words=("active year", "make active", "scheduling is final", "new school year", "rollover"),
        acts=("active",),
    ),
    Kind(
        "schools", models.School, _("Schools"), _("school"),
        _("Where people learn and work. A box marked here hides a school with everybody who is at no other."),
        (_title(_("School"), "name"), _title(_("Number"), "identifier"), BOX),
        ("name", "identifier"), (EXCLUDE,), ("name", "pk"), ("External LMS Exclude", "orgs"),
    ),
    Kind(
        "calendars", models.Calendar, _("Calendars"), _("calendar"),
        _("One school in one school year. A student’s enrollment that ends on its last day stays shared."),
        (Column(_("Calendar"), lambda row: f"{row.school.name}, {row.school_year.title}", ("school", "school_year")),
         FROM, TO, BOX),
        ("school__name", "school_year__title"), ("start_date", "end_date", EXCLUDE),
        ("school__name", "pk"), ("calendar dates", "External LMS Exclude"), school="school", year="school_year",
    ),
    Kind(
        "terms", models.Term, _("Terms"), _("term"),
        _("Terms, semesters and grading periods, which sections meet in."),
        (_title(_("Term"), "title"), _title(_("Kind"), "get_kind_display"), FROM, TO,
         _title(_("School year"), "school_year__title")),
        ("title",), order=("start_date", "pk"), words=("semesters", "grading periods"), year="school_year",
    ),
    Kind(
        "schedule-structures", models.ScheduleStructure, _("Schedule structures"), _("schedule structure"),
        _("Parts of a calendar. A box marked here hides the students enrolled in its grade levels."),
        (_title(_("Schedule structure"), "name"), _title(_("School"), "calendar__school__name"),
         _title(_("School year"), "calendar__school_year__title"), BOX),
        ("name", "calendar__school__name"), (EXCLUDE,), school="calendar__school", year="calendar__school_year",
    ),
    Kind(
        "grade-levels", models.GradeLevel, _("Grade levels"), _("grade level"),
        _("How grades are told: each state code stands for an NCES grade, which vendors get unless the settings say "
          "that they get local grades."),
        (_title(_("Local grade"), "local_grade"), _title(_("State code"), "state_code"),
         _title(_("NCES grade"), "nces_grade"), _title(_("School"), "calendar__school__name"),
         _title(_("School year"), "calendar__school_year__title"), BOX),
        ("local_grade", "state_code", "nces_grade", "calendar__school__name"), ("state_code", "nces_grade", EXCLUDE),
        ("calendar__school__name", "nces_grade", "pk"),
        ("grade level mapping", "state code", "NCES", "local grades"),
        school="calendar__school", year="calendar__school_year",
    ),
    Kind(
        "people", models.Person, _("People"), _("person"),
        _("Everybody the feed has sent: students, staff and families, with their accounts, addresses and places."),
        (Column(_("Name"), lambda row: f"{row.family_name}, {row.given_name}".strip(", ")),
         _title(_("Local id"), "local_id"), _title(_("Username"), "account__username"), _title(_("Email"), "email"),
         BOX),
        (*PERSON_TEXT, "account__username"), ("secondary_email", EXCLUDE),
        ("family_name", "given_name", "pk"),
        ("students", "staff", "parents", "census", "emails", "phones", "usernames"),
        people=True,
    ),
    Kind(
        "accounts", models.Account, _("Accounts"), _("account"),
        _("Usernames, and whether they open the portal. The feed brings most; those made here are changed here."),
        (_title(_("Username"), "username"), _person(_("Person")), _title(_("Enabled"), "enabled"),
         _title(_("Made here"), "made_here")),
        ("username", *_of_person("person")), ("username", "enabled"), ("username", "pk"), ("usernames", "logins"),
        people=True, editable=Q(made_here=True),
    ),
    Kind(
        "relationships", models.Relationship, _("Relationships"), _("relationship"),
        _("Who is whose parent, guardian or relative. Only those with Portal are shared."),
        (_person(_("Related person"), "contact"), _person(_("Student"), "student"),
         _title(_("Relationship"), "relationship_type"), _title(_("Guardian"), "guardian"),
         _title(_("Portal"), "portal")),
        (*_of_person("contact"), *_of_person("student")),
        ("relationship_type", "guardian", "portal", "start_date", "end_date"),
        words=("guardians", "relatives", "parents", "portal"), people=True,
    ),
    Kind(
        "enrollments", models.Enrollment, _("Enrollments"), _("enrollment"),
        _("A student in a calendar. No Show and External LMS Exclude hide the student there."),
        (_person(_("Student")), _title(_("School"), "calendar__school__name"),
         _title(_("School year"), "calendar__school_year__title"), _title(_("Grade"), "grade_level__local_grade"),
         FROM, TO, _title(_("No Show"), "no_show"), BOX),
        _of_person("person"), ("no_show", EXCLUDE), words=("students", "No Show", "External LMS Exclude"),
        people=True, school="calendar__school", year="calendar__school_year",
    ),
    Kind(
        "district-assignments", models.DistrictAssignment, _("District assignments"), _("district assignment"),
        _("Where staff work, and as what. External LMS Exclude hides somebody at that school."),
        (_person(_("Staff member")), _title(_("School"), "school__name"), _title(_("Teacher"), "teacher"),
         _title(_("Other roles"), "roles"), FROM, TO, BOX),
        _of_person("person"), (EXCLUDE,), words=("staff", "teachers", "External LMS Exclude"),
        people=True, school="school",
    ),
    Kind(
        "course-masters", models.CourseMaster, _("Course masters"), _("course master"),
        _("The district’s catalogue. A box marked here hides every course made from it."),
        (_title(_("Course master"), "title"), NUMBER, BOX),
        ("title", "number"), (EXCLUDE,), ("title", "pk"), ("course catalogue", "External LMS Exclude"),
    ),
    Kind(
        "courses", models.Course, _("Courses"), _("course"),
        _("Active courses are shared with their sections, unless a box hides them."),
        (_title(_("Course"), "title"), NUMBER, _title(_("School"), "school__name"),
         _title(_("School year"), "school_year__title"), ACTIVE, BOX),
        ("title", "number"), ("active", EXCLUDE), ("title", "pk"), ("inactive courses", "External LMS Exclude"),
        school="school", year="school_year",
    ),
    Kind(
        "sections", models.Section, _("Sections"), _("section"),
        _("Classes: what vendors call a class or a course section."),
        (_title(_("Section"), "title"), NUMBER, _title(_("Course"), "course__title"),
         _title(_("School"), "calendar__school__name"), _title(_("School year"), "calendar__school_year__title"),
         ACTIVE, BOX),
        (*SECTION_TEXT, "course__title", "course__number"), ("active", EXCLUDE), ("title", "pk"),
        ("classes", "External LMS Exclude"), school="calendar__school", year="calendar__school_year",
    ),
    Kind(
        "section-staff", models.SectionStaff, _("Section staff"), _("section staff record"),
        _("Who teaches a section, from when to when."),
        (_person(_("Staff member")), _title(_("Section"), "section__title"),
         _title(_("School"), "section__calendar__school__name"), _title(_("Kind"), "get_kind_display"), FROM, TO),
        (*_of_person("person"), *_of_section("section")), words=("Section Staff History", "teachers"),
        people=True, school="section__calendar__school", year="section__calendar__school_year",
    ),
    Kind(
        "roster-entries", models.RosterEntry, _("Roster entries"), _("roster entry"),
        _("A student in a section, from when to when."),
        (_person(_("Student")), _title(_("Section"), "section__title"),
         _title(_("School"), "section__calendar__school__name"), FROM, TO),
        (*_of_person("person"), *_of_section("section")), words=("rosters", "schedules"),
        people=True, school="section__calendar__school", year="section__calendar__school_year",
    ),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
BY_MODEL = {kind.model: kind for kind in KINDS}


def links_to(kind: Kind) -> Sequence[tuple[Kind, str]]:
    """Return (kind, field) of every link from another kind to this one that is worth following back."""
    return [
        (each, field.name)
        for each in KINDS
        for field in each.model._meta.fields
        if isinstance(field, ForeignKey) and field.related_model is kind.model
        if field.remote_field.related_name != "+"
    ]
