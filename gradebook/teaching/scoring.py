"""Scores as teachers type them: `8`, `8.5 L`, `M`, nothing; entered one by one or many, all or none."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import uuid4

from django.db import IntegrityError, OperationalError
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from gradebook.models import Assignment, Score
from gradebook.services.act import Act, acting
from gradebook.services.numbers import BELOW, STEP

LETTERS = dict(zip(("L", "M", "X", "I", "T", "Ch", "Dr"), Score.FLAGS, strict=True))
"""The flags by the letters teachers use for them."""
BY_SIGN = {letter.casefold(): name for letter, name in LETTERS.items()}
PARTS = re.compile(r"[-+]?\d[\d.,]*|[A-Za-z]+|\S")
LONGEST = 60
TRIES = 4
"""A vendor's score may arrive between the reading of a cell and its writing; then it is all done once more."""


class Unclear(Exception):
    """What was typed is no score; the sentence says why and what to type."""


@dataclass(frozen=True)
class Entry:
    """A score and flags. `comment` None: the one there is stays."""

    score: Decimal | None = None
    flags: frozenset[str] = frozenset()
    comment: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing at all."""
        return self.score is None and not self.flags and not self.comment


def read(typed: str) -> Entry:
    """Return what was typed: a number and letters of flags, in any order, or nothing. Raises Unclear."""
    score, flags = None, set()
    for part in PARTS.findall(typed[:LONGEST]):
        if name := BY_SIGN.get(part.casefold()):
            flags.add(name)
        elif score is None and (number := _number(part)) is not None:
            score = number
        else:
            raise Unclear(
                _("“%s” is no score. Type a number, letters of flags such as M or L, both, or nothing.") % typed.strip()
            )
    return Entry(score, frozenset(flags))


def text(score: Decimal | None, flags: Iterable[str]) -> str:
    """Return a score as it is typed."""
    there = set(flags)
    letters = [letter for letter, name in LETTERS.items() if name in there]
    return " ".join([*([] if score is None else [plain(score)]), *letters])


def plain(number: Decimal) -> str:
    """Return a number without needless zeros."""
    return f"{number.normalize():f}" if number else "0"


def flags_of(row: Score) -> frozenset[str]:
    """Return the flags a score has."""
    return frozenset(name for name in Score.FLAGS if getattr(row, name))


def save(actor: str, section: int, entries: Mapping[int, Mapping[int, Entry]], today: dt.date) -> int:
    """Store what was typed, by assignment of the section and person, in one act; return how many scores changed."""
    for left in reversed(range(TRIES)):
        try:
            with acting(actor) as act:
                rows = Assignment.objects.filter(pk__in=list(entries), section=section, deleted_at=None).order_by("pk")
                return sum(enter(act, row, entries[row.pk], today) for row in rows)
        except IntegrityError:
            if not left:
                raise
        except OperationalError as error:
            if not (left and isinstance(error.__cause__, DeadlockDetected)):
                raise
    return 0


def enter(act: Act, assignment: Assignment, entries: Mapping[int, Entry], today: dt.date) -> int:
    """Store what was typed for students of an assignment, by person; return how many scores changed.

    What is blank takes away a score entered here; one that a vendor sent stays its row, without score and flags.
    """
    live = Score.objects.filter(assignment=assignment, person__in=list(entries), deleted_at=None)
    rows = {row.person_id: row for row in live.select_for_update(no_key=True).order_by("pk")}
    made, changed = [], []
    for person, entry in entries.items():
        row = rows.get(person)
        if row is None and not entry.is_blank:
            made.append(_new(act, assignment, person, entry, today))
        elif row is not None and _change(act, row, entry, today, assignment.section_id):
            changed.append(row)
    for row in Score.objects.bulk_create(made, batch_size=500):
        act.changed("score", row.pk, assignment.section_id, after=_facts(row))
    names = ["score", "comment", "score_date", "modified", "deleted_at", *Score.FLAGS]
    Score.objects.bulk_update(changed, names, batch_size=500)
    if made or changed:
        act.dirty(assignment.section_id)
    return len(made) + len(changed)


def _number(part: str) -> Decimal | None:
    """Return the number, with a point or a comma for its decimals; None when it is none or cannot be stored."""
    try:
        number = Decimal(part.replace(",", "."))
    except InvalidOperation:
        return None
    fits = number.is_finite() and abs(number) < BELOW and number == number.quantize(STEP)
    return number if fits else None


def _new(act: Act, assignment: Assignment, person: int, entry: Entry, today: dt.date) -> Score:
    row = Score(sourced_id=str(uuid4()), assignment=assignment, person_id=person)
    _set(row, act, entry, today)
    return row


def _change(act: Act, row: Score, entry: Entry, today: dt.date, section: int) -> bool:
    same_comment = entry.comment is None or entry.comment == row.comment
    if row.score == entry.score and flags_of(row) == entry.flags and same_comment:
        return False
    before = _facts(row)
    _set(row, act, entry, today)
    if entry.is_blank and row.owner_id is None and not row.comment:
        row.deleted_at = act.at
    act.changed("score", row.pk, section, before=before, after={"deleted": True} if row.deleted_at else _facts(row))
    return True


def _set(row: Score, act: Act, entry: Entry, today: dt.date) -> None:
    row.score, row.score_date, row.modified = entry.score, today, act.at
    if entry.comment is not None:
        row.comment = entry.comment
    for name in Score.FLAGS:
        setattr(row, name, name in entry.flags)


def _facts(row: Score) -> dict[str, object]:
    return {"score": row.score, "flags": sorted(flags_of(row)), "comment": row.comment}
