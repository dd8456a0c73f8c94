"""The rules of grade book sync: each is one named object with its source, a sentence and what to do about it.

A rule refuses what came, or only notes what was changed on the way. Answers, receipts and the pages read the same list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext, gettext_noop

SEED = "seeds/000, Considerations for Using Grade Book Sync"
CAMPUS = "campus rules 6.1"
POSTED = "campus rules 6.2"
MODELS = "campus rules 3"
STANDARD = "OneRoster"
OWNER = "the owner is the application"
NO_FACTS: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Rule:
    """What is looked at. Sentences name the facts of the case in braces."""

    name: str
    source: str
    sentence: str
    remedy: str = ""
    refuses: bool = False
    status: int = 422


class Note(NamedTuple):
    """A rule that spoke: about which field, with which facts."""

    rule: Rule
    field: str
    facts: Mapping[str, Any] = NO_FACTS

    @property
    def stored(self) -> dict[str, Any]:
        """The note as a receipt keeps it."""
        return {"rule": self.rule.name, "field": self.field, "facts": dict(self.facts)}


class Refused(Exception):
    """Nothing was stored. `notes` are the reasons by the place of the item in the request."""

    def __init__(self, notes: Mapping[int, list[Note]]) -> None:
        super().__init__("refused")
        self.notes = notes

    @property
    def status(self) -> int:
        """The HTTP status: 403 when that is all there is to say, else 422."""
        found = {note.rule.status for notes in self.notes.values() for note in notes if note.rule.refuses}
        return found.pop() if len(found) == 1 else 422


RULES: dict[str, Rule] = {}


def rule(name: str, source: str, sentence: str, remedy: str = "", *, refuses: bool = False, status: int = 422) -> Rule:
    """Declare a rule; it stands in RULES from then on."""
    made = RULES[name] = Rule(name, source, sentence, remedy, refuses, status)
    return made


def sentence(note: Mapping[str, Any]) -> str:
    """Return what a stored note says, in the reader's language."""
    return gettext(RULES[note["rule"]].sentence).format(**note["facts"])


def remedy(note: Mapping[str, Any]) -> str:
    """Return what to do about it; blank: nothing."""
    told = RULES[note["rule"]].remedy
    return gettext(told).format(**note["facts"]) if told else ""


UNREADABLE = rule(
    "unreadable", STANDARD, gettext_noop("The value cannot be read: {told}"),
    gettext_noop("The vendor has to send it as the API documentation says."), refuses=True,
)  # fmt: skip
CLASS_UNKNOWN = rule(
    "class.unknown", STANDARD,
    gettext_noop("No class {id} of the active school year is shared with this connection."),
    gettext_noop("Use a sourcedId from /classes; the class must be shared and its school enabled."), refuses=True,
)  # fmt: skip
CLASS_OTHER = rule(
    "class.other", STANDARD, gettext_noop("It belongs to the class {wanted}, not to {id}."),
    gettext_noop("Send the class the address or the line item names."), refuses=True,
)  # fmt: skip
SECTION_MOVED = rule(
    "class.moved",
    STANDARD,
    gettext_noop("The assignment belongs to another class; it cannot be moved."),
    gettext_noop("Delete it and put a new one."),
    refuses=True,
)
SCHOOL_OTHER = rule(
    "school.other", STANDARD, gettext_noop("The class belongs to the school {wanted}, not to {id}."),
    gettext_noop("Send the school of the class."), refuses=True,
)  # fmt: skip
SESSION_OTHER = rule(
    "session.other", STANDARD, gettext_noop("The academic session {id} is not one of the class {wanted}."),
    gettext_noop("Use a term of the class or a grading period below it."), refuses=True,
)  # fmt: skip
OWNER_OTHER = rule(
    "owner.other", OWNER, gettext_noop("{id} was not made by this application; only who made it may change it."),
    gettext_noop("Use sourcedIds of your own; they are unique in the district."), refuses=True, status=403,
)  # fmt: skip
DUE_MISSING = rule(
    "due.missing", SEED, gettext_noop("An assignment needs a due date, from {first} to {last}."),
    gettext_noop("Give it a due date within the terms of the class."), refuses=True,
)  # fmt: skip
DUE_OUTSIDE = rule(
    "due.outside", SEED,
    gettext_noop("The due date {day} is outside the terms of the class, which last from {first} to {last}."),
    gettext_noop("Move the due date to a day from {first} to {last}."), refuses=True,
)  # fmt: skip
POINTS_ROUNDED = rule(
    "points.rounded", SEED, gettext_noop("Points possible are whole: {sent} was rounded down to {stored}."),
    gettext_noop("Use whole points in the vendor's program."),
)  # fmt: skip
POINTS_NONE = rule(
    "points.none", SEED, gettext_noop("No points possible were sent, so the assignment is not graded."),
    gettext_noop("Give the assignment points in the vendor's program."),
)  # fmt: skip
POINTS_RANGE = rule(
    "points.range", SEED, gettext_noop("Points possible go from 0 to {most}."),
    gettext_noop("Change the points in the vendor's program."), refuses=True,
)  # fmt: skip
TITLE_CUT = rule("title.cut", CAMPUS, gettext_noop("The title was cut to {most} characters."))
TITLE_BLANK = rule(
    "title.blank", CAMPUS, gettext_noop("The title is blank."), gettext_noop("Give it a title."), refuses=True
)
NUMBER_CUT = rule("number.cut", STANDARD, gettext_noop("{sent} was rounded to {stored}."))
NUMBER_RANGE = rule(
    "number.range", STANDARD, gettext_noop("The number is too large to be stored."),
    gettext_noop("Send a number below {most}."), refuses=True,
)  # fmt: skip
DATE_CUT = rule("date.cut", STANDARD, gettext_noop("The time of day was left out; it is a date."))
FIELDS_IGNORED = rule("fields.ignored", STANDARD, gettext_noop("There is no place for {names}; passed over."))
CATEGORY_MISSING = rule(
    "category.missing", MODELS, gettext_noop("OneRoster 1.2 needs a category."),
    gettext_noop("Send one of /classes/{id}/categories, or a category of your own."), refuses=True,
)  # fmt: skip
CATEGORY_MARKER = rule(
    "category.marker", MODELS, gettext_noop("The category {id} only marks what has none; it cannot be given."),
    gettext_noop("Send a category of the class, or one of your own."), refuses=True,
)  # fmt: skip
CATEGORY_UNKNOWN = rule(
    "category.unknown", STANDARD, gettext_noop("There is no category {id} for this class."),
    gettext_noop("Send one of /classes/{section}/categories, or put a category of your own first."), refuses=True,
)  # fmt: skip
CATEGORY_PASSED = rule(
    "category.passed", MODELS, gettext_noop("There is no category {id} for this class; it stays uncategorized."),
    gettext_noop("A teacher aligns it under Uncategorized assignments."),
)  # fmt: skip
CATEGORY_UNMAPPED = rule(
    "category.unmapped", MODELS,
    gettext_noop("The vendor's category {title} is not one of the class; the assignment stays uncategorized."),
    gettext_noop("A teacher maps the category once, or aligns the assignment."),
)  # fmt: skip
CATEGORY_TWICE = rule(
    "category.twice", MODELS, gettext_noop("The vendor's category {title} is mapped to several of this class."),
    gettext_noop("A teacher aligns the assignment."),
)  # fmt: skip
CATEGORY_USED = rule(
    "category.used", "campus rules 6.4", gettext_noop("The category has assignments."),
    gettext_noop("Delete or move its assignments first."), refuses=True,
)  # fmt: skip
UNCATEGORIZED = rule(
    "category.none", MODELS, gettext_noop("No category was sent; the assignment is uncategorized."),
    gettext_noop("A teacher aligns it, or sets a default for the section."),
)  # fmt: skip
TASK_UNKNOWN = rule(
    "task.unknown", MODELS, gettext_noop("There is no grading task {id} in this class; looked for by the period."),
)  # fmt: skip
TASK_SEVERAL = rule(
    "task.several", MODELS, gettext_noop("Several grading tasks are possible: {titles}. It stays uncategorized."),
    gettext_noop("Name one by metadata.gradingTask, or a teacher aligns it."),
)  # fmt: skip
TASK_NONE = rule(
    "task.none", MODELS, gettext_noop("No grading task of the class is in the period of the due date."),
    gettext_noop("Set up a grading task for the period, or a teacher aligns it."),
)  # fmt: skip
PERIOD_OTHER = rule(
    "period.other", MODELS, gettext_noop("The grading period {id} is not one of the class; the due date decides."),
)  # fmt: skip
SCALE_UNKNOWN = rule(
    "scale.unknown", STANDARD, gettext_noop("There is no score scale {id} in this class."),
    gettext_noop("Send one of /classes/{section}/scoreScales, or put one of your own first."), refuses=True,
)  # fmt: skip
LINE_ITEM_UNKNOWN = rule(
    "lineItem.unknown", CAMPUS, gettext_noop("There is no line item {id}."),
    gettext_noop("Put the line item first, then its results."), refuses=True,
)  # fmt: skip
STUDENT_UNKNOWN = rule(
    "student.unknown", CAMPUS, gettext_noop("No student {id} is shared with this connection."),
    gettext_noop("Use a sourcedId from /classes/{section}/students."), refuses=True,
)  # fmt: skip
STUDENT_ELSEWHERE = rule(
    "student.elsewhere", CAMPUS, gettext_noop("The student {id} is not enrolled in the class {section}."),
    gettext_noop("Read the enrollments of the class again."), refuses=True,
)  # fmt: skip
RESULT_SECOND = rule(
    "result.second", CAMPUS, gettext_noop("The student {id} has the result {other} in this line item already."),
    gettext_noop("Update that one, or delete it first."), refuses=True,
)  # fmt: skip
RESULT_MOVED = rule(
    "result.moved", STANDARD, gettext_noop("The result {id} belongs to another line item or student."),
    gettext_noop("Use a new sourcedId; delete the result if it is wrong."), refuses=True,
)  # fmt: skip
WINDOW_NONE = rule(
    "window.none", POSTED, gettext_noop("No grading window is set for {task}; its grades cannot be posted."),
    gettext_noop("The district sets the days on which grades are posted."), refuses=True,
)  # fmt: skip
WINDOW_CLOSED = rule(
    "window.closed", POSTED,
    gettext_noop("The grading window of {task} is closed; grades are posted from {first} to {last}."),
    gettext_noop("Post within the window, or ask the district to open it."), refuses=True,
)  # fmt: skip
POSTED_HERE = rule(
    "posted.here", SEED, gettext_noop("The district has posted the grade of {id} itself; it stays."),
    gettext_noop("A teacher changes it under Post grades."), refuses=True,
)  # fmt: skip
POSTED_NOTHING = rule(
    "posted.nothing", POSTED, gettext_noop("There is neither a percentage nor a score."),
    gettext_noop("Send score as a percentage, or metadata.ext_infiniteCampus_scoreGrade, or both."), refuses=True,
)  # fmt: skip
POSTED_UNKNOWN = rule(
    "posted.unknown", POSTED, gettext_noop("{sent} is not a score of the grading scale, which has {known}."),
    gettext_noop("Send one of its scores, or a percentage as well."), refuses=True,
)  # fmt: skip
POSTED_NO_SCALE = rule(
    "posted.no_scale", POSTED, gettext_noop("The grading task has no scale, so the percentage has no score."),
    gettext_noop("The district or the teacher chooses a grading scale under Grade calculation."),
)  # fmt: skip
TWICE = rule(
    "item.twice", STANDARD, gettext_noop("{id} is in the request twice."), gettext_noop("Send it once."), refuses=True
)
STATUS_UNKNOWN = rule(
    "status.unknown", CAMPUS, gettext_noop("The score status {status} sets no flag here; passed over."),
)  # fmt: skip
TEXT_NOT_GRADED = rule(
    "text.not_graded", SEED, gettext_noop("The text score is kept and returned, not graded; grades need numbers."),
    gettext_noop("Send a numeric score as well."),
)  # fmt: skip
OBJECTIVES_NOT_GRADED = rule(
    "objectives.not_graded", SEED, gettext_noop("Learning objectives are kept and returned, not graded."),
)  # fmt: skip
OBJECT_UNKNOWN = rule("object.unknown", STANDARD, gettext_noop("There is no {kind} {id}."), refuses=True, status=404)
CHANGES = frozenset({POINTS_ROUNDED.name, TITLE_CUT.name, NUMBER_CUT.name, DATE_CUT.name, FIELDS_IGNORED.name})
"""Rules after which something else is stored than what came."""


class Notes:
    """What the rules said of each item of a request, by its place."""

    def __init__(self) -> None:
        self.by_place: dict[int, list[Note]] = {}

    def add(self, place: int, rule: Rule, field: str, **facts: Any) -> None:
        """Let a rule speak."""
        self.by_place.setdefault(place, []).append(Note(rule, field, facts))

    def of(self, place: int) -> list[Note]:
        """Return what was said of an item."""
        return self.by_place.get(place, [])

    def refused(self, place: int) -> bool:
        """Return whether an item is refused."""
        return any(note.rule.refuses for note in self.of(place))

    def check(self) -> None:
        """Raise Refused when any item is."""
        if any(self.refused(place) for place in self.by_place):
            raise Refused({place: notes for place, notes in self.by_place.items() if self.refused(place)})
