"""Where every field of every table comes from: the one table behind import, export and docs/import.md.

A source is written `file.column` (a standard column), `file.metadata.interop.x` (a column of ours, which the export
also writes), `derived: …`, or `kept here` (no feed ever writes it).
"""

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
        "school_year": "derived: school year of the class's terms, or of the role's dates",
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
        "state_id": "users.metadata.interop.stateId",
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

METADATA: dict[str, tuple[str, ...]] = {
    "orgs": ("externalLmsExclude", "calendars"),
    "academicSessions": ("startYear", "active", "blankDates"),
    "users": ("account", "stateId", "secondaryEmail", "externalLmsExclude", "relationships"),
    "roles": (
        "calendarSourcedId", "gradeLevelSourcedId", "serviceType", "noShow", "externalLmsExclude", "teacher",
        "assignmentRoles", "administrativeRole",
    ),
    "courses": (
        "active", "externalLmsExclude", "courseMasterSourcedId", "courseMasterTitle", "courseMasterNumber",
        "courseMasterExclude",
    ),
    "classes": ("active", "externalLmsExclude", "calendarSourcedId"),
}  # fmt: skip
BOOLEANS = frozenset(
    {"externalLmsExclude", "active", "account", "noShow", "teacher", "courseMasterExclude"}
)


def metadata_columns(file: str) -> list[str]:
    """Return our own columns of a file, in the order the export writes them."""
    return [PREFIX + name for name in METADATA.get(file, ())]
