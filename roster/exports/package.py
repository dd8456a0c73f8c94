"""Writing a package: the same data gives the same bytes."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from interop.oneroster.csv import FILES, MANIFEST, VERSION_NAMES, header
from interop.progress import Advance, Bar, no_bar
from roster.exports.queries import QUERIES, rows_of, users_of_11
from roster.imports.sources import own_columns

MOMENT = (2000, 1, 1, 0, 0, 0)
BATCH = 5_000
Source = Callable[[str], Iterable[list[Any]]]
"""Takes the name of a file; gives its header and its rows, status and dateLastModified included."""
# Where 1.1 has fewer words than 1.2 its own column says less, and ours says all.
NARROWED = {("demographics", "sex"): "CASE WHEN sex IN ('male', 'female') THEN sex ELSE '' END"}


def write_package(path: Path, version: int, bar: Bar = no_bar) -> dict[str, int]:
    """Write all of the district's data as a bulk package; return how many rows each file has."""
    with one_moment():
        sizes = {name: size for name in FILES[version] if name in QUERIES and (size := _size(name))}
        return write(path, version, sizes, lambda name: _rows(version, name), bar)


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all statements inside see one moment of the database; within a transaction it is too late to ask for it."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def write(path: Path, version: int, sizes: Mapping[str, int], source: Source, bar: Bar) -> dict[str, int]:
    """Write a zip of the files named in `sizes` (with their expected rows); return the rows written.

    The zip appears under its name only when it is complete.
    """
    draft = path.with_name(path.name + ".part")
    manifest = list(_manifest(version, sizes))
    counts: dict[str, int] = {}
    try:
        total = sum(sizes.values()) + len(manifest) - 1
        with bar("Writing", total, " rows") as advance, zipfile.ZipFile(draft, "w") as package:
            _write(package, "manifest", manifest, advance)
            for name in sizes:
                counts[name] = _write(package, name, source(name), advance)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return counts


def _size(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({QUERIES[name]}) AS rows")
        return int(cursor.fetchone()[0])


def _manifest(version: int, present: Mapping[str, int]) -> Iterator[list[str]]:
    yield list(MANIFEST)
    yield ["manifest.version", "1.0"]
    yield ["oneroster.version", VERSION_NAMES[version]]
    for name in FILES[version]:
        yield [f"file.{name}", "bulk" if name in present else "absent"]
    yield ["source.systemName", "Interop"]


def _rows(version: int, name: str) -> Iterator[list[Any]]:
    """Yield the header and the rows in the order of their sourcedIds; status and date are blank in bulk."""
    ours = own_columns(version, name)
    first, status, modified, *standard = header(version, name)
    yield [first, status, modified, *standard, *ours]
    wanted = [NARROWED.get((name, column), f'"{column}"') if version == 11 else f'"{column}"' for column in standard]
    wanted += [f'"{column}"' for column, _ in ours.values()]
    rows = users_of_11() if (version, name) == (11, "users") else rows_of(name)
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f'SELECT "sourcedId", \'\', \'\', {", ".join(wanted)} FROM {rows} ORDER BY "sourcedId" COLLATE "C"'
        )
        while batch := cursor.fetchmany(BATCH):
            yield from batch


def _write(package: zipfile.ZipFile, name: str, rows: Iterable[list[Any]], advance: Advance) -> int:
    """Write one file of the zip; return its rows without the header."""
    info = zipfile.ZipInfo(f"{name}.csv", MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    count = -1
    with package.open(info, "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\r\n")
        for row in rows:
            writer.writerow(row)
            count += 1
            if count and count % BATCH == 0:
                advance(f"{name}.csv", BATCH)
    advance(f"{name}.csv", max(count, 0) % BATCH)
    return count
