"""Packages made to hurt: refused in bounded memory, with nothing written to disk."""

import io
import zipfile
from pathlib import Path

import pytest

from roster.imports.package import LINE_LIMIT, MOST_AT_ONCE, Package
from roster.imports.problems import ImportRefused
from roster.models import Person
from tests.imports.conftest import spoiled, written
from tests.imports.test_feed import load

MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.orgs,bulk\n"
HEADER = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId"


def orgs(text: str, folder: Path) -> Path:
    return written(folder / "package", {"manifest": MANIFEST, "orgs": text})


ROWS = {
    "a million columns": (HEADER + "\n" + "," * 900_000 + "\n", "more than 500 columns"),
    "a header of thousands": (",".join(f"c{n}" for n in range(3000)) + "\n", "more than 500 columns"),
    "an endless line": (HEADER + "\nd,,," + "x" * (LINE_LIMIT + 10), "longer than"),
    "a quote never closed": (HEADER + '\nd,,,"x,district,,\n' + "y\n" * 1000, "quote that is not closed"),
    "a line break in a field": (HEADER + '\nd,,,"two\nlines",district,,\n', "line break inside a field"),
    "text after a quote": (HEADER + '\nd,,,"x"y,district,,\n', "is not CSV here"),
    "a NUL": (HEADER + "\nd,,,x\0y,district,,\n", "NUL"),
    "a NUL hidden in JSON": (
        HEADER + ',metadata.interop.calendars\nd,,,x,district,,,"[{""sourcedId"":""a"",""\\u0000"":1}]"\n',
        "unknown name",
    ),
    "half a surrogate in JSON": (
        HEADER + ',metadata.interop.calendars\nd,,,x,district,,,"[{""sourcedId"":""\\ud800""}]"\n', "is not JSON",
    ),
    "JSON a thousand deep": (
        HEADER + ",metadata.interop.calendars\nd,,,x,district,,," + "[" * 100_000 + "\n", "is not JSON",
    ),
    "an identifier of SQL": (HEADER + "\n';DROP TABLE x--,,,x,district,,\n", "sourcedId: .* is not a sourcedId"),
    "a column twice": (HEADER + ",metadata.a,metadata.a\nd,,,x,district,,,,\n", "names a column twice"),
    "only carriage returns": (HEADER + "\rd,,,x,district,,\r", "bare carriage return"),
    "nothing": ("", "is empty"),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", ROWS)
def test_hostile_text_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    text, expected = ROWS[name]
    with pytest.raises(ImportRefused, match=expected):
        load(orgs(text, tmp_path))


@pytest.mark.django_db
def test_utf_16_with_and_without_a_mark_is_refused(tmp_path: Path) -> None:
    folder = orgs(HEADER, tmp_path)
    for encoding in ("utf-16", "utf-16-le", "utf-32-be"):
        (folder / "orgs.csv").write_bytes(HEADER.encode(encoding))
        with pytest.raises(ImportRefused, match=r"orgs.csv line 1: .*UTF-(8|16)"):
            load(folder)


@pytest.mark.django_db
def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    folder = orgs("", tmp_path)
    (folder / "orgs.csv").write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\nd,,,District,district,,\n".encode())
    assert load(folder)[0] == 1


@pytest.mark.django_db
def test_a_formula_is_stored_as_it_is(tmp_path: Path) -> None:
    assert load(orgs(f"{HEADER}\nd,,,=HYPERLINK(1),district,,\n", tmp_path))[0] == 1


@pytest.mark.django_db
def test_so_many_errors_are_kept_and_all_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roster.imports.problems.MOST", 200)
    rows = "".join(f"d{number},,,,district,,\n" for number in range(300))
    with pytest.raises(ImportRefused) as refused:
        load(orgs(f"{HEADER}\n{rows}", tmp_path))
    assert len(refused.value.problems) == 200
    assert refused.value.total == 300
    assert str(refused.value.problems[199]) == "orgs.csv line 201, name: is empty; a value is expected"


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roster.imports.package.SMALL", 1 << 20)
    line = b"x" * 1000 + b"\n"
    path = zipped(tmp_path / "bomb.zip", {"manifest.csv": MANIFEST.encode(), "orgs.csv": line * 20_000})
    with Package(path) as package, pytest.raises(ImportRefused, match="unpacks to far more"):
        package.digest()
    with Package(path) as package, pytest.raises(ImportRefused, match="unpacks to far more"):
        for _ in package.rows("orgs.csv"):
            pass
    assert package.read < package.budget + LINE_LIMIT


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "a/b.csv", "C:\\evil.csv", "..", "\x1b[31m.csv", "new\nline.csv"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImportRefused, match="is in a folder"):
        Package(zipped(tmp_path / "path.zip", {name: b"x"}))


def test_a_zip_in_the_zip_stays_closed(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"users.csv": b"x"})
    with Package(zipped(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes()})) as package:
        assert package.names == {"inner.zip"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    folder = written(tmp_path / "package", {"manifest": MANIFEST})
    (folder / "orgs.csv").symlink_to("/etc/passwd")
    with pytest.raises(ImportRefused, match=r"orgs.csv: is a link"):
        Package(folder)
    link = zipfile.ZipInfo("orgs.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as package:
        package.writestr(link, "/etc/passwd")
    with pytest.raises(ImportRefused, match="symbolic link"):
        Package(tmp_path / "link.zip")


def test_a_zip_of_countless_files_is_refused_before_they_are_listed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for number in range(30_000):
            package.writestr(f"a-file-with-a-rather-long-name-{number:06}.csv", b"")
    path = tmp_path / "many.zip"
    path.write_bytes(buffer.getvalue())
    assert path.stat().st_size > MOST_AT_ONCE
    with pytest.raises(ImportRefused, match="table of contents"):
        Package(path)


@pytest.mark.django_db
def test_a_damaged_file_in_a_zip_is_refused(package: Path) -> None:
    with zipfile.ZipFile(package) as source:
        info = source.getinfo("users.csv")
    content = bytearray(package.read_bytes())
    middle = info.header_offset + info.compress_size // 2
    content[middle : middle + 40] = b"\xff" * 40
    package.write_bytes(content)
    people = Person.objects.count()
    with pytest.raises(ImportRefused, match=r"cannot be unpacked|is not"):
        load(package)
    assert Person.objects.count() == people


@pytest.mark.django_db
def test_a_file_nobody_listed_is_left_alone(package: Path) -> None:
    assert load(spoiled(package, lambda files: files.update({"notes.txt": b"\0", "extra.csv": b"\0"}))) == (0, 0, 0)
