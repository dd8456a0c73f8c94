"""Who is visible, and why not: named rules, applied in bulk by the publisher and singly by `explain`."""

from roster.visibility.core import Effect, Moment, Rule, flipping, judge, meets, own_rules, passing, with_effect
from roster.visibility.rules import (
    ADMINISTRATOR,
    AIDE,
    CALENDAR,
    CONTACT,
    COURSE,
    GUARDIAN,
    RELATIVE,
    ROSTER_ENTRY,
    SCHOOL,
    SECTION,
    SECTION_STAFF,
    STAFF,
    STUDENT,
    TEACHER,
    TERM,
    USER_11,
)

__all__ = [
    "ADMINISTRATOR", "AIDE", "CALENDAR", "CONTACT", "COURSE", "GUARDIAN", "RELATIVE", "ROSTER_ENTRY", "SCHOOL",
    "SECTION", "SECTION_STAFF", "STAFF", "STUDENT", "TEACHER", "TERM", "USER_11",
    "Effect", "Moment", "Rule", "flipping", "judge", "meets", "own_rules", "passing", "with_effect",
]  # fmt: skip
