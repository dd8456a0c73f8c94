"""What vendors send as results becomes scores, and posted grades where the line item is a grading task."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.utils import timezone

from gradebook import rules
from gradebook.reading.posted import parsed
from gradebook.receiving import posted
from gradebook.receiving.batch import Batch, remark, unique
from gradebook.receiving.references import LineItem, Seat, scales, seats_asked, seats_in
from gradebook.services import posted as posting
from gradebook.services.act import Act
from gradebook.services.results import Done
from gradebook.services.scores import Draft, put_scores
from gradebook.structure import structures
from gradebook.wire.result import STATUSES
from interop.dates import district_day
from interop.oneroster.resource import V1P1
from interop.statements import Question

BOOLEANS = {"late": "late", "missing": "missing", "incomplete": "incomplete"}
# What a score status sets (campus rules 6.1). 1.1 has no other way to say missing; 1.2 says it by its own field, and
# there "not submitted" is also what is not due yet.
FLAGS = {
    "exempt": "exempt",
    "partially graded": "incomplete",
    "submitted": "turned_in",
    "missing": "missing",
    "late": "late",
    "incomplete": "incomplete",
}
FLAGS_11 = {"not submitted": "missing"}
NO_FLAG = frozenset({"fully graded", "not submitted"})
ALL_FLAGS = ("late", "missing", "exempt", "incomplete", "turned_in")


def work(batch: Batch, act: Act, parents: Mapping[str, str]) -> Done:
    """Put the batch's scores; `parents` are the line item, class and academic session the address names."""
    now = timezone.now()
    remark(batch)
    unique(batch)
    [rows] = act.ask(*(batch.asks or questions(batch, parents, now)))
    found = seats_in(rows)
    items = {place: _item(batch, place, parents) for place, seat in found.items() if seat.item is None}
    tasks = {place: item for place, item in items.items() if parsed(item)}
    grades = posted.prepare(batch, tasks, parents, now) if tasks else []
    drafts = _drafts(batch, {place: seat for place, seat in found.items() if place not in tasks}, parents)
    done = put_scores(act, batch.owner, drafts, batch.notes, district_day(now))
    posting.store(act, batch.owner, grades, done)
    return done


def questions(batch: Batch, parents: Mapping[str, str], now: dt.datetime) -> list[Question]:
    """Return what the act asks first."""
    return [seats_asked(batch.grant, [_wanted(batch, place, parents) for place in range(len(batch.sent))], now)]


def _drafts(batch: Batch, found: Mapping[int, Seat], parents: Mapping[str, str]) -> list[Draft]:
    """Return the scores that may be stored as far as can be said by now; what may not is noted."""
    items = {place: seat.item for place, seat in found.items() if _in_place(batch, place, seat, parents)}
    _check_session(batch, items, parents)
    wanted = {str(sent.values["scoreScale"]) for sent in batch.sent if "scoreScale" in sent.values}
    usable = scales(batch.owner, wanted)
    drafts: dict[tuple[int, int], Draft] = {}
    for place, item in items.items():
        seat, name = found[place], _student(batch, place)
        if item is None:
            continue
        if seat.person is None:
            batch.note(place, rules.STUDENT_UNKNOWN, "student", id=name, section=item.section_id)
        elif not seat.sits:
            batch.note(place, rules.STUDENT_ELSEWHERE, "student", id=name, section=item.section_id)
        elif seat.taken:
            batch.note(place, rules.RESULT_MOVED, "lineItem", id=batch.sent[place].sourced_id)
        elif (item.id, seat.person) in drafts:
            batch.note(place, rules.TWICE, "student", id=name)
        else:
            if batch.several:  # a student's score in a line item keeps the sourcedId it has
                batch.given[place] = seat.before["sourced_id"] if seat.before else str(uuid4())
            drafts[item.id, seat.person] = _draft(batch, place, item, seat, usable)
    return list(drafts.values())


def _student(batch: Batch, place: int) -> str:
    return str(batch.sent[place].values.get("student", ""))


def _wanted(batch: Batch, place: int, parents: Mapping[str, str]) -> dict[str, Any]:
    own = None if batch.several else batch.sent[place].sourced_id
    return {"place": place, "id": own, "item": _item(batch, place, parents), "student": _student(batch, place)}


def _item(batch: Batch, place: int, parents: Mapping[str, str]) -> str:
    return parents.get("lineItem") or str(batch.sent[place].values.get("lineItem", ""))


def _in_place(batch: Batch, place: int, seat: Seat, parents: Mapping[str, str]) -> bool:
    """Return whether a result names a line item it may be in; else it is refused."""
    item, values = seat.item, batch.sent[place].values
    name = _item(batch, place, parents)
    if item is not None:
        batch.places[place] = item.section
    if item is None or values.get("lineItem", name) != name:
        batch.note(place, rules.LINE_ITEM_UNKNOWN, "lineItem", id=values.get("lineItem", name))
    elif item.owner != batch.owner:
        batch.note(place, rules.OWNER_OTHER, "lineItem", id=name)
    elif parents.get("class", item.section_id) != item.section_id:
        batch.note(place, rules.CLASS_OTHER, "lineItem", id=parents["class"], wanted=item.section_id)
    elif values.get("class", item.section_id) != item.section_id:
        batch.note(place, rules.CLASS_OTHER, "class", id=values["class"], wanted=item.section_id)
    else:
        return True
    return False


def _check_session(batch: Batch, items: Mapping[int, LineItem | None], parents: Mapping[str, str]) -> None:
    """The academic session of the address is one of the class."""
    wanted = parents.get("academicSession")
    if wanted is None:
        return
    known = structures({item.section for item in items.values() if item})
    for place, item in items.items():
        if item and all(session.sourced_id != wanted for session in known[item.section].sessions):
            batch.note(place, rules.SESSION_OTHER, "lineItem", id=wanted, wanted=item.section_id)


def _draft(batch: Batch, place: int, item: LineItem, seat: Seat, usable: Mapping[tuple[int, str], int]) -> Draft:
    values: Mapping[str, Any] = batch.sent[place].values
    wanted = values.get("scoreScale")
    scale = usable.get((item.section, wanted)) if wanted else None
    if wanted and scale is None:
        batch.note(place, rules.SCALE_UNKNOWN, "scoreScale", id=wanted, section=item.section_id)
    if values.get("textScore"):
        batch.note(place, rules.TEXT_NOT_GRADED, "textScore")
    if values.get("learningObjectiveSet"):
        batch.note(place, rules.OBJECTIVES_NOT_GRADED, "learningObjectiveSet")
    status, flags = _status(batch, place, values)
    return Draft(
        place=place,
        sourced_id=batch.id_of(place),
        assignment=item.id,
        section=item.section,
        person=seat.person or 0,
        student=_student(batch, place),
        score=values.get("score"),
        score_date=values.get("scoreDate"),
        status=status,
        flags=flags,
        text_score=values.get("textScore", ""),
        in_progress=values.get("inProgress"),
        comment=values.get("comment", ""),
        scale=scale,
        metadata=values.get("metadata"),
        objectives=values.get("learningObjectiveSet") or None,
        before=seat.before,
        other=seat.other,
    )


def _status(batch: Batch, place: int, values: Mapping[str, Any]) -> tuple[str, dict[str, bool]]:
    """Return the status as it is kept, and the flags it and the booleans set; an unknown one is passed over."""
    flags = dict.fromkeys(ALL_FLAGS, False)
    told = str(values.get("scoreStatus", ""))
    plain = told.removeprefix("ext:").strip().lower()
    older = batch.grant.version == V1P1
    flag = (FLAGS | FLAGS_11 if older else FLAGS).get(plain)
    if flag:
        flags[flag] = True
    elif told and plain not in NO_FLAG:
        batch.note(place, rules.STATUS_UNKNOWN, "scoreStatus", status=told[:100])
    for name, column in BOOLEANS.items():
        if name in values:
            flags[column] = values[name]
    return (plain if plain in STATUSES else told[:100] if told.startswith("ext:") else ""), flags
