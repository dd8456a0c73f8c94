"""What vendors send as results of a grading task becomes posted grades (campus rules 6.2)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

import orjson

from connections.grants import Grant
from gradebook import rules
from gradebook.grading import Line
from gradebook.models import GradingScaleRange, PostedGrade
from gradebook.reading.posted import GRADE, SCALE, SECTION_TASKS, parsed
from gradebook.reading.sources import published, student
from gradebook.receiving.batch import Batch
from gradebook.services import posted
from gradebook.services.posted import Draft, Grade, Item
from gradebook.structure import structures
from interop import statements
from interop.dates import district_day

Prepared = list[tuple[Draft, Grade, PostedGrade | None]]
# As for scores: the end of a roster entry is not past, or it is the calendar's last day.
_SITS = """EXISTS (
    SELECT 1 FROM roster_rosterentry e
    WHERE e.section_id = i.section AND e.person_id = person.id AND e.ended_at IS NULL AND (
        e.end_date IS NULL OR e.end_date >= %s::date OR e.end_date = i.last_day))"""


def prepare(batch: Batch, names: Mapping[int, str], parents: Mapping[str, str], now: dt.datetime) -> Prepared:
    """Return the grades of those places of a batch that name a grading task; `names` are the line items named."""
    today = district_day(now)
    found = _seats(batch.grant, batch, names, today)
    drafts: dict[tuple[Item, int], Draft] = {}
    for place, (item, person, sits) in found.items():
        if item is None:
            batch.note(place, rules.LINE_ITEM_UNKNOWN, "lineItem", id=names[place])
            continue
        if not _in_place(batch, place, item, names[place], parents):
            continue
        told = str(batch.sent[place].values.get("student", ""))
        if person is None:
            batch.note(place, rules.STUDENT_UNKNOWN, "student", id=told, section=item.section_id)
        elif not sits:
            batch.note(place, rules.STUDENT_ELSEWHERE, "student", id=told, section=item.section_id)
        elif (item, person) in drafts:
            batch.note(place, rules.TWICE, "student", id=told)
        else:
            drafts[item, person] = _draft(batch, place, item, person, told)
    if batch.several:
        _give_ids(batch, drafts)
    scales = _scales({item.scale for item, _ in drafts if item.scale})
    return posted.prepare(batch.owner, list(drafts.values()), scales, batch.notes, today)


def known(grant: Grant, sourced_id: str) -> bool:
    """Return whether a line item's id is that of a grading task which the grant sees."""
    if (named := parsed(sourced_id)) is None:
        return False
    taught, values = published(grant, "class", "c", "s.sourced_id")
    sql = f"SELECT 1 FROM roster_section s {taught} {SECTION_TASKS} WHERE s.id = %s::bigint AND p.sourced_id = %s::text"
    return bool(statements.prepared(sql, [*values, named[1], named[0]]))


def _seats(
    grant: Grant, batch: Batch, names: Mapping[int, str], today: dt.date
) -> dict[int, tuple[Item | None, int | None, bool]]:
    """Return the grading task and the student of each place, as far as they are known."""
    wanted = [
        {
            "place": place, "task": named[0], "section": named[1],
            "student": str(batch.sent[place].values.get("student", "")),
        }
        for place, name in names.items() if (named := parsed(name))
    ]  # fmt: skip
    taught, taught_values = published(grant, "class", "c", "s.sourced_id")
    enrolled, enrolled_values = student(grant, "u", "person.id")
    sql = f"""
        SELECT n.place, i.section, i.period, i.section_id, i.title, i.opens, i.closes, i.scale, person.id, {_SITS}
        FROM jsonb_to_recordset(%s::jsonb) AS n(place int, task text, section bigint, student text)
        LEFT JOIN LATERAL (
            SELECT s.id AS section, p.id AS period, s.sourced_id AS section_id, g.title, p.opens, p.closes,
                o.id AS scale, coalesce(calendar.end_date, y.end_date, make_date(y.end_year, 12, 31)) AS last_day
            FROM roster_section s {taught}
            JOIN roster_calendar calendar ON calendar.id = s.calendar_id
            JOIN roster_schoolyear y ON y.id = calendar.school_year_id AND y.active
            {SECTION_TASKS} {SCALE}
            WHERE s.id = n.section AND p.sourced_id = n.task AND s.ended_at IS NULL AND s.active LIMIT 1
        ) i ON true
        LEFT JOIN LATERAL (
            SELECT person.id FROM roster_person person {enrolled} WHERE u.sourced_id = n.student LIMIT 1
        ) person ON true
    """
    rows = statements.prepared(sql, [today, orjson.dumps(wanted).decode(), *taught_values, *enrolled_values])
    return {row[0]: (Item(*row[1:8]) if row[1] is not None else None, row[8], row[9]) for row in rows}


def _in_place(batch: Batch, place: int, item: Item, name: str, parents: Mapping[str, str]) -> bool:
    """Return whether a grade may be there by the address and by what it says itself; else it is refused."""
    batch.places[place] = item.section
    values = batch.sent[place].values
    told = values.get("class", item.section_id)
    if values.get("lineItem", name) != name:
        batch.note(place, rules.LINE_ITEM_UNKNOWN, "lineItem", id=values["lineItem"])
    elif parents.get("class", item.section_id) != item.section_id:
        batch.note(place, rules.CLASS_OTHER, "lineItem", id=parents["class"], wanted=item.section_id)
    elif told != item.section_id:
        batch.note(place, rules.CLASS_OTHER, "class", id=told, wanted=item.section_id)
    elif not _in_session(item, parents.get("academicSession")):
        batch.note(place, rules.SESSION_OTHER, "lineItem", id=parents["academicSession"], wanted=item.section_id)
    else:
        return True
    return False


def _in_session(item: Item, wanted: str | None) -> bool:
    """Return whether the academic session of the address is one of the class."""
    if wanted is None:
        return True
    return any(each.sourced_id == wanted for each in structures([item.section])[item.section].sessions)


def _draft(batch: Batch, place: int, item: Item, person: int, student: str) -> Draft:
    """A percentage is the score; the letter is in metadata, or in the text score of 1.2."""
    values: Mapping[str, Any] = batch.sent[place].values
    letter = (values.get("metadata") or {}).get(GRADE) or values.get("textScore") or ""
    percent: Decimal | None = values.get("score")
    comment = values.get("comment", "")
    return Draft(place, batch.id_of(place), item, person, student, percent, str(letter).strip(), comment)


def _give_ids(batch: Batch, drafts: dict[tuple[Item, int], Draft]) -> None:
    """Posted lists get sourcedIds of ours; a student's grade keeps the one it has."""
    there = posted.live_ids(batch.owner, list(drafts))
    for (item, person), draft in drafts.items():
        batch.given[draft.place] = given = there.get((item.period, person)) or str(uuid4())
        drafts[item, person] = Draft(**{**draft.__dict__, "sourced_id": given})


def _scales(wanted: Collection[int]) -> dict[int, Sequence[Line]]:
    lines: dict[int, list[Line]] = defaultdict(list)
    for row in GradingScaleRange.objects.filter(scale__in=wanted).exclude(minimum=None):
        lines[row.scale_id].append(Line(row.minimum or Decimal(0), row.score))
    return dict(lines)
