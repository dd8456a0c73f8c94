"""Every rostering and resources operation: which objects, under which scope, found how."""

from interop.oneroster.endpoints import Endpoint, Source

from . import wire  # noqa: F401  (declares the objects named below)

CORE = ("roster.readonly", "roster-core.readonly")
FULL = ("roster.readonly",)
DEMOGRAPHICS = ("roster-demographics.readonly",)
RESOURCES_CORE = ("resource.readonly", "resource-core.readonly")
RESOURCES_FULL = ("resource.readonly",)

Where = tuple[tuple[str, str], ...]


def _both(plural: str, single: str, path: str, obj: str, where: Where = ()) -> tuple[Endpoint, Endpoint]:
    """A collection and its single: getAll… and get…."""
    return (
        Endpoint(f"getAll{plural}", f"/{path}", obj, "list", CORE, where=where, cert=True),
        Endpoint(f"get{single}", f"/{path}/{{sourcedId}}", obj, "single", CORE, where=where, cert=True),
    )


def _related(
    operation: str,
    path: str,
    obj: str,
    source: Source,
    *,
    links: tuple[str, ...] = (),
    role: str = "",
    where: Where = (),
) -> Endpoint:
    """A list below one or two parents, named in the path."""
    parents = tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))
    return Endpoint(
        operation, path, obj, "list", FULL, where=where, parents=parents, source=source, links=links, role=role
    )


def _holding(role: str) -> Where:
    return (("role", role), ("roles.role", role))


IN_CLASS = "/schools/{school}/classes/{class}"
ROSTERING: tuple[Endpoint, ...] = (
    *_both("AcademicSessions", "AcademicSession", "academicSessions", "academicSession"),
    *_both("Classes", "Class", "classes", "class"),
    *_both("Courses", "Course", "courses", "course"),
    Endpoint("getAllDemographics", "/demographics", "demographics", "list", DEMOGRAPHICS),
    Endpoint("getDemographics", "/demographics/{sourcedId}", "demographics", "single", DEMOGRAPHICS),
    *_both("Enrollments", "Enrollment", "enrollments", "enrollment"),
    *_both("GradingPeriods", "GradingPeriod", "gradingPeriods", "academicSession", (("type", "gradingPeriod"),)),
    *_both("Orgs", "Org", "orgs", "org"),
    *_both("Schools", "School", "schools", "org", (("type", "school"),)),
    *_both("Students", "Student", "students", "user", _holding("student")),
    *_both("Teachers", "Teacher", "teachers", "user", _holding("teacher")),
    *_both("Terms", "Term", "terms", "academicSession", (("type", "term"),)),
    *_both("Users", "User", "users", "user"),
    _related("getStudentsForClass", "/classes/{class}/students", "user", "enrolled_users", role="student"),
    _related("getTeachersForClass", "/classes/{class}/teachers", "user", "enrolled_users", role="teacher"),
    _related("getClassesForCourse", "/courses/{course}/classes", "class", "links", links=("course.sourcedId",)),
    _related("getClassesForSchool", "/schools/{school}/classes", "class", "links", links=("school.sourcedId",)),
    _related("getCoursesForSchool", "/schools/{school}/courses", "course", "taught_courses"),
    _related(
        "getEnrollmentsForSchool", "/schools/{school}/enrollments", "enrollment", "links", links=("school.sourcedId",)
    ),
    _related("getStudentsForSchool", "/schools/{school}/students", "user", "role_holders", role="student"),
    _related("getTeachersForSchool", "/schools/{school}/teachers", "user", "role_holders", role="teacher"),
    _related(
        "getTermsForSchool", "/schools/{school}/terms", "academicSession", "taught_sessions", where=(("type", "term"),)
    ),
    _related(
        "getEnrollmentsForClassInSchool",
        f"{IN_CLASS}/enrollments",
        "enrollment",
        "links",
        links=("school.sourcedId", "class.sourcedId"),
    ),
    _related("getStudentsForClassInSchool", f"{IN_CLASS}/students", "user", "enrolled_users", role="student"),
    _related("getTeachersForClassInSchool", f"{IN_CLASS}/teachers", "user", "enrolled_users", role="teacher"),
    _related("getClassesForStudent", "/students/{student}/classes", "class", "enrolled_classes", role="student"),
    _related("getClassesForTeacher", "/teachers/{teacher}/classes", "class", "enrolled_classes", role="teacher"),
    _related("getClassesForTerm", "/terms/{term}/classes", "class", "links", links=("terms.sourcedId",)),
    _related(
        "getGradingPeriodsForTerm",
        "/terms/{term}/gradingPeriods",
        "academicSession",
        "links",
        links=("parent.sourcedId",),
        where=(("type", "gradingPeriod"),),
    ),
    _related("getClassesForUser", "/users/{user}/classes", "class", "enrolled_classes"),
)


def _resources_of(operation: str, path: str, parent: str, since: int = 11) -> Endpoint:
    return Endpoint(
        operation,
        path,
        "resource",
        "list",
        RESOURCES_FULL,
        service="resources",
        since=since,
        parents=(parent,),
        source="resources_of",
    )


RESOURCES: tuple[Endpoint, ...] = (
    Endpoint("getAllResources", "/resources", "resource", "list", RESOURCES_CORE, service="resources", cert=True),
    Endpoint(
        "getResource", "/resources/{sourcedId}", "resource", "single", RESOURCES_CORE, service="resources", cert=True
    ),
    _resources_of("getResourcesForClass", "/classes/{class}/resources", "class"),
    _resources_of("getResourcesForCourse", "/courses/{course}/resources", "course"),
    _resources_of("getResourcesForUser", "/users/{user}/resources", "user", since=12),
)

ENDPOINTS: tuple[Endpoint, ...] = (*ROSTERING, *RESOURCES)

# The single endpoint a parent in a path must pass: {school} is an org that /schools/{sourcedId} would answer.
PARENTS: dict[str, Endpoint] = {
    name: next(each for each in ENDPOINTS if each.operation == operation)
    for name, operation in (
        ("school", "getSchool"),
        ("class", "getClass"),
        ("course", "getCourse"),
        ("student", "getStudent"),
        ("teacher", "getTeacher"),
        ("term", "getTerm"),
        ("user", "getUser"),
    )
}
