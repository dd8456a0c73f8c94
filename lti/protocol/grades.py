"""Assignment and Grade Services 2.0: line items, scores and results as documents, and what a tool's must look like."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from lti.protocol import review
from lti.protocol.moments import moment, written

LONGEST_LABEL, LONGEST_ID, LONGEST_COMMENT = 255, 255, 4000
MOST = Decimal(1_000_000)


class Malformed(Exception):
    """A document is not as the standard wants it; the sentence names the field."""


class Activity(Enum):
    """How far a student has come."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class Grading(Enum):
    """How far the grading has come; only what is fully graded is a score."""

    FULLY_GRADED = "FullyGraded"
    PENDING = "Pending"
    PENDING_MANUAL = "PendingManual"
    FAILED = "Failed"
    NOT_READY = "NotReady"


@dataclass(frozen=True)
class LineItem:
    """A line item as a tool wants it or as it is told."""

    label: str
    maximum: Decimal
    link: str = ""
    resource_id: str = ""
    tag: str = ""
    begins: dt.datetime | None = None
    ends: dt.datetime | None = None
    released: bool | None = None
    review: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Score:
    """What a tool says about one student's work. `given` None: there is no score now; it is never a zero."""

    user: str
    at: dt.datetime
    activity: Activity
    grading: Grading
    given: Decimal | None
    maximum: Decimal | None
    comment: str | None
    submitted_at: dt.datetime | None

    @property
    def is_final(self) -> bool:
        """Whether it is a score for the grade book."""
        return self.given is not None and self.grading is Grading.FULLY_GRADED

    @property
    def is_handed_in(self) -> bool:
        """Whether the student has handed in the work."""
        return self.activity in {Activity.SUBMITTED, Activity.COMPLETED}

    def scaled(self, most: Decimal) -> Decimal | None:
        """Return the score on a scale up to `most`; more than everything is more than `most`."""
        if self.given is None or not self.maximum:
            return None
        return self.given * most / self.maximum


def read_line_item(told: Any, *, loopback: bool = False) -> LineItem:
    """Return the line item of a request. Raises Malformed."""
    document = _document(told)
    label = _text(document, "label", LONGEST_LABEL)
    if not label.strip():
        raise Malformed("label is missing.")
    most = _number(document, "scoreMaximum")
    if most is None or not 0 < most <= MOST:
        raise Malformed(f"scoreMaximum must be a number over 0, at most {MOST:,}.")
    released = document.get("gradesReleased")
    if not isinstance(released, bool | None):
        raise Malformed("gradesReleased must be true or false.")
    return LineItem(
        label, most, _text(document, "resourceLinkId", LONGEST_ID), _text(document, "resourceId", LONGEST_ID),
        _text(document, "tag", LONGEST_ID), _moment(document, "startDateTime"), _moment(document, "endDateTime"),
        released, review.read(document.get("submissionReview"), loopback=loopback),
    )  # fmt: skip


def line_item(url: str, item: LineItem) -> dict[str, Any]:
    """Return a line item as it is told."""
    told = {
        "id": url, "label": item.label, "scoreMaximum": number(item.maximum), "resourceLinkId": item.link,
        "resourceId": item.resource_id, "tag": item.tag, "startDateTime": written(item.begins),
        "endDateTime": written(item.ends), "gradesReleased": item.released,
        "submissionReview": dict(item.review) if item.review else None,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value not in ("", None)}


def read_score(told: Any) -> Score:
    """Return the score of a request. Raises Malformed."""
    document = _document(told)
    user, at = _text(document, "userId", LONGEST_ID), _moment(document, "timestamp")
    if not user or at is None:
        raise Malformed("userId and timestamp are needed.")
    try:
        activity = Activity(document.get("activityProgress"))
        grading = Grading(document.get("gradingProgress"))
    except ValueError as error:
        raise Malformed("activityProgress and gradingProgress must be words of the standard.") from error
    given, most = _number(document, "scoreGiven"), _number(document, "scoreMaximum")
    if given is not None and (most is None or most <= 0):
        raise Malformed("scoreGiven needs a scoreMaximum over 0.")
    if given is not None and not 0 <= given <= MOST:
        raise Malformed(f"scoreGiven must be a number from 0 to {MOST:,}.")
    comment = _text(document, "comment", LONGEST_COMMENT, cut=True) if document.get("comment") is not None else None
    submission = document.get("submission")
    submitted = _moment(submission, "submittedAt") if isinstance(submission, Mapping) else None
    return Score(user, at, activity, grading, given, most, comment, submitted)


def result(url: str, *, of: str, user: str, score: Decimal, most: Decimal, comment: str) -> dict[str, Any]:
    """Return a result as it is told."""
    told = {
        "id": url, "scoreOf": of, "userId": user, "resultScore": number(score), "resultMaximum": number(most),
    }  # fmt: skip
    return told | ({"comment": comment} if comment else {})


def number(value: Decimal) -> int | float:
    """Return a number as JSON writes it: whole ones without a point."""
    return int(value) if value == value.to_integral_value() else float(value)


def _document(told: Any) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise Malformed("The body must be a JSON object.")
    return told


def _text(document: Mapping[str, Any], name: str, longest: int, *, cut: bool = False) -> str:
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value or (len(value) > longest and not cut):
        raise Malformed(f"{name} must be a text of at most {longest} characters.")
    return value[:longest]


def _number(document: Mapping[str, Any], name: str) -> Decimal | None:
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Malformed(f"{name} must be a number.")
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise Malformed(f"{name} must be a number.") from error
    if not found.is_finite() or abs(found) > MOST * MOST:
        raise Malformed(f"{name} is too large.")
    return found


def _moment(document: Mapping[str, Any], name: str) -> dt.datetime | None:
    value = document.get(name)
    if value is None:
        return None
    found = moment(value)
    if found is None:
        raise Malformed(f"{name} must be a moment with a time zone, such as 2026-09-01T08:00:00Z.")
    return found
