"""Reading a package, zip or folder, as streams with a byte budget; nothing is unpacked to disk."""

import csv
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from roster.imports.problems import ImportRefused, Problem

LINE_LIMIT = 1 << 20
COLUMN_LIMIT = 500
SMALL = 50 << 20
RATIO = 200
csv.field_size_limit(LINE_LIMIT)


def refuse(file: str, message: str, line: int = 0) -> ImportRefused:
    """Return the refusal of a package for one reason."""
    return ImportRefused([Problem(file, line, "", message)])


class Package:
    """The files of a package by name; `rows` streams one of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.zip: zipfile.ZipFile | None = None
        if path.is_dir():
            entries = [entry for entry in path.iterdir() if entry.suffix == ".csv"]
            for entry in entries:
                if entry.is_symlink() or not entry.is_file():
                    raise refuse(entry.name, "is a link or not a plain file; put the file itself into the folder")
            self.names = {entry.name for entry in entries}
            self.budget = sum(entry.stat().st_size for entry in entries)
        elif path.is_file():
            self._open_zip()
        else:
            raise refuse(str(path), "there is no such file or folder")

    def _open_zip(self) -> None:
        try:
            self.zip = zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, OSError, ValueError) as problem:
            raise refuse(self.path.name, f"is not a complete zip file ({problem}); ask for the package again") from None
        self.names = set()
        for info in self.zip.infolist():
            self._check_entry(info)
            self.names.add(info.filename)
        self.budget = SMALL + RATIO * self.path.stat().st_size

    def _check_entry(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        if "/" in name or "\\" in name or name in {".", ".."} or not name.isprintable():
            raise refuse(repr(name), "is in a folder; OneRoster wants all files at the root of the zip")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise refuse(name, "is a symbolic link; a package holds plain files")
        if info.flag_bits & 1:
            raise refuse(name, "is encrypted; a package is not")
        if name in self.names:
            raise refuse(name, "is in the zip twice")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.zip:
            self.zip.close()

    @contextmanager
    def _stream(self, name: str) -> Iterator[IO[bytes]]:
        with self.zip.open(name) if self.zip else (self.path / name).open("rb") as stream:
            yield stream

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """Yield (line number, cells) of one file; raise ImportRefused at the first thing that is not CSV."""
        lines = Lines(self, name)
        try:
            with self._stream(name) as stream:
                reader = csv.reader(lines.read(stream), strict=True)
                for cells in reader:
                    lines.inside = False
                    if len(cells) > COLUMN_LIMIT:
                        raise refuse(name, f"has more than {COLUMN_LIMIT} columns", lines.number)
                    if cells:
                        yield lines.number, cells
        except csv.Error as problem:
            raise refuse(name, f"is not CSV here ({problem}); expected RFC 4180 quoting", lines.number) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as problem:
            raise refuse(name, f"cannot be unpacked ({problem}); ask for the package again", lines.number) from None


class Lines:
    """The physical lines of one file; OneRoster allows no line break inside a field, so a line is a row."""

    def __init__(self, package: Package, name: str) -> None:
        self.package = package
        self.name = name
        self.number = 0
        self.inside = False

    def read(self, stream: IO[bytes]) -> Iterator[str]:
        """Yield decoded lines; refuse what no honest exporter writes."""
        while raw := stream.readline(LINE_LIMIT + 1):
            if self.inside:
                raise self._no("has a quote that is not closed, or a line break inside a field")
            self.number += 1
            self.package.budget -= len(raw)
            if self.package.budget < 0:
                raise self._no("unpacks to far more than its zip can honestly hold")
            yield self._text(raw)
        if self.inside:
            raise self._no("has a quote that is not closed")

    def _text(self, raw: bytes) -> str:
        if self.number == 1 and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise self._no("is UTF-16; expected UTF-8")
        if len(raw) > LINE_LIMIT:
            raise self._no(f"has a line longer than {LINE_LIMIT:,} bytes")
        if b"\x00" in raw:
            raise self._no("has a NUL byte; expected text in UTF-8")
        try:
            text = raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as problem:
            raise self._no(f"is not UTF-8 (byte {problem.start + 1} of the line)") from None
        text = text.removesuffix("\n").removesuffix("\r")
        if "\r" in text:
            raise self._no("has a bare carriage return; expected lines that end with CRLF or LF")
        self.inside = bool(text)
        return text + "\n"

    def _no(self, message: str) -> ImportRefused:
        return refuse(self.name, message, self.number)
