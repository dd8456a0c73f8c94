"""A small synthetic district and its package, and tools to spoil the package."""

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction

from roster.exports.package import write_package
from roster.seeding.district import seed

TODAY = datetime.date(2026, 11, 22)
DISTRICT = (120, 3, 1, TODAY)
EXPORTED: list[bytes] = []
"""The package of the district below; it is the same for every test."""
Spoil = Callable[[dict[str, bytes]], None]


def export(path: Path) -> bytes:
    """Export the district and return the bytes."""
    write_package(path, 12)
    return path.read_bytes()


@pytest.fixture
def exported(db: None, tmp_path: Path) -> Path:
    """The package of a district of three schools, and an empty database."""
    path = tmp_path / "district.zip"
    if not EXPORTED:
        with transaction.atomic():
            seed(*DISTRICT)
            EXPORTED.append(export(path))
            transaction.set_rollback(True)
    path.write_bytes(EXPORTED[0])
    return path


@pytest.fixture
def package(exported: Path) -> Path:
    """The package of a district of three schools, which is in the database too."""
    seed(*DISTRICT)
    return exported


def spoiled(package: Path, spoil: Spoil) -> Path:
    """Write a copy of the package whose files `spoil` has changed."""
    with zipfile.ZipFile(package) as source:
        files = {name: source.read(name) for name in source.namelist()}
    spoil(files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    path = package.with_name("spoiled.zip")
    path.write_bytes(buffer.getvalue())
    return path


def replacing(file: str, old: bytes, new: bytes, count: int = 1) -> Spoil:
    """Return a spoiler that replaces bytes in one file."""

    def spoil(files: dict[str, bytes]) -> None:
        assert old in files[file]
        files[file] = files[file].replace(old, new, count)

    return spoil


def written(folder: Path, files: dict[str, str]) -> Path:
    """Write a package as a folder; files are named without their ending."""
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder
