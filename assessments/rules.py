"""The rules of assessments sync; they stand in the same list as those of the grade book."""

from functools import partial

from django.utils.translation import gettext_noop

from gradebook.rules import OWNER, STANDARD, Note, rule

SEED = "seeds/000, Considerations for Using Assessments Sync"


_rule = partial(rule, refuses=True)


PARENT_MISSING = _rule(
    "assessment.parent", SEED,
    gettext_noop("The parent assessment {id} is missing; this one waits under Unmatched results."),
    gettext_noop("Send the parent; what waits is stored as soon as it arrives. Send parents first next time."),
)  # fmt: skip
TEST_MISSING = _rule(
    "assessment.test", SEED,
    gettext_noop("The assessment {id} is missing; the score waits under Unmatched results."),
    gettext_noop("Send the assessment; what waits is stored as soon as it arrives. Send assessments first next time."),
)  # fmt: skip
STUDENT_MISSING = _rule(
    "assessment.student", SEED,
    gettext_noop("No student {id} is shared with this connection; the score waits under Unmatched results."),
    gettext_noop("Use a sourcedId from /students. What waits is stored when the student is shared."),
)  # fmt: skip
STUDENT_PAST = _rule(
    "assessment.student.past", SEED,
    gettext_noop(
        "The OneRoster API cannot be used to import historical assessment data:"
        " the student {id} is not enrolled in the current school year."
    ),
    gettext_noop("The district can import scores of earlier years as a file in Test setup."),
)  # fmt: skip
DATE_PAST = _rule(
    "assessment.date.past", SEED,
    gettext_noop(
        "The OneRoster API cannot be used to import historical assessment data:"
        " {day} is before the current school year, which is counted from {first}."
    ),
    gettext_noop("The district can import scores of earlier years as a file in Test setup."),
)  # fmt: skip
BOUNDS = _rule(
    "assessment.bounds", STANDARD, gettext_noop("{score} is outside its scale, from {low} to {high}."),
    gettext_noop("Send a score inside the scale, or change the scale of the assessment first."),
)  # fmt: skip
BOUNDS_CROSSED = _rule(
    "assessment.bounds.crossed", STANDARD, gettext_noop("The lowest value, {low}, is above the highest, {high}."),
    gettext_noop("Send a resultValueMin that is not above resultValueMax."),
)  # fmt: skip
LEVEL_UNKNOWN = _rule(
    "assessment.level", STANDARD, gettext_noop("{text} is not in the score scale {id}, which has {names}."),
    gettext_noop("Send a performance level of the scale, or leave the scale out."),
)  # fmt: skip
SCALE_UNKNOWN = _rule(
    "assessment.scale", STANDARD, gettext_noop("There is no score scale {id} of a class shared with this connection."),
    gettext_noop("Send one of /scoreScales, or put one of your own first."),
)  # fmt: skip
TOO_DEEP = _rule(
    "assessment.deep", SEED, gettext_noop("Assessments have three levels: parent, child and grandchild."),
    gettext_noop("Put it below a parent or a child."),
)  # fmt: skip
BELOW_ITSELF = _rule(
    "assessment.below", STANDARD, gettext_noop("An assessment cannot be below itself."),
    gettext_noop("Send another parent, or none."),
)  # fmt: skip
ELSEWHERE = _rule(
    "assessment.elsewhere", OWNER,
    gettext_noop("The assessment {id} belongs to a class that is not shared with this connection."),
    gettext_noop("Use the connection that has the school of the class."), status=403,
)  # fmt: skip
LOCAL_PARTS = _rule(
    "assessment.local", OWNER, gettext_noop("The district has scores or parts of its own in this assessment."),
    gettext_noop("The district has to remove them first."),
)  # fmt: skip
NO_NUMBER = _rule(
    "assessment.number", STANDARD, gettext_noop("It is no number; it is kept and not shown as a score."),
    refuses=False,
)  # fmt: skip
WAITING = {PARENT_MISSING.name: "assessmentLineItem", TEST_MISSING.name: "assessmentLineItem",
           STUDENT_MISSING.name: "user"}  # fmt: skip
"""The rules after which a request is kept, and what it waits for."""


def awaited(notes: list[Note]) -> tuple[str, str] | None:
    """Return the kind and sourcedId of what is missing; None: nothing is, or more is wrong than that."""
    refusing = [note for note in notes if note.rule.refuses]
    if not refusing or any(note.rule.name not in WAITING for note in refusing):
        return None
    return WAITING[refusing[0].rule.name], str(refusing[0].facts["id"])
