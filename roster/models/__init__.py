"""The district's data in SIS words, and what is published of it."""

from roster.models.feed import AppliedPackage
from roster.models.office import AccountRule, SchedulingFinal
from roster.models.people import Account, Demographics, DistrictAssignment, Enrollment, Person, Relationship
from roster.models.published import Body, Edition, Frozen, Lost, Pull, Record, RoleId, ServedScope, Withheld
from roster.models.schedule import Course, CourseMaster, RosterEntry, Section, SectionStaff
from roster.models.settings import DistrictSettings
from roster.models.signin import ActivationCode, SignIn
from roster.models.structure import (
    Calendar,
    District,
    GradeLevel,
    Resource,
    ScheduleStructure,
    School,
    SchoolYear,
    Term,
)

__all__ = [
    "Account", "AccountRule", "ActivationCode", "AppliedPackage", "Body", "Calendar", "Course", "CourseMaster",
    "Demographics", "District", "DistrictAssignment", "DistrictSettings", "Edition", "Enrollment",
    "Frozen", "GradeLevel", "Lost", "Person", "Pull", "Record", "Relationship", "Resource", "RoleId", "RosterEntry",
    "ScheduleStructure", "SchedulingFinal", "School", "SchoolYear", "Section", "SectionStaff", "ServedScope",
    "SignIn", "Term", "Withheld",
]  # fmt: skip
