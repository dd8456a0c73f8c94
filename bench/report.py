"""The table of a run: one row for each measure, printed as it comes; and the file that keeps one table a size."""

import datetime
import re
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import commit, machine

COLUMNS = ("Measure", "Figure", "Of static bytes", "Of Django from memory", "Processor: web + database", "Goal")
LEAD = "# Results\n\nOne table a size, of the last run that was saved. [README.md](README.md) tells how to read them.\n"


@dataclass(frozen=True)
class Compared:
    """Records a second of one list: from the portal, and the same bytes from both references."""

    measure: str
    portal: float
    django: float
    static: float


@dataclass
class Report:
    """What was measured, with the references of the same run and the goal beside it."""

    subject: str
    conditions: str = field(default_factory=lambda: f"Commit {commit()}, {datetime.date.today()}, {machine()}")  # noqa: DTZ011
    rows: list[tuple[str, ...]] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)

    def begin(self) -> None:
        """Print the title and the head of the table."""
        print("\n".join(self._head()), flush=True)

    def row(
        self, measure: str, figure: str, goal: str = "", *, static: str = "", django: str = "", processor: str = ""
    ) -> None:
        """Add a row and print it."""
        self.rows.append((measure, figure, static, django, processor, goal))
        print(_line(self.rows[-1]), flush=True)

    def save(self, path: Path, chart: str = "") -> None:
        """Put the table into the file in place of the one of the same subject; the others stay. `chart` is shown."""
        shown = [f"![Records a second of the portal and of both references]({chart})", ""] if chart else []
        head, rows = self._head(), map(_line, self.rows)
        sections = _sections(path) | {self.subject: "\n".join([*head[:4], *shown, *head[4:], *rows, ""])}
        ordered = [sections[subject] for subject in sorted(sections, key=lambda each: (len(each), each))]
        path.write_text("\n".join([LEAD, *ordered]), encoding="utf-8")

    def _head(self) -> list[str]:
        return [f"## {self.subject}", "", f"{self.conditions}.", "", _line(COLUMNS), "|---" * len(COLUMNS) + "|"]


def _sections(path: Path) -> dict[str, str]:
    """Return the tables of the file by their subjects, larger districts last."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {part[3:].partition("\n")[0]: part.rstrip() + "\n" for part in parts}


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
