"""Scores from a spreadsheet: pasted or as CSV. The first line names the assignments, the first column the students.

Faults are told by line, and nothing is applied when there is one.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from gradebook.models import Assignment
from gradebook.teaching import scoring
from gradebook.teaching.access import Teacher, student_name, students
from gradebook.teaching.scoring import Entry, Unclear
from roster.models import Person, Section

MOST_LINES, MOST_CHARACTERS = 2_000, 1_000_000
BOM = "\ufeff"


@dataclass
class Sheet:
    """What was read: scores by assignment and person; what is wrong, by line; and whose assignments are synced."""

    scores: dict[int, dict[int, Entry]] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    vendors: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many scores were read."""
        return sum(len(each) for each in self.scores.values())


def read(teacher: Teacher, section: Section, pasted: str) -> Sheet:
    """Read a table of scores. Blank cells leave what is there as it is."""
    sheet = Sheet()
    if len(pasted) > MOST_CHARACTERS:
        sheet.faults.append((1, _("This is more than one grade book can be. Paste a part of it.")))
        return sheet
    try:
        lines = _lines(pasted)
    except csv.Error as fault:
        sheet.faults.append((1, _("It cannot be read as a table: %s.") % fault))
        return sheet
    if len(lines) < 2 or len(lines) > MOST_LINES:
        told = _("The first line names the assignments, each further line has a student and the scores.")
        sheet.faults.append((1, told))
        return sheet
    columns = _columns(section, lines[0][1], sheet)
    people = _people(students(section.pk, teacher.today))
    seen: set[int] = set()
    for line, cells in lines[1:]:
        person = _person(people, cells[0], seen)
        if isinstance(person, str):
            sheet.faults.append((line, person))
            continue
        seen.add(person)
        if len(cells) > len(lines[0][1]):
            sheet.faults.append((line, _("It has more cells than the first line.")))
        _take(sheet, columns, line, cells, person)
    return sheet


def apply(teacher: Teacher, section: Section, sheet: Sheet) -> int:
    """Store all the scores of a sheet without faults in one act; return how many changed."""
    return scoring.save(teacher.name, section.pk, sheet.scores, teacher.today)


def _lines(pasted: str) -> list[tuple[int, list[str]]]:
    """Return the lines that hold anything, numbered as people count them; tabs, semicolons or commas part cells."""
    text = pasted.removeprefix(BOM)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    return [(line, cells) for line, cells in found if any(cells)]


def _columns(section: Section, heads: Sequence[str], sheet: Sheet) -> list[Assignment | None]:
    """Return the assignment of each column after the first; a blank head is a column to pass over."""
    by_title: dict[str, list[Assignment]] = {}
    for row in Assignment.objects.filter(section=section, deleted_at=None).select_related("owner"):
        for name in {row.title.casefold(), row.abbreviation.casefold()} - {""}:
            by_title.setdefault(name, []).append(row)
    twice = Counter(head.casefold() for head in heads[1:] if head)
    columns: list[Assignment | None] = []
    for head in heads[1:]:
        found = by_title.get(head.casefold(), [])
        columns.append(found[0] if len(found) == 1 else None)
        if head and not found:
            sheet.faults.append((1, _("There is no assignment “%s” in this section.") % head))
        elif len(found) > 1 or twice[head.casefold()] > 1:
            sheet.faults.append((1, _("“%s” is not the name of only one assignment and column.") % head))
        elif found and found[0].owner:
            sheet.vendors.append(str(found[0].owner))
    sheet.vendors = sorted(set(sheet.vendors))
    return columns


def _people(listed: Iterable[Person]) -> dict[str, set[int]]:
    """Return the students by everything they may be called: id, `Family, Given` and `Given Family`."""
    found: dict[str, set[int]] = {}
    for person in listed:
        told = {
            person.local_id, person.sourced_id, student_name(person), f"{person.family_name}, {person.given_name}",
            f"{person.given_name} {person.family_name}",
            f"{person.preferred_given_name or person.given_name} {person.preferred_family_name or person.family_name}",
        }  # fmt: skip
        for name in told - {""}:
            found.setdefault(name.casefold(), set()).add(person.pk)
    return found


def _person(people: dict[str, set[int]], called: str, seen: set[int]) -> int | str:
    """Return the student who is called so; else what is wrong."""
    found = people.get(" ".join(called.split()).casefold(), set())
    if len(found) != 1:
        told = _("“%s” is two students here; use their numbers.") if found else _("No student “%s” sits here.")
        return told % called
    [person] = found
    return _("“%s” is in the table twice.") % called if person in seen else person


def _take(sheet: Sheet, columns: Sequence[Assignment | None], line: int, cells: Sequence[str], person: int) -> None:
    for column, cell in zip(columns, cells[1:], strict=False):
        if column is None or not cell:
            continue
        try:
            sheet.scores.setdefault(column.pk, {})[person] = scoring.read(cell)
        except Unclear as fault:
            sheet.faults.append((line, f"{column.title}: {fault}"))
