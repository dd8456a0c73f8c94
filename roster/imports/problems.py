"""What is wrong with a package, told so that it can be put right."""

from dataclasses import dataclass, field

MOST = 5_000
"""Errors kept; all are counted."""


@dataclass(frozen=True)
class Problem:
    """One error: where it is and what is expected there."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file} line {self.line}" if self.line else self.file
        return f"{place}, {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


class ImportRefused(Exception):
    """Nothing was applied; the problems say why."""

    def __init__(self, problems: list[Problem], total: int | None = None) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
        self.total = total or len(problems)


@dataclass
class Report:
    """Errors, the first of them kept, and warnings, one of each kind for a file and column; `rows` of each file."""

    problems: list[Problem] = field(default_factory=list)
    total: int = 0
    warnings: dict[tuple[str, str, str], int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def error(self, file: str, line: int, column: str, message: str) -> None:
        """Note one error."""
        self.total += 1
        if len(self.problems) < MOST:
            self.problems.append(Problem(file, line, column, message))

    def lead(self, refusal: ImportRefused) -> None:
        """Put what made a whole file unreadable before the errors of single rows."""
        self.total += refusal.total
        self.problems = (refusal.problems + self.problems)[:MOST]

    def warn(self, file: str, column: str, message: str, times: int = 1) -> None:
        """Count a warning."""
        key = (file, column, message)
        self.warnings[key] = self.warnings.get(key, 0) + times

    def told(self) -> list[list[str | int]]:
        """Return the warnings as file, column, message and how often."""
        return [[*key, times] for key, times in self.warnings.items()]

    def refuse_if_wrong(self) -> None:
        """Raise when there is an error."""
        if self.total:
            raise ImportRefused(self.problems, self.total)
