"""A package checked cell by cell on its way into temporary tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.db import connection, transaction

from interop.oneroster.csv import FILES, MANIFEST, MODES, VERSION_NAMES, Column, known_drifts
from interop.progress import Advance
from roster.imports.cells import Check, checker
from roster.imports.nested import SHAPES, nested_checker
from roster.imports.package import Package, refuse
from roster.imports.problems import ImportRefused, Report
from roster.imports.sources import PREFIX, limits, own_columns

STEP = 5_000  # rows between two words about the progress
UNENDED = "has no line end behind its last row, unlike other files; it may be cut off"
MAY_BE_BLANK = {("users", "username"): "is blank for people who have none; usernames can be made here"}
"""Cells the standard requires and some systems cannot fill."""


class Planned(NamedTuple):
    """One column that is read: where it stands, its names in the file and in the staged table, what it must be."""

    position: int
    name: str
    staged: str
    column: Column
    check: Check


@dataclass
class Staged:
    """What the package is: version, mode of each file, the columns it carries, rows read.

    `complete` is false when rows or files could not be read, so that references would be judged wrongly. `unended` are
    the files whose last line has no end although that of others has.
    """

    version: int
    modes: dict[str, str]
    carried: dict[str, frozenset[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    complete: bool = True
    unended: frozenset[str] = frozenset()

    def has(self, file: str, name: str) -> bool:
        """Say whether the file carries our column `metadata.interop.<name>`."""
        return self.carries(file, PREFIX + name)

    def carries(self, file: str, column: str) -> bool:
        """Say whether the file carries a column, standard or ours, that is staged under this name."""
        return column in self.carried.get(file, frozenset())


def stage(package: Package, staged: Staged, report: Report, advance: Advance) -> None:
    """Read and check everything into temporary tables named stage_<file>."""
    for file in FILES[12]:
        _create(file)
    for file, mode in staged.modes.items():
        if mode == "absent":
            continue
        try:
            with transaction.atomic():  # a COPY broken off leaves the next file's usable
                staged.counts[file] = _copy(package, staged, file, report, advance)
        except ImportRefused as refusal:
            staged.complete = False
            report.lead(refusal)
        else:
            if not staged.counts[file]:
                report.warn(f"{file}.csv", "", "has no rows; a bulk file without rows says that nothing is left")
    if any(package.ends.values()):
        staged.unended = frozenset(name for name, ended in package.ends.items() if not ended)
    for name in sorted(staged.unended):
        report.warn(name, "", UNENDED)


def read_manifest(package: Package, report: Report) -> Staged:
    """Read manifest.csv: the version and the mode of every file."""
    name = "manifest.csv"
    if name not in package.names:
        raise refuse(name, "is missing; every OneRoster package has one")
    rows = package.rows(name)
    first = next(rows, (1, []))[1]
    if tuple(first) != MANIFEST:
        raise refuse(name, f"has the header {','.join(first)[:80]}; expected {','.join(MANIFEST)}", 1)
    found: dict[str, tuple[int, str]] = {}
    for line, cells in rows:
        if len(cells) != 2:
            report.error(name, line, "", f"has {len(cells)} cells; expected 2")
        elif cells[0] in found:
            report.error(name, line, cells[0], "is there twice")
        else:
            found[cells[0]] = (line, cells[1])
    version = {text: number for number, text in VERSION_NAMES.items()}.get(found.get("oneroster.version", (0, ""))[1])
    if version is None:
        raise refuse(name, "oneroster.version is not 1.1 or 1.2", found.get("oneroster.version", (0, ""))[0])
    return Staged(version, dict(_modes(package, version, found, report)))


def _modes(
    package: Package, version: int, found: dict[str, tuple[int, str]], report: Report
) -> Iterator[tuple[str, str]]:
    known = {f"file.{file}" for file in FILES[version]}
    for prop, (line, _) in found.items():
        if prop.startswith("file.") and prop not in known:
            report.error("manifest.csv", line, prop, f"is no file of OneRoster {VERSION_NAMES[version]}")
    for file in FILES[version]:
        line, mode = found.get(f"file.{file}", (0, ""))
        if not mode:
            report.warn("manifest.csv", f"file.{file}", "is not listed and taken as absent")
            mode = "absent"
        present = f"{file}.csv" in package.names
        if mode not in MODES:
            report.error("manifest.csv", line, f"file.{file}", f"is {mode[:20]!r}; expected absent, bulk or delta")
        elif (mode != "absent") != present:
            is_there = "is in the package" if present else "is not in the package"
            report.error("manifest.csv", line, f"file.{file}", f"says {mode}, but {file}.csv {is_there}")
        else:
            yield file, mode


def _stage_columns(file: str) -> list[str]:
    """Return the names of all columns any version of the file has; passwords are not read at all."""
    names = [column.name for version in (12, 11) for column in FILES[version].get(file, ())]
    names += [name for version in (12, 11) for name, _ in own_columns(version, file).values()]
    return [name for name in dict.fromkeys(names) if name != "password"]


def _create(file: str) -> None:
    columns = ", ".join(f"\"{name}\" text NOT NULL DEFAULT ''" for name in _stage_columns(file))
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TEMPORARY TABLE "stage_{file}" (line int, {columns}) ON COMMIT DROP')


def _plan(staged: Staged, file: str, names: list[str], report: Report) -> list[Planned]:
    """Match a header to the declared columns; return what is read of it."""
    columns = FILES[staged.version][file]
    wanted = [column.name for column in columns]
    for drift, sentence in known_drifts(staged.version, file):
        if names[: len(drift)] == drift:
            report.warn(f"{file}.csv", "", sentence)
            wanted = drift
    if names[: len(wanted)] != wanted:
        at = next(
            (n for n, (a, b) in enumerate(zip(names, wanted, strict=False)) if a != b), min(len(names), len(wanted))
        )
        expected = wanted[at] if at < len(wanted) else "no further column"
        got = names[at][:60] if at < len(names) else "nothing"
        raise refuse(f"{file}.csv", f"column {at + 1} of the header is {got}; expected {expected}", 1)
    for name in names[len(wanted) :]:
        if not name.startswith("metadata."):
            raise refuse(f"{file}.csv", f"has the column {name[:60]}; extensions are named metadata.<name>", 1)
    if len(set(names)) != len(names):
        raise refuse(f"{file}.csv", "names a column twice", 1)
    return _matched(staged, file, names)


def _matched(staged: Staged, file: str, names: list[str]) -> list[Planned]:
    """Return what is read of these columns; a column of ours under a standard name takes that one's place."""
    known = {column.name: (column.name, column) for column in FILES[staged.version][file]}
    ours = own_columns(staged.version, file)
    replaced = {staged_name for name, (staged_name, _) in ours.items() if name in names and staged_name in known}
    length = limits(file)
    found = []
    for position, name in enumerate(names):
        if name in replaced or name == "password" or name not in known | ours:
            continue
        staged_name, column = (ours if name in ours else known)[name]
        limited = replace(column, limit=length.get(name, length.get(staged_name, 0)))
        found.append(Planned(position, name, staged_name, column, _checker(limited, staged.version)))
    staged.carried[file] = frozenset(each.staged for each in found)
    return found


def _checker(column: Column, version: int) -> Check:
    return nested_checker(column.kind) if column.kind in SHAPES else checker(column, version)


def _copy(package: Package, staged: Staged, file: str, report: Report, advance: Advance) -> int:
    rows = package.rows(f"{file}.csv")
    first = next(rows, None)
    if first is None:
        raise refuse(f"{file}.csv", "is empty; expected at least the header row")
    plan = _plan(staged, file, first[1], report)
    names = ", ".join(f'"{each.staged}"' for each in plan)
    width, count, read = len(first[1]), 0, package.read
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "stage_{file}" (line, {names}) FROM STDIN') as copy,
    ):
        for line, cells in rows:
            if len(cells) != width:
                report.error(f"{file}.csv", line, "", f"has {len(cells)} cells; the header has {width}")
                staged.complete = False
                continue
            count += 1
            copy.write_row([line, *_clean(staged, file, line, cells, plan, report)])
            if count % STEP == 0:
                advance(f"{file}.csv, row {count:,}", package.read - read)
                read = package.read
    advance(f"{file}.csv, row {count:,}", package.read - read)
    return count


def _clean(
    staged: Staged, file: str, line: int, cells: list[str], plan: list[Planned], report: Report
) -> Iterator[str]:
    delta = staged.modes[file] == "delta"
    for position, name, _, column, check in plan:
        value = cells[position]
        if position in (1, 2):
            yield _status(f"{file}.csv", line, name, value, report, delta=delta)
        elif not value:
            if told := MAY_BE_BLANK.get((file, name)):
                report.warn(f"{file}.csv", name, told)
            elif column.required:
                report.error(f"{file}.csv", line, name, "is empty; a value is expected")
            yield ""
        else:
            clean, error, warning = check(value)
            if error:
                report.error(f"{file}.csv", line, name, error)
                clean = ""  # later checks read the staged cell as what it should be
            if warning:
                report.warn(f"{file}.csv", name, warning)
            yield clean


def _status(file: str, line: int, name: str, value: str, report: Report, *, delta: bool) -> str:
    if not delta:
        if value:
            report.warn(file, name, "is filled in a bulk file; a row that is not active ends, all else is ignored")
        return "tobedeleted" if name == "status" and value.lower() in {"tobedeleted", "inactive"} else ""
    if not value:
        report.error(file, line, name, "is empty; a delta file needs it in every row")
    elif name == "status":
        if value.lower() not in {"active", "tobedeleted", "inactive"}:
            report.error(file, line, name, f'"{value[:40]}" is unknown; expected active or tobedeleted')
        return "active" if value.lower() == "active" else "tobedeleted"
    return value
