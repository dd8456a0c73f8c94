"""Where every field of every table comes from: the one table behind import, export and docs/import.md.

A source is written `file.column` (a standard column), `file.metadata.interop.x` (a column of ours, which the export
also writes), `derived: …`, or `kept here` (no feed ever writes it).
"""

from dataclasses import replace
from functools import cache

from django.apps import apps

from interop.oneroster.csv import FILES, Column, columns
from roster.models import DistrictAssignment, Enrollment

PREFIX = "metadata.interop."
KEPT = "kept here"

SOURCES: dict[str, dict[str, str]] = {
    "District": {"sourced_id": "orgs.sourcedId", "name": "orgs.name", "identifier": "orgs.identifier"},
    "School": {
        "sourced_id": "orgs.sourcedId",
        "name": "orgs.name",
        "identifier": "orgs.identifier",
        "district": "derived: the one org of type district",
        "external_lms_exclude": "orgs.metadata.interop.externalLmsExclude",
    },
    "SchoolYear": {
        "sourced_id": "academicSessions.sourcedId",
        "title": "academicSessions.title",
        "start_year": "academicSessions.metadata.interop.startYear",
        "end_year": "academicSessions.schoolYear",
        "start_date": "academicSessions.startDate",
        "end_date": "academicSessions.endDate",
        "active": "academicSessions.metadata.interop.active",
    },
    "Calendar": {
        "sourced_id": "derived: school and school-year session, or orgs.metadata.interop.calendars",
        "school": "derived: school of the class or role",
        "school_year": "derived: school year of the class's terms; of a role: the active one",
        "start_date": "orgs.metadata.interop.calendars",
        "end_date": "orgs.metadata.interop.calendars",
        "external_lms_exclude": "orgs.metadata.interop.calendars",
    },
    "ScheduleStructure": {
        "sourced_id": "orgs.metadata.interop.calendars",
        "calendar": "orgs.metadata.interop.calendars",
        "name": "orgs.metadata.interop.calendars",
        "external_lms_exclude": "orgs.metadata.interop.calendars",
    },
    "GradeLevel": {
        "sourced_id": "derived: calendar and users.grades, or orgs.metadata.interop.calendars",
        "calendar": "derived: calendar of the enrollment",
        "schedule_structure": "orgs.metadata.interop.calendars",
        "local_grade": "derived: users.grades, or orgs.metadata.interop.calendars",
        "state_code": "orgs.metadata.interop.calendars",
        "nces_grade": "derived: users.grades, or orgs.metadata.interop.calendars",
        "external_lms_exclude": "orgs.metadata.interop.calendars",
    },
    "Term": {
        "sourced_id": "academicSessions.sourcedId",
        "title": "academicSessions.title",
        "kind": "academicSessions.type",
        "start_date": "academicSessions.startDate",
        "end_date": "academicSessions.endDate",
        "parent": "academicSessions.parentSourcedId",
        "school_year": "derived: the schoolYear session above it, or the one of the same schoolYear",
    },
    "Resource": {
        "sourced_id": "resources.sourcedId",
        "vendor_resource_id": "resources.vendorResourceId",
        "title": "resources.title",
        "roles": "resources.roles",
        "importance": "resources.importance",
        "vendor_id": "resources.vendorId",
        "application_id": "resources.applicationId",
    },
    "Person": {
        "sourced_id": "users.sourcedId",
        "given_name": "users.givenName",
        "family_name": "users.familyName",
        "middle_name": "users.middleName",
        "preferred_given_name": "users.preferredGivenName",
        "preferred_middle_name": "users.preferredMiddleName",
        "preferred_family_name": "users.preferredFamilyName",
        "pronouns": "users.pronouns",
        "local_id": "users.identifier",
        "state_id": "users.metadata.interop.stateId, or derived: a state id among users.userIds",
        "master_identifier": "users.userMasterIdentifier",
        "email": "users.email",
        "secondary_email": "users.metadata.interop.secondaryEmail",
        "other_phone": "users.phone",
        "cell_phone": "users.sms",
        "primary_school": "users.primaryOrgSourcedId",
        "external_lms_exclude": "users.metadata.interop.externalLmsExclude",
        "resources": "userResources.resourceSourcedId",
    },
    "Account": {
        "person": "users.sourcedId",
        "username": "users.username",
        "enabled": "users.enabledUser",
        "made_here": KEPT,
    },
    "Demographics": {
        "person": "demographics.sourcedId",
        "birth_date": "demographics.birthDate",
        "sex": "demographics.sex",
        "american_indian_or_alaska_native": "demographics.americanIndianOrAlaskaNative",
        "asian": "demographics.asian",
        "black_or_african_american": "demographics.blackOrAfricanAmerican",
        "native_hawaiian_or_other_pacific_islander": "demographics.nativeHawaiianOrOtherPacificIslander",
        "white": "demographics.white",
        "two_or_more_races": "demographics.demographicRaceTwoOrMoreRaces",
        "hispanic_or_latino": "demographics.hispanicOrLatinoEthnicity",
        "country_of_birth": "demographics.countryOfBirthCode",
        "state_of_birth": "demographics.stateOfBirthAbbreviation",
        "city_of_birth": "demographics.cityOfBirth",
        "public_school_residence_status": "demographics.publicSchoolResidenceStatus",
    },
    "Enrollment": {
        "sourced_id": "roles.sourcedId",
        "person": "roles.userSourcedId",
        "calendar": "derived: roles.orgSourcedId × school year, or roles.metadata.interop.calendarSourcedId",
        "grade_level": "derived: users.grades, or roles.metadata.interop.gradeLevelSourcedId",
        "service_type": "derived: roles.roleType, or roles.metadata.interop.serviceType",
        "start_date": "roles.beginDate",
        "end_date": "roles.endDate",
        "no_show": "roles.metadata.interop.noShow",
        "external_lms_exclude": "roles.metadata.interop.externalLmsExclude",
    },
    "DistrictAssignment": {
        "sourced_id": "roles.sourcedId",
        "person": "roles.userSourcedId",
        "school": "roles.orgSourcedId",
        "teacher": "derived: roles.role, or roles.metadata.interop.teacher",
        "roles": "derived: roles.role, or roles.metadata.interop.assignmentRoles",
        "administrative_role": "derived: roles.role, or roles.metadata.interop.administrativeRole",
        "start_date": "roles.beginDate",
        "end_date": "roles.endDate",
        "external_lms_exclude": "roles.metadata.interop.externalLmsExclude",
    },
    "Relationship": {
        "sourced_id": "derived: student and contact, or users.metadata.interop.relationships",
        "student": "derived: the student of users.agentSourcedIds",
        "contact": "derived: the other one of users.agentSourcedIds",
        "relationship_type": "users.metadata.interop.relationships",
        "guardian": "derived: a guardian or parent role, or users.metadata.interop.relationships",
        "portal": "derived: true, or users.metadata.interop.relationships",
        "start_date": "users.metadata.interop.relationships",
        "end_date": "users.metadata.interop.relationships",
    },
    "CourseMaster": {
        "sourced_id": "courses.metadata.interop.courseMasterSourcedId",
        "title": "courses.metadata.interop.courseMasterTitle",
        "number": "courses.metadata.interop.courseMasterNumber",
        "external_lms_exclude": "courses.metadata.interop.courseMasterExclude",
    },
    "Course": {
        "sourced_id": "courses.sourcedId",
        "course_master": "courses.metadata.interop.courseMasterSourcedId",
        "school": "courses.orgSourcedId",
        "school_year": "courses.schoolYearSourcedId",
        "title": "courses.title",
        "number": "courses.courseCode",
        "grades": "courses.grades",
        "subjects": "courses.subjects",
        "subject_codes": "courses.subjectCodes",
        "active": "courses.metadata.interop.active",
        "external_lms_exclude": "courses.metadata.interop.externalLmsExclude",
        "resources": "courseResources.resourceSourcedId",
    },
    "Section": {
        "sourced_id": "classes.sourcedId",
        "course": "classes.courseSourcedId",
        "calendar": "derived: classes.schoolSourcedId × school year of the terms, or "
        "classes.metadata.interop.calendarSourcedId",
        "title": "classes.title",
        "number": "classes.classCode",
        "homeroom": "classes.classType",
        "room": "classes.location",
        "grades": "classes.grades",
        "subjects": "classes.subjects",
        "subject_codes": "classes.subjectCodes",
        "periods": "classes.periods",
        "active": "classes.metadata.interop.active",
        "external_lms_exclude": "classes.metadata.interop.externalLmsExclude",
        "terms": "classes.termSourcedIds",
        "resources": "classResources.resourceSourcedId",
    },
    "SectionStaff": {
        "sourced_id": "enrollments.sourcedId",
        "section": "enrollments.classSourcedId",
        "person": "enrollments.userSourcedId",
        "kind": "derived: enrollments.role and enrollments.primary",
        "start_date": "enrollments.beginDate",
        "end_date": "enrollments.endDate",
    },
    "RosterEntry": {
        "sourced_id": "enrollments.sourcedId",
        "section": "enrollments.classSourcedId",
        "person": "enrollments.userSourcedId",
        "start_date": "enrollments.beginDate",
        "end_date": "enrollments.endDate",
    },
}


def own(text: str, **enums: tuple[str, ...]) -> tuple[Column, ...]:
    """Read a compact list of our columns; `enums` names the words a column may hold (a list if its kind is enums)."""
    found = columns(text)
    return tuple(
        replace(column, kind=column.kind if column.kind == "enums" else "enum", values=enums[column.name])
        if column.name in enums
        else column
        for column in found
    )


METADATA: dict[str, tuple[Column, ...]] = {
    "orgs": own("externalLmsExclude:boolean calendars:calendars endedAt:datetime"),
    "academicSessions": own(
        "startYear:year active:boolean blankDates endedAt:datetime", blankDates=("both", "start", "end")
    ),
    "users": own(
        "account:boolean stateId secondaryEmail externalLmsExclude:boolean relationships:relationships endedAt:datetime"
    ),
    "roles": own(
        "calendarSourcedId:id gradeLevelSourcedId:id serviceType noShow:boolean externalLmsExclude:boolean "
        "teacher:boolean assignmentRoles:enums administrativeRole endedAt:datetime",
        serviceType=tuple(Enrollment.ServiceType.values),
        assignmentRoles=tuple(DistrictAssignment.ROLES),
        administrativeRole=tuple(DistrictAssignment.ADMINISTRATIVE),
    ),
    "enrollments": own("endedAt:datetime"),
    "demographics": own("endedAt:datetime"),
    "resources": own("endedAt:datetime"),
    "courses": own(
        "active:boolean externalLmsExclude:boolean courseMasterSourcedId:id courseMasterTitle courseMasterNumber "
        "courseMasterExclude:boolean endedAt:datetime"
    ),
    "classes": own("active:boolean externalLmsExclude:boolean calendarSourcedId:id endedAt:datetime"),
}
# What 1.2 can say and 1.1 cannot travels in 1.1 as columns of ours: the roles and resources of people, and
# columns of 1.2 under their own names.
METADATA_11: dict[str, tuple[Column, ...]] = {"users": own("roles:roles resources:ids>resources")}
ONLY_IN_12: dict[str, tuple[str, ...]] = {
    "users": (
        "userMasterIdentifier", "preferredGivenName", "preferredMiddleName", "preferredFamilyName",
        "primaryOrgSourcedId", "pronouns",
    ),
    "demographics": ("sex",),
}  # fmt: skip


def own_columns(version: int, file: str) -> dict[str, tuple[str, Column]]:
    """Return our columns of a file in their order: header name → (name of the staged column, column)."""
    found = {PREFIX + column.name: (PREFIX + column.name, column) for column in METADATA.get(file, ())}
    if version == 11:
        found |= {PREFIX + column.name: (PREFIX + column.name, column) for column in METADATA_11.get(file, ())}
        standard = {column.name: column for column in FILES[12].get(file, ())}
        found |= {PREFIX + name: (name, replace(standard[name], required=False)) for name in ONLY_IN_12.get(file, ())}
    return found


@cache
def limits(file: str) -> dict[str, int]:
    """Return how many characters the fields fed by the file's columns hold, by column name."""
    found: dict[str, int] = {}
    for model, sources in SOURCES.items():
        meta = apps.get_model("roster", model)._meta
        for name, source in sources.items():
            head, _, column = source.partition(",")[0].partition(".")
            field = meta.get_field(name)
            length = getattr(getattr(field, "base_field", field), "max_length", None)
            if head == file and length:
                found[column] = min(length, found.get(column, length))
    return found
