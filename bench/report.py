"""The table of a run: one row for each measure, printed as it comes."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Report:
    """What was measured, with the goal beside it."""

    title: str
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def begin(self) -> None:
        """Print the title and the head of the table."""
        print(f"# {self.title}\n\n| Measure | Figure | Goal |\n|---|---|---|", flush=True)

    def row(self, measure: str, figure: str, goal: str = "") -> None:
        """Add a row and print it."""
        self.rows.append((measure, figure, goal))
        print(_line(measure, figure, goal), flush=True)

    def save(self, path: Path) -> None:
        """Write the whole table to a file."""
        lines = [f"# {self.title}", "", _line("Measure", "Figure", "Goal"), "|---|---|---|"]
        path.write_text("\n".join([*lines, *(_line(*row) for row in self.rows), ""]), encoding="utf-8")


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
