"""Reading a package, zip or folder, as streams with a byte budget; nothing is unpacked to disk."""

import csv
import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self, cast

from roster.imports.problems import ImportRefused, Problem

LINE_LIMIT = 1 << 20
COLUMN_LIMIT = 500
SMALL = 50 << 20
RATIO = 200
MOST_AT_ONCE = 2 * LINE_LIMIT
TOO_FAR = "unpacks to far more than its zip can honestly hold"
csv.field_size_limit(LINE_LIMIT)


def refuse(file: str, message: str, line: int = 0) -> ImportRefused:
    """Return the refusal of a package for one reason."""
    return ImportRefused([Problem(file, line, "", message)])


class Package:
    """The files of a package by name; `rows` streams one of them. `ends` says whether its last line has its end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = 0
        self.ends: dict[str, bool] = {}
        self.zip: zipfile.ZipFile | None = None
        if path.is_dir():
            entries = [entry for entry in path.iterdir() if entry.suffix == ".csv"]
            for entry in entries:
                if entry.is_symlink() or not entry.is_file():
                    raise refuse(entry.name, "is a link or not a plain file; put the file itself into the folder")
            self.names = {entry.name for entry in entries}
            self.size = self.budget = sum(entry.stat().st_size for entry in entries)
        elif path.is_file():
            self._open_zip()
        else:
            raise refuse(str(path), "there is no such file or folder")

    def _open_zip(self) -> None:
        try:
            self.opened = _Bounded(self.path)
            self.zip = zipfile.ZipFile(self.opened)
        except (zipfile.BadZipFile, OSError, ValueError) as problem:
            raise refuse(self.path.name, f"is not a complete zip file ({problem}); ask for the package again") from None
        self.names = set()
        for info in self.zip.infolist():
            self._check_entry(info)
            self.names.add(info.filename)
        self.budget = SMALL + RATIO * self.path.stat().st_size
        self.size = min(self.budget, sum(info.file_size for info in self.zip.infolist()))

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
            self.opened.close()

    @contextmanager
    def _stream(self, name: str) -> Iterator[IO[bytes]]:
        if self.zip:
            # read through a buffer written in C; the zip's own stream finds each line in Python
            with io.BufferedReader(cast("io.RawIOBase", self.zip.open(name))) as stream:
                yield stream
        else:
            with (self.path / name).open("rb") as stream:
                yield stream

    def digest(self) -> bytes:
        """Return the SHA-256 of all files and their names; the same for a zip and for the folder it holds."""
        digest, budget = hashlib.sha256(), self.budget
        for name in sorted(name for name in self.names if name.endswith(".csv")):
            content = hashlib.sha256()
            with readable(name), self._stream(name) as stream:
                while chunk := stream.read(LINE_LIMIT):
                    budget -= len(chunk)
                    if budget < 0:
                        raise refuse(name, TOO_FAR)
                    content.update(chunk)
            digest.update(f"{name}\0".encode() + content.digest())
        return digest.digest()

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """Yield (line number, cells) of one file; raise ImportRefused at the first thing that is not CSV."""
        lines = Lines(self, name)
        with readable(name, lines), self._stream(name) as stream:
            for cells in csv.reader(lines.read(stream), strict=True):
                lines.inside = False
                if len(cells) > COLUMN_LIMIT:
                    raise refuse(name, f"has more than {COLUMN_LIMIT} columns", lines.number)
                if cells:
                    yield lines.number, cells


@contextmanager
def readable(name: str, lines: "Lines | None" = None) -> Iterator[None]:
    """Turn what the libraries raise at a damaged file into a refusal that names the file, and the line if known."""
    try:
        yield
    except csv.Error as problem:
        message = f"is not CSV here ({problem}); expected RFC 4180 quoting"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as problem:
        message = f"cannot be unpacked ({problem}); ask for the package again"
    else:
        return
    raise refuse(name, message, lines.number if lines else 0)


class _Bounded(io.FileIO):
    """A zip whose table of contents may not fill the memory: no single read is longer than a line may be."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_AT_ONCE:
            raise zipfile.BadZipFile("its table of contents is longer than any package needs")
        return super().read(size) or b""


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
            self.package.read += len(raw)
            if self.package.read > self.package.budget:
                raise self._no(TOO_FAR)
            yield self._text(raw)
            self.package.ends[self.name] = raw.endswith(b"\n")
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
