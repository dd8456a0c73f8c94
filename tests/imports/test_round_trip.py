"""Whatever a district is like: its package, of either version, imports into an empty database to the same published
records; and what a connection is written is a package that imports, with exactly what that connection sees."""

import datetime
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.grants import Grant
from interop.progress import no_bar
from roster import models
from roster.exports.package import write_package
from roster.exports.shared import write_shared
from roster.imports.feed import import_package
from roster.imports.package import Package
from roster.publishing import publish
from roster.reading.scope import in_scope
from tests.imports.test_feed import empty_district, stages_dropped
from tests.reading.published import grant as make_grant
from tests.roster.conftest import Published, at
from tests.roster.districts import BOUNDARIES, RandomDistrict

many = settings(  # half as many as elsewhere: each example publishes, writes and reads a whole district
    max_examples=settings.default.max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Undo(Exception):
    """Rolls one example back."""


@contextmanager
def rolled_back() -> Iterator[None]:
    with pytest.raises(Undo), transaction.atomic():  # noqa: PT012
        yield
        raise Undo


def published(day: datetime.date) -> dict[str, dict[str, Any]]:
    """What vendors would read of this district if it were published for the first time on this day."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE roster_edition, roster_record, roster_body CASCADE")
    publish(at(day), force=True)
    reader = Published()
    kinds = ("org", "academicSession", "course", "class", "resource", "user", "demographics", "enrollment")
    found = {}
    for kind in kinds:
        for sourced_id, doc in reader.docs(kind).items():
            del doc["dateLastModified"]
            found[f"{kind} {sourced_id}"] = doc
    return found


@many
@given(seed=st.integers(0, 2**32), day=st.sampled_from(BOUNDARIES), version=st.sampled_from([11, 12]))
def test_a_package_imports_again_to_the_same_published_records(db, seed, day, version):
    with rolled_back(), tempfile.TemporaryDirectory() as folder:
        RandomDistrict(random.Random(seed))  # noqa: S311
        if not models.SchoolYear.objects.filter(active=True).exists():
            return
        before, path = published(day), Path(folder) / "package.zip"
        write_package(path, version)
        empty_district()
        import_package(path, dry_run=False, confirmed=False)
        stages_dropped()
        assert published(day) == before


def shared_by(grant: Grant) -> dict[str, set[str]]:
    """The sourcedIds of the active records a grant sees, by wire object."""
    where, params = in_scope(grant)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.object, array_agg(r.sourced_id) FROM roster_record r WHERE r.retired_at IS NULL "  # noqa: S608
            f"AND r.version = %s AND r.status = 'active' AND {where} GROUP BY 1",
            [grant.version, *params],
        )
        return {name: set(ids) for name, ids in cursor.fetchall()}


FILE_OF = {
    "org": "orgs", "academicSession": "academicSessions", "course": "courses", "class": "classes", "user": "users",
    "enrollment": "enrollments", "demographics": "demographics", "resource": "resources",
}  # fmt: skip


@many
@given(seed=st.integers(0, 2**32), day=st.sampled_from(BOUNDARIES), version=st.sampled_from([11, 12]))
def test_what_a_connection_sees_is_a_package_with_just_its_records(db, seed, day, version):
    with rolled_back(), tempfile.TemporaryDirectory() as folder:
        chance = random.Random(seed)  # noqa: S311
        RandomDistrict(chance)
        published(day)
        schools = chance.choice([None, frozenset([models.School.objects.order_by("?").first().pk])])
        grant = make_grant(schools=schools, guardians=chance.random() < 0.5, demographics=chance.random() < 0.5)
        shared = shared_by(grant)
        if not grant.demographics:
            shared.pop("demographics", None)
        path = Path(folder) / "shared.zip"
        write_shared(path, version, grant, no_bar)
        with Package(path) as package:
            for kind, ids in shared.items():
                _, *rows = package.rows(f"{FILE_OF[kind]}.csv")
                assert {row[1][0] for row in rows} == ids
            assert ("demographics.csv" in package.names) == ("demographics" in shared)
        empty_district()
        import_package(path, dry_run=True, confirmed=False)  # every reference leads somewhere
