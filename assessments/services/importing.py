"""Scores from a file: every line is looked at first, and nothing is stored while one is wrong."""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, NamedTuple
from uuid import uuid4

from django.db.models import F
from django.utils.translation import gettext as _

from assessments.models import KINDS, Test, TestScore
from assessments.services.scoring import facts, fill, keep
from assessments.services.setup import fields_of
from assessments.services.wrong import Wrong
from gradebook.services.act import Act, acting
from roster.models import Person

STUDENT = {"Student.number": "local_id", "Student.stateID": "state_id", "Student.sourcedId": "sourced_id"}
"""The columns that say who it is, one of which a file has, and what of a person they are."""
DATE, COMMENT = "Score.date", "Comment"
KIND = {f"Score.{kind}": kind for kind in KINDS}
PASSED_OVER = frozenset({"Student.name", "Status"})
"""Columns that an export has for people."""
MOST_LINES, MOST_ERRORS, LONGEST_COMMENT = 100_000, 200, 10_000
DAYS = ("%Y-%m-%d", "%m/%d/%Y")


class LineError(NamedTuple):
    """What is wrong: in which line (the head is the first) and column, in one sentence."""

    line: int
    column: str
    sentence: str


class Line(NamedTuple):
    """A line of the file by its columns."""

    number: int
    cells: Mapping[str, str]


class Effect(NamedTuple):
    """What a line makes or changes: the score as it is to be, and what of it differs, as it is and as it will be."""

    line: int
    score: TestScore
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass
class Imported:
    """What became of a file; with errors nothing was stored. `effects` are the lines that make or change a score."""

    created: int = 0
    changed: int = 0
    same: int = 0
    errors: list[LineError] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)


class Row(NamedTuple):
    """A score as it is to be, the line that tells it, and the one there is."""

    line: int
    score: TestScore
    before: TestScore | None


class FileError(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, error: LineError) -> None:
        super().__init__(error.sentence)
        self.error = error


def import_scores(actor: str, test: Test, content: bytes, *, apply: bool = True) -> Imported:
    """Store the scores of a CSV file: a score of the same student and day is replaced, the district's own first.

    Scores of earlier years are welcome here. The same file again changes nothing. Without `apply` nothing is stored,
    and the answer tells what would be.
    """
    told = Imported()
    if test.archived:
        told.errors.append(LineError(1, "", _("The test is archived; it takes no new scores.")))
        return told
    try:
        column, lines = _lines(content)
        people = _people(column, lines)
        rows = list(_scores(test, column, lines, people, told.errors))
    except FileError as error:
        told.errors.append(error.error)
    if not told.errors:
        _count(rows, told)
        if apply:
            with acting(actor) as act:
                _store(act, rows)
    return told


def sample(test: Test) -> bytes:
    """Return an empty file with the columns of a test."""
    head = ["Student.number", DATE, *(f"Score.{each.kind}" for each in fields_of(test)), COMMENT]
    return (",".join(head) + "\r\n").encode()


def _lines(content: bytes) -> tuple[str, list[Line]]:
    """Return which column says who it is, and the lines that hold something; raises FileError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(LineError(1, "", _("The file is not UTF-8. Save it as CSV UTF-8."))) from None
    if "\0" in text:
        raise FileError(LineError(1, "", _("The file is not a CSV file.")))
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        column = _head(head)
        lines = [
            Line(reader.line_num, {name: cell.strip() for name, cell in zip(head, cells, strict=False)})
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error:
        raise FileError(LineError(reader.line_num, "", _("A quotation mark is not closed here."))) from None
    if not lines:
        raise FileError(LineError(2, "", _("The file has no scores.")))
    if len(lines) > MOST_LINES:
        raise FileError(LineError(MOST_LINES + 2, "", _("Send at most 100,000 scores in one file.")))
    return column, lines


def _head(head: Sequence[str]) -> str:
    """Return the column that says who it is; raises FileError."""
    who = [name for name in STUDENT if name in head]
    twice = [name for name, number in Counter(head).items() if number > 1]
    unknown = [name for name in head if name not in {*STUDENT, DATE, COMMENT, *KIND, *PASSED_OVER}]
    wrong = (
        (twice, _("The column is there twice.")),
        (unknown, _("There is no such column. Remove it, or use a name of the sample file.")),
    )
    for names, sentence in wrong:
        if names:
            raise FileError(LineError(1, names[0], sentence))
    if not who:
        raise FileError(LineError(1, "", _("One column has to say who it is: %s.") % ", ".join(STUDENT)))
    if DATE not in head:
        raise FileError(LineError(1, DATE, _("The column is missing; every score has a date.")))
    if not KIND.keys() & set(head):
        raise FileError(LineError(1, "", _("At least one column has to hold scores: %s.") % ", ".join(KIND)))
    return "Student.sourcedId" if "Student.sourcedId" in who and len(who) > 1 else who[0]


def _people(column: str, lines: Sequence[Line]) -> dict[str, list[Person]]:
    """Return who the lines speak of, by what the column says; more than one: nobody knows who is meant."""
    name = STUDENT[column]
    wanted = {line.cells.get(column, "") for line in lines} - {""}
    found: dict[str, list[Person]] = {}
    for person in Person.objects.filter(**{f"{name}__in": wanted}, enrollments__isnull=False).distinct():
        found.setdefault(getattr(person, name), []).append(person)
    return found


def _scores(
    test: Test, column: str, lines: Sequence[Line], people: Mapping[str, list[Person]], errors: list[LineError]
) -> Iterator[Row]:
    """Yield each score as it is to be, with the one there is; what is wrong goes to `errors`."""
    known: dict[tuple[int, dt.date], TestScore] = {}
    for row in TestScore.objects.filter(test=test, deleted_at=None).order_by(F("owner_id").asc(nulls_last=True), "pk"):
        known[row.person_id, row.date] = row
    chosen = Test.objects.prefetch_related("fields").get(pk=test.pk)
    seen: dict[tuple[int, dt.date], int] = {}
    for line in lines:
        if len(errors) >= MOST_ERRORS:
            return
        try:
            person, day = _who(line, column, people), _day(line)
            if (person.pk, day) in seen:
                told = {"line": seen[person.pk, day]}
                raise Wrong(_("Line %(line)d has a score of this student on this day already.") % told, column)
            seen[person.pk, day] = line.number
            before = known.get((person.pk, day))
            yield Row(line.number, _filled(chosen, person, day, line, before), before)
        except Wrong as wrong:
            errors.append(LineError(line.number, wrong.field, str(wrong)))


def _who(line: Line, column: str, people: Mapping[str, list[Person]]) -> Person:
    name = line.cells.get(column, "")
    if not name:
        raise Wrong(_("Say who it is."), column)
    found = people.get(name, [])
    if len(found) > 1:
        raise Wrong(_("More than one student has it. Use Student.sourcedId."), column)
    if not found:
        raise Wrong(_("No student has it."), column)
    return found[0]


def _day(line: Line) -> dt.date:
    told = line.cells.get(DATE, "")
    for form in DAYS:
        try:
            return dt.datetime.strptime(told, form).date()  # noqa: DTZ007 - a day, whatever the hour
        except ValueError:
            continue
    sentence = _("Use a date like 2026-10-05 or 10/05/2026.") if told else _("Every score has a date.")
    raise Wrong(sentence, DATE)


def _filled(test: Test, person: Person, day: dt.date, line: Line, before: TestScore | None) -> TestScore:
    """Return the score a line tells; kinds the file has no column for stay as they are."""
    values = {kind: line.cells[name] for name, kind in KIND.items() if name in line.cells}
    if before is not None:
        kept = {kind: getattr(before, column) for kind, column in TestScore.COLUMNS.items()}
        values = {**kept, **values}
    comment = line.cells.get(COMMENT)
    if comment is None:
        comment = before.comment if before is not None else ""
    if len(comment) > LONGEST_COMMENT:
        raise Wrong(_("Use at most 10,000 characters."), COMMENT)
    score = TestScore(test=test, person=person, date=day, told=test.score_is, comment=comment)
    try:
        fill(score, values)
    except Wrong as wrong:
        raise Wrong(str(wrong), f"Score.{wrong.field}" if wrong.field else "") from None
    return score


def _count(rows: Sequence[Row], told: Imported) -> None:
    """Tell what is new, what changes and what is as it was."""
    for row in rows:
        was = facts(row.before) if row.before is not None else {}
        after = facts(row.score)
        changed = [name for name in after if was.get(name) != after[name]]
        if row.before is None:
            told.created += 1
            told.effects.append(Effect(row.line, row.score, {}, after))
        elif changed:
            told.changed += 1
            told.effects.append(
                Effect(
                    row.line, row.score, {name: was[name] for name in changed}, {name: after[name] for name in changed}
                )
            )
        else:
            told.same += 1


def _store(act: Act, rows: Sequence[Row]) -> None:
    """Write the scores; what is as it was is left alone."""
    new = [row.score for row in rows if row.before is None]
    for score in new:
        score.sourced_id, score.modified = str(uuid4()), act.at
    for score in TestScore.objects.bulk_create(new, batch_size=1_000):
        act.changed("testscore", score.pk, None, after=facts(score))
    keep(act, (_changed(row.score, row.before) for row in rows if row.before is not None))


def _changed(score: TestScore, before: TestScore) -> tuple[TestScore, dict[str, Any]]:
    """Return the score there is as a line tells it, and its facts of before."""
    was = facts(before)
    for name in (*TestScore.COLUMNS.values(), "comment"):
        setattr(before, name, getattr(score, name))
    return before, was
