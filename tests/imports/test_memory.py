"""A feed of a million rows is read and staged in less than 300 MB; small packages show the same in everyday runs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.db import connection

from interop.oneroster.csv import FILES, header

ROWS = 1_000_000 if os.environ.get("INTEROP_PROVE") else 20_000
MOST = 300 << 20
STAGE = r"""
import re, sys
from pathlib import Path
import django
from django.conf import settings
host, name, path = sys.argv[1:]
settings.DATABASES["default"].update(HOST=host, NAME=name)
django.setup()
from django.db import transaction
from interop.progress import no_bar
from roster.imports.package import Package
from roster.imports.problems import Report
from roster.imports.staging import read_manifest, stage
with transaction.atomic(), Package(Path(path)) as package, no_bar("", 0, "") as advance:
    report = Report()
    package.digest()
    staged = read_manifest(package, report)
    stage(package, staged, report, advance)
    transaction.set_rollback(True)
assert not report.total, report.problems[:3]
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())  # getrusage counts the parent's too
print(staged.counts["enrollments"], int(peak.group(1)) * 1024)
"""


def many_enrollments(path: Path) -> Path:
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n" + "".join(
        f"file.{name},{'bulk' if name == 'enrollments' else 'absent'}\n" for name in FILES[12]
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.csv", manifest)
        with package.open("enrollments.csv", "w") as file:
            file.write(",".join(header(12, "enrollments")).encode() + b"\r\n")
            for number in range(ROWS):
                row = f"e{number},,,c{number % 9973},s{number % 40},u{number},student,,2026-08-03,2027-06-11\r\n"
                file.write(row.encode())
    return path


@pytest.mark.django_db(transaction=True)
def test_a_million_rows_stay_below_300_megabytes(tmp_path: Path) -> None:
    host, name = (str(connection.settings_dict[fact]) for fact in ("HOST", "NAME"))
    done = subprocess.run(
        [sys.executable, "-c", STAGE, host, name, str(many_enrollments(tmp_path / "many.zip"))],
        capture_output=True, text=True, check=False, timeout=600,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "interop.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows, memory = map(int, done.stdout.split())
    assert rows == ROWS
    assert memory < MOST
