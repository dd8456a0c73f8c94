"""The district's data in SIS words, and what is published of it."""

from roster.models.feed import AppliedPackage, FeedImport, FeedLimit, FeedPause, FeedSettings, FeedStep, FeedTrace
from roster.models.office import AccountRule, SchedulingFinal
from roster.models.people import Account, Demographics, DistrictAssignment, Enrollment, Person, Relationship
from roster.models.published import (
    Body,
    Edition,
    Frozen,
    Lost,
    MirrorEpoch,
    PastRecord,
    Pull,
    Record,
    RoleId,
    ServedScope,
    Touched,
    Withheld,
)
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
    "FeedImport", "FeedLimit", "FeedPause", "FeedSettings", "FeedStep", "FeedTrace", "Frozen", "GradeLevel", "Lost",
    "MirrorEpoch", "PastRecord", "Person", "Pull", "Record", "Relationship", "Resource", "RoleId", "RosterEntry",
    "ScheduleStructure", "SchedulingFinal", "School", "SchoolYear", "Section", "SectionStaff", "ServedScope",
    "SignIn", "Term", "Touched", "Withheld",
]  # fmt: skip
