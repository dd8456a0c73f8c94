"""A package checked cell by cell on its way into temporary tables."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from interop.oneroster.csv import FILES, MANIFEST, MODES, VERSION_NAMES, Column, header, known_drifts
from roster.imports.cells import Check, checker
from roster.imports.package import Package, refuse
from roster.imports.problems import ImportRefused, Report
from roster.imports.sources import BOOLEANS, METADATA, PREFIX, metadata_columns

JSON_COLUMNS = frozenset({"calendars", "relationships"})


@dataclass
class Staged:
    """What the package is: version, mode of each file, our own columns it carries, rows read."""

    version: int
    modes: dict[str, str]
    extra: dict[str, frozenset[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def has(self, file: str, name: str) -> bool:
        """Say whether the file carries our column `metadata.interop.<name>`."""
        return name in self.extra.get(file, frozenset())


def stage(package: Package, report: Report, progress: Callable[[str, int], None]) -> Staged:
    """Read and check everything into temporary tables named stage_<file>."""
    staged = read_manifest(package, report)
    report.refuse_if_wrong()
    for file in FILES[12]:
        _create(file)
    for file, mode in staged.modes.items():
        if mode != "absent":
            try:
                with transaction.atomic():  # a COPY broken off leaves the next file's usable
                    staged.counts[file] = _copy(package, staged, file, report)
            except ImportRefused as refusal:
                report.lead(refusal)
            else:
                progress(file, staged.counts[file])
    return staged


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
    names = header(12, file)
    if file == "users":
        names += ["orgSourcedIds", "role"]
    return names + metadata_columns(file)


def _create(file: str) -> None:
    columns = ", ".join(f"\"{name}\" text NOT NULL DEFAULT ''" for name in _stage_columns(file))
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TEMPORARY TABLE "stage_{file}" (line int, {columns}) ON COMMIT DROP')


def _plan(staged: Staged, file: str, names: list[str], report: Report) -> list[tuple[int, str, Column, Check]]:
    """Match a header to the declared columns; return (position, name, column, check) of what is read."""
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
    by_name = {column.name: column for column in columns}
    for name in names[len(wanted) :]:
        if not name.startswith("metadata."):
            raise refuse(f"{file}.csv", f"has the column {name[:60]}; extensions are named metadata.<name>", 1)
    if len(set(names)) != len(names):
        raise refuse(f"{file}.csv", "names a column twice", 1)
    own = {PREFIX + name: name for name in METADATA.get(file, ())}
    staged.extra[file] = frozenset(own[name] for name in names if name in own)
    plan = []
    stage_names = set(_stage_columns(file))
    for position, name in enumerate(names):
        column = by_name.get(name) or (Column(name, _own_kind(own[name])) if name in own else None)
        if column and name in stage_names:
            plan.append((position, name, column, checker(column, staged.version)))
    return plan


def _own_kind(name: str) -> str:
    return "boolean" if name in BOOLEANS else "json" if name in JSON_COLUMNS else "text"


def _copy(package: Package, staged: Staged, file: str, report: Report) -> int:
    rows = package.rows(f"{file}.csv")
    first = next(rows, None)
    if first is None:
        raise refuse(f"{file}.csv", "is empty; expected at least the header row")
    plan = _plan(staged, file, first[1], report)
    names = ", ".join(f'"{name}"' for _, name, _, _ in plan)
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "stage_{file}" (line, {names}) FROM STDIN') as copy,
    ):
        for line, cells in rows:
            if len(cells) != len(first[1]):
                report.error(f"{file}.csv", line, "", f"has {len(cells)} cells; the header has {len(first[1])}")
                continue
            count += 1
            copy.write_row([line, *_clean(staged, file, line, cells, plan, report)])
    return count


def _clean(
    staged: Staged, file: str, line: int, cells: list[str], plan: list[tuple[int, str, Column, Check]], report: Report
) -> Iterator[str]:
    delta = staged.modes[file] == "delta"
    for position, name, column, check in plan:
        value = cells[position]
        if position in (1, 2):
            yield _status(f"{file}.csv", line, name, value, report, delta=delta)
        elif not value:
            if column.required:
                report.error(f"{file}.csv", line, name, "is empty; a value is expected")
            yield ""
        else:
            clean, error, warning = check(value)
            if column.kind == "json":
                error = _json_error(name, value)
            if error:
                report.error(f"{file}.csv", line, name, error)
            if warning:
                report.warn(f"{file}.csv", name, warning)
            yield clean


def _status(file: str, line: int, name: str, value: str, report: Report, *, delta: bool) -> str:
    if not delta:
        if value:
            report.warn(file, name, "is filled in a bulk file; it is ignored")
        return ""
    if not value:
        report.error(file, line, name, "is empty; a delta file needs it in every row")
    elif name == "status":
        if value.lower() not in {"active", "tobedeleted", "inactive"}:
            report.error(file, line, name, f'"{value[:40]}" is unknown; expected active or tobedeleted')
        return "active" if value.lower() == "active" else "tobedeleted"
    return value


def _json_error(name: str, value: str) -> str:
    try:
        rows = json.loads(value)
    except (ValueError, RecursionError):
        return "is not JSON; expected what export_oneroster writes"
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("sourcedId") for row in rows):
        return "is not a JSON list of objects with a sourcedId"
    return ""
