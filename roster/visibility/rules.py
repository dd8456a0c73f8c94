"""Who and what is shared: every rule of the district, once. The publisher and `explain` read the same lists."""

from django.db.models import Exists, F, Model, OuterRef, Q

from roster.models import (
    Calendar,
    Course,
    DistrictAssignment,
    Enrollment,
    Person,
    Relationship,
    RosterEntry,
    School,
    Section,
    SectionStaff,
    Term,
)
from roster.visibility.core import Effect, Moment, Rule, passing


def not_excluded(model: type[Model], path: str, what: str) -> Rule:
    """Return the rule that the External LMS Exclude box at `path` (blank: the record's own) is not ticked.

    A link that is blank on the way (no grade level, no course master) cannot exclude anything.
    """

    def condition(_moment: Moment) -> Q:
        # "not ticked" must also hold where an optional link is blank: then there is no box at all.
        allowed = Q(**{f"{path}external_lms_exclude": False})
        steps = path.removesuffix("__").split("__") if path else []
        for depth in range(1, len(steps) + 1):
            allowed |= Q(**{"__".join(steps[:depth]) + "__isnull": True})
        return allowed

    name = f"{model._meta.model_name}.{path.replace('__', '.')}not_excluded"
    return Rule(name, f"External LMS Exclude is not marked on {what}.", model, condition, Effect.PROTECTS)


def lives(model: type[Model], path: str, what: str, effect: Effect = Effect.HIDES) -> Rule:
    """Return the rule that the record at `path` (blank: the record itself) is still in the SIS's feed."""
    name = f"{model._meta.model_name}.{path.replace('__', '.')}in_feed"
    return Rule(
        name, f"{what} is still sent by the student information system.", model,
        lambda _moment: Q(**{f"{path}ended_at": None}), effect,
    )  # fmt: skip


def dates_in_year(model: type[Model], what: str) -> Rule:
    """Return the rule that start and end date touch the active school year (blank dates are open)."""

    def condition(moment: Moment) -> Q:
        began = Q(start_date=None) | Q(start_date__lte=moment.last_day)
        return began & (Q(end_date=None) | Q(end_date__gte=moment.first_day))

    name = f"{model._meta.model_name}.dates_in_year"
    return Rule(name, f"{what}'s dates fall within the active school year.", model, condition)


def not_past(model: type[Model], what: str, calendar: str = "") -> Rule:
    """Return the rule that the end date is not past; with `calendar` (a path), its last day never is."""

    def condition(moment: Moment) -> Q:
        allowed = Q(end_date=None) | Q(end_date__gte=moment.today)
        if calendar:
            allowed |= Q(end_date=F(f"{calendar}__end_date"))
            allowed |= Q(**{f"{calendar}__end_date": None}, end_date=moment.last_day)
        return allowed

    unless = ", or it is the calendar's end date" if calendar else ""
    name = f"{model._meta.model_name}.end_not_past"
    return Rule(name, f"{what}'s end date is not in the past{unless}.", model, condition, Effect.ENDS)


def in_active_year(model: type[Model], path: str, what: str) -> Rule:
    """Return the rule that the school year at `path` is the active one."""
    return Rule(
        f"{model._meta.model_name}.active_year",
        f"{what} is in the active school year.",
        model,
        lambda moment: Q(**{path: moment.year}),
    )


def open_calendars(model: type[Model], path: str) -> tuple[Rule, ...]:
    """Return the rules that the calendar at `path` and its school are shared."""
    return (
        in_active_year(model, f"{path}school_year", "The calendar"),
        lives(model, path, "The calendar"),
        lives(model, f"{path}school__", "The school"),
        not_excluded(model, f"{path}school__", "the school"),
        not_excluded(model, path, "the calendar"),
    )


CALENDAR = open_calendars(Calendar, "")

SCHOOL = (
    lives(School, "", "The school"),
    not_excluded(School, "", "the school"),
    Rule(
        "school.has_calendar",
        "The school has a calendar in the active school year, and it is not excluded.",
        School,
        lambda moment: Q(Exists(passing(CALENDAR, moment).filter(school=OuterRef("pk")))),
        shows=("calendars__school_year__title", "calendars__external_lms_exclude"),
    ),
)

STUDENT = (
    *open_calendars(Enrollment, "calendar__"),
    not_excluded(Enrollment, "grade_level__schedule_structure__", "the schedule structure"),
    not_excluded(Enrollment, "grade_level__", "the grade level"),
    not_excluded(Enrollment, "", "the enrollment"),
    not_excluded(Enrollment, "person__", "the person"),
    lives(Enrollment, "person__", "The person"),
    Rule(
        "enrollment.no_show",
        "No Show is not marked on the enrollment.",
        Enrollment,
        lambda _moment: Q(no_show=False),
        Effect.PROTECTS,
    ),
    dates_in_year(Enrollment, "The enrollment"),
    lives(Enrollment, "", "The enrollment", Effect.ENDS),
    not_past(Enrollment, "The enrollment", calendar="calendar"),
)

STAFF = (
    lives(DistrictAssignment, "person__", "The person"),
    lives(DistrictAssignment, "school__", "The school"),
    lives(DistrictAssignment, "", "The district assignment", Effect.ENDS),
    not_excluded(DistrictAssignment, "school__", "the school"),
    not_excluded(DistrictAssignment, "", "the district assignment"),
    not_excluded(DistrictAssignment, "person__", "the person"),
    Rule(
        "districtassignment.school_has_calendar",
        "The assignment's school has a calendar in the active school year, and it is not excluded.",
        DistrictAssignment,
        lambda moment: Q(Exists(passing(CALENDAR, moment).filter(school=OuterRef("school")))),
        shows=("school__name",),
        asks="school",
    ),
    dates_in_year(DistrictAssignment, "The district assignment"),
    not_past(DistrictAssignment, "The district assignment"),
)
TEACHER = (
    *STAFF,
    Rule(
        "teacher.box",
        "Teacher is marked on the district assignment.",
        DistrictAssignment,
        lambda _m: Q(teacher=True),
    ),
)
AIDE = (
    *STAFF,
    Rule(
        "aide.role",
        "A role other than (or in addition to) Teacher is marked on the district assignment.",
        DistrictAssignment,
        lambda _m: Q(roles__len__gt=0),
    ),
)
ADMINISTRATOR = (
    *STAFF,
    Rule(
        "administrator.role",
        "The person has an administrative role at the school.",
        DistrictAssignment,
        lambda _m: Q(administrative_role__in=DistrictAssignment.ADMINISTRATIVE),
    ),
)

CONTACT = (
    Rule("contact.portal", "Portal is marked on the relationship.", Relationship, lambda _m: Q(portal=True)),
    Rule(
        "contact.active",
        "The relationship is active.",
        Relationship,
        lambda moment: (
            Q(ended_at=None)
            & (Q(start_date=None) | Q(start_date__lte=moment.today))
            & (Q(end_date=None) | Q(end_date__gte=moment.today))
        ),
        Effect.ENDS,
    ),
    lives(Relationship, "contact__", "The related person"),
    not_excluded(Relationship, "contact__", "the related person"),
    Rule(
        "contact.student",
        "The student is shared.",
        Relationship,
        lambda moment: Q(Exists(passing(STUDENT, moment).filter(person=OuterRef("student")))),
        shows=("student__given_name", "student__family_name"),
        asks="student",
    ),
)
GUARDIAN = (
    *CONTACT,
    Rule("guardian.box", "Guardian is marked on the relationship.", Relationship, lambda _m: Q(guardian=True)),
)
RELATIVE = (
    *CONTACT,
    Rule("relative.box", "Guardian is not marked on the relationship.", Relationship, lambda _m: Q(guardian=False)),
)


def open_courses(model: type[Model], path: str) -> tuple[Rule, ...]:
    """Return the rules that the course at `path` is shared."""
    return (
        lives(model, path, "The course"),
        Rule(
            f"{model._meta.model_name}.{path.replace('__', '.')}active_box",
            "The course is marked as active.",
            model,
            lambda _m: Q(**{f"{path}active": True}),
        ),
        not_excluded(model, f"{path}course_master__", "the course master"),
        not_excluded(model, path, "the course"),
        not_excluded(model, f"{path}school__", "the course's school"),
    )


SECTION = (
    *open_calendars(Section, "calendar__"),
    *open_courses(Section, "course__"),
    lives(Section, "", "The section"),
    Rule("section.active_box", "The section is marked as active.", Section, lambda _m: Q(active=True)),
    not_excluded(Section, "", "the section"),
)
COURSE = (
    *open_courses(Course, ""),
    Rule(
        "course.used",
        "A shared section belongs to the course, or it is a course of a shared school in the active school year.",
        Course,
        lambda moment: (
            Q(Exists(passing(SECTION, moment).filter(course=OuterRef("pk"))))
            | (Q(school__in=passing(SCHOOL, moment)) & (Q(school_year=None) | Q(school_year=moment.year)))
        ),
        shows=("sections__title", "sections__calendar__school__name"),
    ),
)

ROSTER_ENTRY = (
    lives(RosterEntry, "", "The roster entry", Effect.ENDS),
    Rule(
        "rosterentry.section",
        "The section is shared.",
        RosterEntry,
        lambda moment: Q(section__in=passing(SECTION, moment)),
        of_others=True,
        shows=("section__title",),
        asks="section",
    ),
    Rule(
        "rosterentry.student",
        "The student is shared with an enrollment at the section's school.",
        RosterEntry,
        lambda moment: Q(
            Exists(
                passing(STUDENT, moment).filter(
                    person=OuterRef("person"), calendar__school=OuterRef("section__calendar__school")
                )
            )
        ),
        of_others=True,
        shows=("person__given_name", "person__family_name"),
        asks="person",
    ),
    not_past(RosterEntry, "The roster entry", calendar="section__calendar"),
)

SECTION_STAFF = (
    lives(SectionStaff, "", "The section staff record", Effect.ENDS),
    Rule(
        "sectionstaff.kind",
        "The person is Primary Teacher or Teacher of the section.",
        SectionStaff,
        lambda _m: Q(kind__in=[SectionStaff.Kind.PRIMARY_TEACHER, SectionStaff.Kind.TEACHER]),
    ),
    Rule(
        "sectionstaff.section",
        "The section is shared.",
        SectionStaff,
        lambda moment: Q(section__in=passing(SECTION, moment)),
        of_others=True,
        shows=("section__title",),
        asks="section",
    ),
    Rule(
        "sectionstaff.teacher",
        "The person is shared as a teacher by a district assignment at the section's school.",
        SectionStaff,
        lambda moment: Q(
            Exists(
                passing(TEACHER, moment).filter(person=OuterRef("person"), school=OuterRef("section__calendar__school"))
            )
        ),
        of_others=True,
        shows=("person__given_name", "person__family_name"),
        asks="person",
    ),
    dates_in_year(SectionStaff, "The section staff record"),
    not_past(SectionStaff, "The section staff record"),
)

USER_11 = (
    Rule(
        "person.username",
        "The person has a username; OneRoster 1.1 requires one.",
        Person,
        lambda _m: Q(account__username__gt=""),
    ),
)
"""What a user of OneRoster 1.1 must meet beyond the rules of the roles (seeds/002)."""

TERM = (
    in_active_year(Term, "school_year", "The term"),
    lives(Term, "", "The term"),
)
