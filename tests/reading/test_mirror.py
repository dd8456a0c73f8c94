"""Copies of bodies on this machine are right or absent, and vanish with what was deleted."""

import datetime as dt
import fcntl
import os
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster.models import Body, MirrorEpoch, Withheld
from roster.reading import mirror
from roster.reading.bodies import bodies
from roster.reading.mirror import Mirror, fill, mirrored, renew

pytestmark = pytest.mark.django_db
THERE = {number: b'{"sourcedId":"r%d"}' % number for number in range(4, 40) if number % 7}
DISTRICT = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def published() -> None:
    """Records 4 to 39; every seventh number has no body."""
    Body.objects.bulk_create(Body(id=number, doc=doc) for number, doc in THERE.items())


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Mirror]:
    """A mirror of its own."""
    (tmp_path / "own").mkdir()
    found = Mirror(tmp_path / "own")
    yield found
    found.close()


def ids(*numbers: int) -> "array[int]":
    return array("q", numbers)


def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be copied from the database any more."""

    def refused(*_told: Any) -> None:
        pytest.fail("the database was asked for bodies")

    monkeypatch.setattr(mirror._BLOCK, "run", refused)


def test_where_the_last_pages_lie_is_remembered_in_so_much_room_and_no_more(
    files: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "MUCH", 1)
    one, other, scattered = ids(4, 5, 6), ids(8, 9), ids(4, 6, 9)
    room = len(one.tobytes() + other.tobytes()) + 2 * mirror.A_PIECE
    monkeypatch.setattr(mirror, "MOST_PLACED", room)
    files.room = room
    for page in (one, other, one, other):
        files.read(page)
    assert files.placed.keys() == {one.tobytes(), other.tobytes()}
    assert files.read(one) is files.read(one)
    for page in (scattered, other):
        files.read(page)
    assert files.placed.keys() == {other.tobytes()}


@DISTRICT
@given(wanted=st.lists(st.integers(4, 39), min_size=1, max_size=60))
def test_whatever_is_asked_in_whatever_order_the_files_say_what_the_database_says(wanted: list[int]) -> None:
    found = mirrored(ids(*wanted), 0)
    assert found is not None
    there = [THERE[number] for number in wanted if number in THERE]
    assert (b",".join(found.pieces), found.many) == (b",".join(there), len(there))


def test_what_one_process_copied_another_reads(files: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    first = files.read(ids(*range(4, 20)))
    no_database(monkeypatch)
    other = Mirror(files.folder)
    assert other.read(ids(*range(4, 20))) == first
    other.close()


def test_what_a_refresh_wrote_is_copied_where_a_web_server_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    here: Path = django.BODY_MIRROR
    fill(range(4, 40))
    assert not here.exists() or not [*here.iterdir()]
    mirrored(ids(4), 0)
    fill(range(4, 40))
    no_database(monkeypatch)
    found = mirrored(ids(*range(4, 40)), 0)
    assert found is not None
    assert (b",".join(found.pieces), found.many) == (b",".join(THERE.values()), len(THERE))


def test_a_run_of_records_is_one_piece_and_nothing_is_copied_twice(files: Mirror) -> None:
    found = files.read(ids(8, 9, 10, 11))
    assert found is not None
    assert found.pieces == [b",".join(THERE[number] for number in (8, 9, 10, 11))]
    size = os.fstat(files.data).st_size
    assert files.read(ids(11, 8)) is not None
    assert os.fstat(files.data).st_size == size


def test_while_another_process_copies_pages_come_from_the_database(files: Mirror) -> None:
    other = os.open(files.folder / "bodies", os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    assert files.read(ids(4, 5)) is None
    os.close(other)
    assert files.read(ids(4, 5)) is not None


def test_what_was_written_without_its_entry_is_written_again(files: Mirror) -> None:
    os.pwrite(files.data, b"half a block of a process that was killed", os.fstat(files.data).st_size)
    found = files.read(ids(4, 5, 6))
    assert found is not None
    assert found.pieces == [b",".join(THERE[number] for number in (4, 5, 6))]


def test_a_block_of_which_little_is_wanted_is_not_copied(files: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "MUCH", 3)
    assert files.read(ids(4, 5)) is None
    assert files.read(ids(4, 5, 6)) is not None
    assert files.read(ids(4)) is not None


def test_a_nearly_full_disk_is_left_alone(files: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "LEAST_FREE", 2**62)
    assert files.read(ids(4, 5)) is None
    assert os.fstat(files.data).st_size == 0


def test_a_write_that_fails_leaves_a_page_of_the_database(files: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_told: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    assert files.read(ids(4, 5)) is None


def test_without_a_folder_that_can_be_written_pages_come_from_the_database(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.BODY_MIRROR = tmp_path / "file" / "mirror"
    assert mirrored(ids(4), 0) is None
    assert bodies(ids(4, 5)).pieces == [THERE[4], THERE[5]]


def test_only_the_portal_reads_the_files(settings: Any) -> None:
    bodies(ids(4, 5))
    [folder] = settings.BODY_MIRROR.iterdir()
    assert [oct(path.stat().st_mode & 0o777) for path in (settings.BODY_MIRROR, folder, folder / "bodies")] == [
        "0o700", "0o700", "0o600",
    ]  # fmt: skip


def test_with_the_next_page_after_bodies_were_deleted_the_files_that_had_them_are_gone(settings: Any) -> None:
    bodies(ids(4, 5))
    [before] = settings.BODY_MIRROR.iterdir()
    Body.objects.filter(pk=4).delete()
    renew()
    assert bodies(ids(4, 5)).pieces == [THERE[5]]
    [after] = settings.BODY_MIRROR.iterdir()
    assert after != before
    assert THERE[4] not in (after / "bodies").read_bytes()


def test_what_was_deleted_for_its_age_lets_copies_be_made_anew_once_a_day() -> None:

    def epoch() -> int:
        renew(unless_within=dt.timedelta(days=1))
        return MirrorEpoch.objects.get().epoch

    first = epoch()
    assert epoch() == first
    MirrorEpoch.objects.update(at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert epoch() != first


def test_withheld_records_are_left_out_however_many_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies(ids(*range(4, 12)))
    Withheld.objects.create(pk=5, at="2026-09-01T00:00Z")
    wanted, expected = ids(4, 5, 6), b",".join([THERE[4], THERE[6]])
    assert b",".join(bodies(wanted).pieces) == expected
    monkeypatch.setattr("roster.reading.bodies.FEW", 0)
    assert b",".join(bodies(wanted).pieces) == expected
    assert bodies(wanted).many == 2


def test_a_page_of_the_files_asks_the_database_for_nothing_but_what_holds_now(
    django_assert_num_queries: Any,
) -> None:
    bodies(ids(8, 9))
    with django_assert_num_queries(1):
        bodies(ids(9, 8))
    assert connection.ensure_connection() is None
