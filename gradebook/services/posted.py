"""Posting final grades as a vendor: while the window of the grading task is open (campus rules 6.2)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from gradebook import grading, rules
from gradebook.grading import Line
from gradebook.models import PostedGrade, Score
from gradebook.rules import Notes
from gradebook.services.act import Act
from gradebook.services.numbers import fitted
from gradebook.services.results import Done

MOST_PERCENT = Decimal(100_000)
LONGEST_SCORE = 255


class Item(NamedTuple):
    """A grading task in a term, of one section: keys, the section's sourcedId, the task's name and its window."""

    section: int
    period: int
    section_id: str
    title: str
    opens: dt.date | None
    closes: dt.date | None
    scale: int | None


class Grade(NamedTuple):
    """What is stored of a grade."""

    percent: Decimal | None
    score: str
    comment: str


@dataclass(frozen=True)
class Draft:
    """A grade as a vendor wants it. `place` is its place in the request; both percent and score may be missing."""

    place: int
    sourced_id: str
    item: Item
    person: int
    student: str
    percent: Decimal | None
    score: str
    comment: str


def live_ids(owner: int, pairs: Sequence[tuple[Item, int]]) -> dict[tuple[int, int], str]:
    """Return the sourcedIds of the grades of this owner that students have, by period and person."""
    found = PostedGrade.objects.filter(
        owner=owner, section__in={item.section for item, _ in pairs}, period__in={item.period for item, _ in pairs},
        person__in={person for _, person in pairs}, deleted_at=None,
    )  # fmt: skip
    return {(row.period_id, row.person_id): row.sourced_id for row in found}


def prepare(
    owner: int, drafts: Sequence[Draft], scales: Mapping[int, Sequence[Line]], notes: Notes, today: dt.date
) -> list[tuple[Draft, Grade, PostedGrade | None]]:
    """Return the grades with the rows they change (locked); what is wrong with them is noted."""
    rows = PostedGrade.objects.select_for_update(no_key=True).order_by("pk")
    own = {row.sourced_id: row for row in rows.filter(sourced_id__in=[draft.sourced_id for draft in drafts])}
    there = rows.filter(
        section__in={draft.item.section for draft in drafts}, period__in={draft.item.period for draft in drafts},
        person__in={draft.person for draft in drafts}, deleted_at=None,
    )  # fmt: skip
    others = {(row.section_id, row.period_id, row.person_id): row for row in there}
    scores = set(
        Score.objects.filter(sourced_id__in=[draft.sourced_id for draft in drafts]).values_list("sourced_id", flat=True)
    )
    prepared = []
    for draft in drafts:
        before = own.get(draft.sourced_id)
        other = others.get((draft.item.section, draft.item.period, draft.person))
        _check(owner, draft, before, other, notes, today)
        if draft.sourced_id in scores:
            notes.add(draft.place, rules.RESULT_MOVED, "lineItem", id=draft.sourced_id)
        prepared.append((draft, _grade(draft, scales.get(draft.item.scale or 0, ()), notes), before))
    return prepared


def store(act: Act, owner: int, prepared: Sequence[tuple[Draft, Grade, PostedGrade | None]], done: Done) -> None:
    """Write what was prepared and passed; what is as it was stays untouched."""
    for draft, grade, known in prepared:
        fresh = known is None or known.deleted_at is not None
        row = known or PostedGrade(sourced_id=draft.sourced_id, owner_id=owner)
        before = None if fresh else Grade(row.percent, row.score, row.comment)
        if before == grade:
            continue
        row.section_id, row.period_id, row.person_id = draft.item.section, draft.item.period, draft.person
        row.percent, row.score, row.comment = grade
        row.posted_by, row.posted_at, row.modified, row.deleted_at = act.actor, act.at, act.at, None
        row.save()
        act.changed("postedgrade", row.pk, row.section_id, before=before and before._asdict(), after=grade._asdict())
        act.dirty(row.section_id)
        (done.created if fresh else done.changed).add(draft.sourced_id)


def delete(act: Act, row: PostedGrade, notes: Notes, today: dt.date) -> None:
    """Take a posted grade away (a locked row) while the window is open; the history keeps it. Raises Refused."""
    period = row.period
    _check_window(0, str(period.task), period.opens, period.closes, notes, today)
    notes.check()
    row.deleted_at = row.modified = act.at
    row.save(update_fields=["deleted_at", "modified"])
    before = Grade(row.percent, row.score, row.comment)._asdict()
    act.changed("postedgrade", row.pk, row.section_id, before=before, after={"deleted": True})
    act.dirty(row.section_id)


def _check(
    owner: int, draft: Draft, before: PostedGrade | None, other: PostedGrade | None, notes: Notes, today: dt.date
) -> None:
    item = draft.item
    _check_window(draft.place, item.title, item.opens, item.closes, notes, today)
    theirs = other if other is not None and other.sourced_id != draft.sourced_id else None
    if before is not None and before.deleted_at is None and before.owner_id is None:
        notes.add(draft.place, rules.POSTED_HERE, "student", id=draft.student)
    elif before is not None and before.owner_id != owner:
        notes.add(draft.place, rules.OWNER_OTHER, "sourcedId", id=draft.sourced_id)
    elif before is not None and (before.section_id, before.period_id, before.person_id) != (
        item.section, item.period, draft.person,
    ):  # fmt: skip
        notes.add(draft.place, rules.RESULT_MOVED, "lineItem", id=draft.sourced_id)
    elif theirs is not None and theirs.owner_id is None:
        notes.add(draft.place, rules.POSTED_HERE, "student", id=draft.student)
    elif theirs is not None:
        notes.add(draft.place, rules.RESULT_SECOND, "student", id=draft.student, other=theirs.sourced_id)


def _check_window(
    place: int, title: str, opens: dt.date | None, closes: dt.date | None, notes: Notes, today: dt.date
) -> None:
    if not (opens and closes):
        notes.add(place, rules.WINDOW_NONE, "lineItem", task=title)
    elif not opens <= today <= closes:
        told = {"task": title, "first": opens.isoformat(), "last": closes.isoformat()}
        notes.add(place, rules.WINDOW_CLOSED, "lineItem", **told)


def _grade(draft: Draft, scale: Sequence[Line], notes: Notes) -> Grade:
    """Return what is stored: a percentage alone gets its score from the scale, all else is stored as it came."""
    percent, score = fitted(draft.percent, draft.place, "score", notes), draft.score
    if percent is not None and abs(percent) >= MOST_PERCENT:
        notes.add(draft.place, rules.NUMBER_RANGE, "score", most=f"{MOST_PERCENT:,}")
    if percent is None and not score:
        notes.add(draft.place, rules.POSTED_NOTHING, "score")
    elif not score:
        score = grading.looked_up(percent, scale)
        if not scale:
            notes.add(draft.place, rules.POSTED_NO_SCALE, "score")
    elif percent is None and score not in {line.score for line in scale}:
        known = ", ".join(line.score for line in scale)
        notes.add(draft.place, rules.POSTED_UNKNOWN, "metadata", sent=score[:50], known=known or "–")
    if len(score) > LONGEST_SCORE:
        notes.add(draft.place, rules.TITLE_CUT, "metadata", most=LONGEST_SCORE)
    return Grade(percent, score[:LONGEST_SCORE], draft.comment)
