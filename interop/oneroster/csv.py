"""The files and columns of the OneRoster CSV binding, versions 1.1 and 1.2, declared once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

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

    `target` names the file an id or ids column refers to; `open` vocabularies also take `ext:` values in 1.2;
    `limit` is how many characters a text (an item of a list) may have, 0 for any number.
    """

    name: str
    kind: str = "text"
    required: bool = False
    target: str = ""
    values: tuple[str, ...] = ()
    open: bool = False
    limit: int = 0


def columns(text: str, **special: Column) -> tuple[Column, ...]:
    """Read a compact list of columns: `name`, `name!` (required), `name:kind`, `name:id>file`."""
    found = []
    for word in text.split():
        head, _, target = word.partition(">")
        name, _, kind = head.partition(":")
        plain, required = name.rstrip("!"), name.endswith("!")
        given = special.get(plain, Column(plain, kind or "text", target=target))
        found.append(replace(given, name=plain, required=required))
    return tuple(found)


OPENING = columns("sourcedId!:id status:enum dateLastModified:datetime")
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
    "academicSessions": columns(
        "title! type! startDate!:date endDate!:date parentSourcedId:id>academicSessions schoolYear!:year",
        type=Column("type", "enum", values=SESSION_TYPES, open=True),
    ),
    "classes": columns(_CLASS, classType=Column("classType", "enum", values=CLASS_TYPES, open=True)),
    "classResources": columns("title classSourcedId!:id>classes resourceSourcedId!:id>resources"),
    "courseResources": columns("title courseSourcedId!:id>courses resourceSourcedId!:id>resources"),
    "courses": columns(
        "schoolYearSourcedId:id>academicSessions title! courseCode grades:list orgSourcedId!:id>orgs subjects:list "
        "subjectCodes:list"
    ),
    "enrollments": columns(_ENROLLMENT, role=Column("role", "enum", values=ENROLLMENT_ROLES, open=True)),
    "orgs": columns(
        "name! type! identifier parentSourcedId:id>orgs", type=Column("type", "enum", values=ORG_TYPES, open=True)
    ),
    "resources": columns(
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
    "demographics": columns(
        _DEMOGRAPHICS, sex=Column("sex", "enum", values=("male", "female", "unspecified", "other"), open=True)
    ),
    "categories": columns("title! weight:number"),
    "lineItemLearningObjectiveIds": columns("lineItemSourcedId!:id>lineItems source! learningObjectiveId!"),
    "lineItems": columns(
        "title! description assignDate!:date dueDate!:date classSourcedId!:id>classes categorySourcedId!:id>categories "
        "academicSessionSourcedId!:id>academicSessions resultValueMin:number resultValueMax:number "
        "schoolSourcedId!:id>orgs"
    ),
    "lineItemScoreScales": columns("title lineItemSourcedId!:id>lineItems scoreScaleSourcedId!:id>scoreScales"),
    "resultLearningObjectiveIds": columns(
        "resultSourcedId!:id>results source! learningObjectiveId! score:number textScore"
    ),
    "results": columns(
        "lineItemSourcedId!:id>lineItems studentSourcedId!:id>users scoreStatus! score:number scoreDate!:date comment "
        "textScore classSourcedId:id>classes inProgress:boolean incomplete:boolean late:boolean missing:boolean",
        scoreStatus=_STATUS,
    ),
    "resultScoreScales": columns("title resultSourcedId!:id>results scoreScaleSourcedId!:id>scoreScales"),
    "roles": columns(
        "userSourcedId!:id>users roleType! role! beginDate:date endDate:date orgSourcedId!:id>orgs "
        "userProfileSourcedId:id>userProfiles",
        roleType=Column("roleType", "enum", values=("primary", "secondary")),
        role=Column("role", "enum", values=ROLES_12, open=True),
    ),
    "scoreScales": columns(
        "title! type! orgSourcedId!:id>orgs courseSourcedId!:id>courses classSourcedId!:id>classes "
        "scoreScaleValue!:pairs"
    ),
    "userProfiles": columns(
        "userSourcedId!:id>users profileType! vendorId! applicationId description credentialType! username! password"
    ),
    "userResources": columns(
        "userSourcedId!:id>users orgSourcedId:id>orgs classSourcedId:id>classes resourceSourcedId!:id>resources"
    ),
    "users": columns(
        f"enabledUser!:boolean username! {_USER} userMasterIdentifier preferredGivenName preferredMiddleName "
        "preferredFamilyName primaryOrgSourcedId:id>orgs pronouns"
    ),
}
_FILES_11: dict[str, tuple[Column, ...]] = {
    **_SHARED,
    "demographics": columns(_DEMOGRAPHICS, sex=Column("sex", "enum", values=("male", "female"))),
    "categories": columns("title!"),
    "lineItems": columns(
        "title! description assignDate!:date dueDate!:date classSourcedId!:id>classes categorySourcedId!:id>categories "
        "gradingPeriodSourcedId!:id>academicSessions resultValueMin!:number resultValueMax!:number"
    ),
    "results": columns(
        "lineItemSourcedId!:id>lineItems studentSourcedId!:id>users scoreStatus! score:number scoreDate!:date comment",
        scoreStatus=_STATUS,
    ),
    "users": columns(
        f"enabledUser!:boolean orgSourcedIds!:ids>orgs role! username! {_USER}",
        role=Column("role", "enum", values=ROLES_11),
    ),
}


def _opening(file: str) -> tuple[Column, ...]:
    """Return the first three columns; the sourcedId of demographics is that of their person."""
    return (replace(OPENING[0], target="users"), *OPENING[1:]) if file == "demographics" else OPENING


FILES: dict[int, dict[str, tuple[Column, ...]]] = {
    version: {name: _opening(name) + own for name, own in sorted(files.items())}
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
