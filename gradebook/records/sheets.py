"""Report cards and transcripts as CSV: one line for each grade."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from gradebook.records.cards import Card, Transcript

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run; it gets an apostrophe in front."""


def of_cards(cards: Iterable[Card]) -> str:
    """Return report cards as CSV."""
    head = [_("Student number"), _("Student"), _("School"), _("School year"), _("Course"), _("Grading task"),
            _("Teacher"), _("Term"), _("Score"), _("Percent"), _("Comment")]  # fmt: skip
    rows = []
    for card in cards:
        student = card.student
        for row in card.rows:
            said = dict(row.comments)
            rows += [
                [student.number, student.name, student.school, card.year, row.course, row.task, row.teachers, term,
                 cell.score, cell.percent, said.get(term, "")]
                for term, cell in zip(card.terms, row.cells, strict=True) if cell.told
            ]  # fmt: skip
    return written([head, *rows])


def of_transcripts(transcripts: Iterable[Transcript]) -> str:
    """Return transcripts as CSV."""
    head = [_("Student number"), _("Student"), _("School year"), _("School"), _("Course number"), _("Course"),
            _("Term"), _("Score"), _("Percent"), _("Credits"), _("Points")]  # fmt: skip
    rows = [
        [each.student.number, each.student.name, year.title, year.school, line.number, line.course, line.term,
         line.cell.score, line.cell.percent, line.credits, line.points]
        for each in transcripts for year in each.years for line in year.lines
    ]  # fmt: skip
    return written([head, *rows])


def written(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV that no spreadsheet runs anything of; it begins as spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()
