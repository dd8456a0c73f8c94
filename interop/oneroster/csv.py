"""The files and columns of the OneRoster CSV binding, versions 1.1 and 1.2, declared once."""

from collections.abc import Iterator
from dataclasses import dataclass

SESSION_TYPES = ("gradingPeriod", "semester", "schoolYear", "term")
ORG_TYPES = ("department", "school", "district", "local", "state", "national")
CLASS_TYPES = ("homeroom", "scheduled")
ENROLLMENT_ROLES = ("administrator", "proctor", "student", "teacher")
ROLES_11 = ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher")
ROLES_12 = (
    "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor", "relative",
    "siteAdministrator", "student", "systemAdministrator", "teacher",
)  # fmt: skip
SCORE_STATUSES = ("exempt", "fully graded", "not submitted", "partially graded", "submitted")


@dataclass(frozen=True)
class Column:
    """One column. `kind`: text, id, ids, date, datetime, year, boolean, enum, enums, list, pairs, number.

    `target` names the file an id or ids column refers to; `open` vocabularies also take `ext:` values in 1.2.
    """

    name: str
    kind: str = "text"
    required: bool = False
    target: str = ""
    values: tuple[str, ...] = ()
    open: bool = False


def _columns(text: str, **special: Column) -> tuple[Column, ...]:
    """Read a compact list of columns: `name`, `name!` (required), `name:kind`, `name:id>file`."""
    columns = []
    for word in text.split():
        head, _, target = word.partition(">")
        name, _, kind = head.partition(":")
        plain, required = name.rstrip("!"), name.endswith("!")
        given = special.get(plain, Column(plain, kind or "text", target=target))
        columns.append(Column(plain, given.kind, required, given.target, given.values, given.open))
    return tuple(columns)


OPENING = _columns("sourcedId!:id status:enum dateLastModified:datetime")
MANIFEST = ("propertyName", "value")
MODES = ("absent", "bulk", "delta")

_CLASS = (
    "title! grades:list courseSourcedId!:id>courses classCode classType! location schoolSourcedId!:id>orgs "
    "termSourcedIds!:ids>academicSessions subjects:list subjectCodes:list periods:list"
)
_DEMOGRAPHICS = (
    "birthDate:date sex americanIndianOrAlaskaNative:boolean asian:boolean blackOrAfricanAmerican:boolean "
    "nativeHawaiianOrOtherPacificIslander:boolean white:boolean demographicRaceTwoOrMoreRaces:boolean "
    "hispanicOrLatinoEthnicity:boolean countryOfBirthCode stateOfBirthAbbreviation cityOfBirth "
    "publicSchoolResidenceStatus"
)
_ENROLLMENT = (
    "classSourcedId!:id>classes schoolSourcedId!:id>orgs userSourcedId!:id>users role! primary:boolean "
    "beginDate:date endDate:date"
)
_SHARED: dict[str, tuple[Column, ...]] = {
    "academicSessions": _columns(
        "title! type! startDate!:date endDate!:date parentSourcedId:id>academicSessions schoolYear!:year",
        type=Column("type", "enum", values=SESSION_TYPES, open=True),
    ),
    "classes": _columns(_CLASS, classType=Column("classType", "enum", values=CLASS_TYPES, open=True)),
    "classResources": _columns("title classSourcedId!:id>classes resourceSourcedId!:id>resources"),
    "courseResources": _columns("title courseSourcedId!:id>courses resourceSourcedId!:id>resources"),
    "courses": _columns(
        "schoolYearSourcedId:id>academicSessions title! courseCode grades:list orgSourcedId!:id>orgs subjects:list "
        "subjectCodes:list"
    ),
    "enrollments": _columns(_ENROLLMENT, role=Column("role", "enum", values=ENROLLMENT_ROLES, open=True)),
    "orgs": _columns(
        "name! type! identifier parentSourcedId:id>orgs", type=Column("type", "enum", values=ORG_TYPES, open=True)
    ),
    "resources": _columns(
        "vendorResourceId! title roles importance vendorId applicationId",
        roles=Column("roles", "enums", values=ROLES_11, open=True),
        importance=Column("importance", "enum", values=("primary", "secondary")),
    ),
}
_STATUS = Column("scoreStatus", "enum", values=SCORE_STATUSES, open=True)
_USER = (
    "userIds:pairs givenName! familyName! middleName identifier email sms phone agentSourcedIds:ids>users grades:list "
    "password"
)
_FILES_12: dict[str, tuple[Column, ...]] = {
    **_SHARED,
    "demographics": _columns(
        _DEMOGRAPHICS, sex=Column("sex", "enum", values=("male", "female", "unspecified", "other"), open=True)
    ),
    "categories": _columns("title! weight:number"),
    "lineItemLearningObjectiveIds": _columns("lineItemSourcedId!:id>lineItems source! learningObjectiveId!"),
    "lineItems": _columns(
        "title! description assignDate!:date dueDate!:date classSourcedId!:id>classes categorySourcedId!:id>categories "
        "academicSessionSourcedId!:id>academicSessions resultValueMin:number resultValueMax:number "
        "schoolSourcedId!:id>orgs"
    ),
    "lineItemScoreScales": _columns("title lineItemSourcedId!:id>lineItems scoreScaleSourcedId!:id>scoreScales"),
    "resultLearningObjectiveIds": _columns(
        "resultSourcedId!:id>results source! learningObjectiveId! score:number textScore"
    ),
    "results": _columns(
        "lineItemSourcedId!:id>lineItems studentSourcedId!:id>users scoreStatus! score:number scoreDate!:date comment "
        "textScore classSourcedId:id>classes inProgress:boolean incomplete:boolean late:boolean missing:boolean",
        scoreStatus=_STATUS,
    ),
    "resultScoreScales": _columns("title resultSourcedId!:id>results scoreScaleSourcedId!:id>scoreScales"),
    "roles": _columns(
        "userSourcedId!:id>users roleType! role! beginDate:date endDate:date orgSourcedId!:id>orgs "
        "userProfileSourcedId:id>userProfiles",
        roleType=Column("roleType", "enum", values=("primary", "secondary")),
        role=Column("role", "enum", values=ROLES_12, open=True),
    ),
    "scoreScales": _columns(
        "title! type! orgSourcedId!:id>orgs courseSourcedId!:id>courses classSourcedId!:id>classes "
        "scoreScaleValue!:pairs"
    ),
    "userProfiles": _columns(
        "userSourcedId!:id>users profileType! vendorId! applicationId description credentialType! username! password"
    ),
    "userResources": _columns(
        "userSourcedId!:id>users orgSourcedId:id>orgs classSourcedId:id>classes resourceSourcedId!:id>resources"
    ),
    "users": _columns(
        f"enabledUser!:boolean username! {_USER} userMasterIdentifier preferredGivenName preferredMiddleName "
        "preferredFamilyName primaryOrgSourcedId:id>orgs pronouns"
    ),
}
_FILES_11: dict[str, tuple[Column, ...]] = {
    **_SHARED,
    "demographics": _columns(_DEMOGRAPHICS, sex=Column("sex", "enum", values=("male", "female"))),
    "categories": _columns("title!"),
    "lineItems": _columns(
        "title! description assignDate!:date dueDate!:date classSourcedId!:id>classes categorySourcedId!:id>categories "
        "gradingPeriodSourcedId!:id>academicSessions resultValueMin!:number resultValueMax!:number"
    ),
    "results": _columns(
        "lineItemSourcedId!:id>lineItems studentSourcedId!:id>users scoreStatus! score:number scoreDate!:date comment",
        scoreStatus=_STATUS,
    ),
    "users": _columns(
        f"enabledUser!:boolean orgSourcedIds!:ids>orgs role! username! {_USER}",
        role=Column("role", "enum", values=ROLES_11),
    ),
}
FILES: dict[int, dict[str, tuple[Column, ...]]] = {
    version: {name: OPENING + columns for name, columns in sorted(files.items())}
    for version, files in ((11, _FILES_11), (12, _FILES_12))
}
VERSION_NAMES = {11: "1.1", 12: "1.2"}


def header(version: int, file: str) -> list[str]:
    """Return the standard columns of a file in their order."""
    return [column.name for column in FILES[version][file]]


def known_drifts(version: int, file: str) -> Iterator[tuple[list[str], str]]:
    """Yield other headers that real packages carry, with a sentence that says what they are."""
    if version == 12 and file == "users":
        names = header(version, file)
        at = names.index("password")
        yield (
            [*names[:at], "resourceSourcedIds", *names[at:]],
            "users.csv has the column resourceSourcedIds of the first 1.2 binding; it is ignored",
        )
