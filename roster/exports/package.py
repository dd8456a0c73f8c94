"""Writing a package: the same data gives the same bytes."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from interop.oneroster.csv import FILES, MANIFEST, VERSION_NAMES, header
from roster.exports.queries import QUERIES
from roster.imports.sources import metadata_columns

MOMENT = (2000, 1, 1, 0, 0, 0)
BATCH = 5_000


def write_package(path: Path, version: int, progress: Callable[[str, int], None]) -> dict[str, int]:
    """Write the district's live rows as a bulk package; return how many rows each file has.

    The file appears under its name only when it is complete. All files show one moment of the database.
    """
    draft = path.with_name(path.name + ".part")
    counts: dict[str, int] = {}
    try:
        nested = connection.in_atomic_block
        with transaction.atomic(), zipfile.ZipFile(draft, "w") as package:
            if not nested:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            present = [name for name in FILES[version] if name in QUERIES and _any(QUERIES[name])]
            _write(package, "manifest", _manifest(version, present))
            for name in present:
                counts[name] = _write(package, name, _rows(version, name)) - 1
                progress(name, counts[name])
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return counts


def _any(query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({query})")
        return bool(cursor.fetchone()[0])


def _manifest(version: int, present: list[str]) -> Iterator[list[str]]:
    yield list(MANIFEST)
    yield ["manifest.version", "1.0"]
    yield ["oneroster.version", VERSION_NAMES[version]]
    for name in FILES[version]:
        yield [f"file.{name}", "bulk" if name in present else "absent"]
    yield ["source.systemName", "Interop"]


def _rows(version: int, name: str) -> Iterator[list[Any]]:
    """Yield the header and the rows in the order of their sourcedIds; status and date are blank in bulk."""
    names = header(version, name) + metadata_columns(name)
    yield names
    with connection.chunked_cursor() as cursor:
        cursor.execute(f'SELECT * FROM ({QUERIES[name]}) AS rows (sourced) ORDER BY sourced COLLATE "C"')
        if cursor.description and len(cursor.description) != len(names) - 2:
            raise ValueError(f"{name}: the query has {len(cursor.description)} columns, the header {len(names) - 2}")
        while batch := cursor.fetchmany(BATCH):
            for first, *rest in batch:
                yield [first, "", "", *rest]


def _write(package: zipfile.ZipFile, name: str, rows: Iterator[list[Any]]) -> int:
    info = zipfile.ZipInfo(f"{name}.csv", MOMENT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    count = 0
    with package.open(info, "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\r\n")
        for count, row in enumerate(rows, 1):  # noqa: B007
            writer.writerow(row)
    return count
