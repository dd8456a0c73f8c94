"""Line items and scores of tools (Assignment and Grade Services), by the grade book's own services.

A tool's score is entered like a teacher's, under the application's name. What a teacher entered later stands until the
tool tells a score that is newer still; work that was handed in without a score is marked as turned in, never as a zero.
"""

import datetime as dt
from collections.abc import Collection
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import uuid4

from django.db.models import QuerySet

from gradebook.alignment import setups
from gradebook.models import Assignment, Score
from gradebook.rules import Notes
from gradebook.services.act import Act, acting
from gradebook.services.assignments import ASSIGNMENTS, Draft, delete_assignment, put_assignments
from gradebook.services.numbers import BELOW, STEP
from gradebook.teaching.assigning import LAST_MOMENT
from gradebook.teaching.scoring import Entry, enter, flags_of
from interop.dates import district_day, zone
from lti.models import LineItem, ResourceLink, Tool, ToolScore
from lti.offering import line_items_of
from lti.protocol import grades
from lti.protocol.grades import Malformed

AHEAD = dt.timedelta(minutes=10)
"""How far a tool's clock may be before ours."""


class Older(Exception):
    """A score of this moment, or of a later one, is there already."""


class NotTheirs(Exception):
    """The tool may not change this: a teacher made the assignment."""


class NotALearner(Exception):
    """The person does not sit in the section as a student."""


def told(item: LineItem) -> grades.LineItem:
    """Return a line item as it is told: title and points are the assignment's."""
    work = item.assignment
    return grades.LineItem(
        work.title, most_of(item), item.link.guid if item.link else "", item.resource_id, item.tag, item.begins_at,
        item.ends_at, item.released, item.review,
    )  # fmt: skip


def most_of(item: LineItem) -> Decimal:
    """Return the scale on which scores are told: the assignment's points, or the tool's own where it has none."""
    return Decimal(item.assignment.points) if item.assignment.points else item.maximum


def create(tool: Tool, section: int, wanted: grades.LineItem, now: dt.datetime) -> LineItem:
    """Make an assignment for a tool. Raises LookupError for a link that is not its own, Refused by the grade book."""
    link = None
    if wanted.link:
        link = ResourceLink.objects.filter(tool=tool, section=section, guid=wanted.link).first()
        if link is None:
            raise LookupError
    with acting(tool.application.name, alone=f"lti {tool.pk} {section}") as act:
        sourced_id = str(uuid4())
        _put(act, tool, section, sourced_id, wanted, now)
        return LineItem.objects.create(
            tool=tool, assignment=Assignment.objects.get(sourced_id=sourced_id), link=link, maximum=wanted.maximum,
            resource_id=wanted.resource_id, tag=wanted.tag, begins_at=wanted.begins, ends_at=wanted.ends,
            released=wanted.released, review=wanted.review, made_by_tool=True,
        )  # fmt: skip


def change(item: LineItem, wanted: grades.LineItem, now: dt.datetime) -> LineItem:
    """Change a line item; title, points and dates only of what the tool made itself. Raises LookupError, Refused."""
    if wanted.link and (item.link is None or wanted.link != item.link.guid):
        raise LookupError
    with acting(item.tool.application.name, alone=f"lti {item.tool_id} {item.assignment.section_id}") as act:
        item.resource_id, item.tag, item.released = wanted.resource_id, wanted.tag, wanted.released
        item.review = wanted.review
        if item.made_by_tool:
            item.begins_at, item.ends_at, item.maximum = wanted.begins, wanted.ends, wanted.maximum
            _put(act, item.tool, item.assignment.section_id, item.assignment.sourced_id, wanted, now)
        item.save()
    return line_items_of(item.tool, item.assignment.section_id).get(pk=item.pk)


def delete(item: LineItem) -> None:
    """Delete an assignment the tool made, with its scores. Raises NotTheirs."""
    if not item.made_by_tool:
        raise NotTheirs
    with acting(item.tool.application.name) as act:
        delete_assignment(act, ASSIGNMENTS.locked([item.assignment.sourced_id])[item.assignment.sourced_id])
        item.delete()


def put_score(item: LineItem, person: int, score: grades.Score, now: dt.datetime) -> ToolScore:
    """Keep what the tool says and enter what is a score. Raises Older, Malformed."""
    if score.at > now + AHEAD:
        raise Malformed("timestamp is in the future.")
    final = _fitted(score.scaled(most_of(item))) if score.is_final else None
    with acting(item.tool.application.name, alone=f"lti {item.pk} {person}") as act:
        record = ToolScore.objects.filter(line_item=item, person=person).first()
        if record is not None and score.at <= record.told_at:
            raise Older
        record = record or ToolScore(line_item=item, person_id=person)
        newest = _newest(item, person)
        by_others = newest is not None and newest.modified != record.entered_at
        record.overridden = bool(newest and by_others and score.at <= newest.modified)
        _keep(record, score, now)
        told = not record.overridden and (score.is_final or not by_others)
        if told and item.assignment.points is not None:
            entry = _entry(score, final, newest)
            enter(act, item.assignment, {person: entry}, district_day(score.submitted_at or score.at))
            newest = _newest(item, person)
            record.entered_at = newest.modified if newest else None
        record.save()
    return record


def results(item: LineItem, people: Collection[int]) -> QuerySet[Score]:
    """Return the grade book's scores of these people in a line item, whoever entered them."""
    found = Score.objects.filter(assignment=item.assignment, person__in=people, deleted_at=None)
    return found.exclude(score=None).order_by("pk")


def _newest(item: LineItem, person: int) -> Score | None:
    """Return the student's score as it is, or as it was before somebody took it away."""
    return Score.objects.filter(assignment=item.assignment, person=person).order_by("-modified", "-pk").first()


def _keep(record: ToolScore, score: grades.Score, now: dt.datetime) -> None:
    record.told_at, record.received_at, record.submitted_at = score.at, now, score.submitted_at
    record.activity, record.grading = score.activity.value, score.grading.value
    record.given, record.maximum = score.given, score.maximum
    if score.comment is not None:
        record.comment = score.comment


def _entry(score: grades.Score, final: Decimal | None, newest: Score | None) -> Entry:
    """Return what is entered; without a final score the tool's own goes. Flags a teacher gave stay."""
    flags = set(flags_of(newest)) if newest is not None and newest.deleted_at is None else set()
    if score.is_handed_in:
        flags.add("turned_in")
    if score.is_handed_in or final is not None:
        flags.discard("missing")
    return Entry(final, frozenset(flags), score.comment)


def _fitted(number: Decimal | None) -> Decimal | None:
    """Return the score as the grade book stores it. Raises Malformed."""
    if number is not None and not number < BELOW:
        raise Malformed("The score is too large.")
    return None if number is None else number.quantize(STEP, ROUND_HALF_EVEN)


def _put(act: Act, tool: Tool, section: int, sourced_id: str, wanted: grades.LineItem, now: dt.datetime) -> None:
    """Write the tool's own assignment by the rules of synced ones; without an end it is due today."""
    setup = setups([section], district_day(now))
    structure = setup[section].structure
    day = min(max(district_day(now), structure.first), structure.last)
    due = wanted.ends or dt.datetime.combine(day, LAST_MOMENT, zone())
    draft = Draft(
        place=0, sourced_id=sourced_id, section=section, title=wanted.label, description="",
        assigned_at=wanted.begins, due_at=due, points=wanted.maximum, minimum=None,
    )  # fmt: skip
    put_assignments(act, tool.application_id, [draft], setup, Notes())
    act.settle()
