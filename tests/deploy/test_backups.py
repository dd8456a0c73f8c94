"""Backups: nobody reads or changes one without its key, and a drill tells a good one from a bad one."""

import io
import json
import os

import psycopg
import pytest
from django.core.management import CommandError, call_command

from interop.backups import drill, taking
from interop.backups.sealing import PIECE, Sealer, Unreadable, opened
from interop.backups.tools import Database, NoProgram, find
from interop.models import AuditEvent
from interop.vitals import last_backup
from tests.deploy.conftest import KEY


def sealed(content: bytes) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, KEY)
    for start in range(0, len(content), 100_000):
        sealer.write(content[start : start + 100_000])
    sealer.close()
    return file.getvalue()


def unsealed(file: bytes, key: str = KEY) -> bytes:
    return b"".join(opened(io.BytesIO(file), key))


@pytest.mark.parametrize("length", [0, PIECE, 2 * PIECE + 5])
def test_what_was_sealed_comes_back(length):
    content = os.urandom(length)
    assert unsealed(sealed(content)) == content


def test_a_backup_that_was_touched_is_refused():
    content = b"the canary" * PIECE
    whole = sealed(content[: 2 * PIECE + 5])
    assert b"canary" not in whole
    piece = PIECE + 16
    head = len(whole) - 2 * piece - 21
    damaged = {
        "cut at a piece": whole[: head + piece],
        "cut within": whole[:-3],
        "a bit": whole[:-30] + bytes([whole[-30] ^ 1]) + whole[-29:],
        "two pieces exchanged": whole[:head] + whole[head + piece : head + 2 * piece] + whole[head : head + piece]
        + whole[head + 2 * piece :],
        "another salt": whole[: head - 1] + b"\0" + whole[head:],
        "something else": b"PK" + whole,
        "nothing": b"",
    }  # fmt: skip
    for what, file in damaged.items():
        with pytest.raises(Unreadable):
            pytest.fail(f"{what}: {len(unsealed(file))} bytes were believed")
    with pytest.raises(Unreadable, match="another BACKUP_KEY"):
        unsealed(whole, KEY + "!")


def test_a_drill_restores_compares_and_leaves_nothing_behind(backup, db, settings, tmp_path):
    file, taken, _vendor = backup
    settings.BACKUP_KEY = KEY
    report = tmp_path / "report.json"
    call_command("restore_drill", file, report=report)
    told = json.loads(report.read_text())
    assert (told["faults"], told["rows"], told["bytes"]) == ([], taken.rows, file.stat().st_size)
    assert any("records count as modified now" in sentence for sentence in told["afterwards"])
    assert AuditEvent.objects.get(act="drilled a restore").after["rows"] == taken.rows
    with Database.configured().connect() as server:
        assert server.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'interop_drill_%'").fetchone() == (
            0,
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drill, "CHECKS", {"editions": "SELECT count(*) FROM roster_edition"})
        with pytest.raises(CommandError, match=r"is not good: 1 editions"):
            call_command("restore_drill", file)


def test_a_restore_refuses_a_database_that_is_not_empty_or_in_use(backup, db, settings):
    file, _taken, _vendor = backup
    settings.BACKUP_KEY = KEY
    with pytest.raises(CommandError, match="Stop the portal first"):
        call_command("restore", file)
    settings.BACKUP_KEY = ""
    with pytest.raises(CommandError, match="Set BACKUP_KEY"):
        call_command("restore", file)


def test_backups_of_a_folder_are_kept_to_the_newest_and_remembered(db, settings, tmp_path, monkeypatch):
    settings.BACKUP_KEY = KEY
    monkeypatch.setattr(taking, "_dump", lambda sealer, *_: sealer.write(b"dump"))
    assert last_backup() is None
    older = [tmp_path / f"interop-2026010{day}-000000{taking.SUFFIX}" for day in (1, 2, 3)]
    for path in older:
        path.touch()
    call_command("backup", tmp_path, keep=2)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[0] == older[-1].name
    assert len(names) == 2
    assert last_backup() is not None
    with pytest.raises(CommandError, match="--keep needs a folder"):
        call_command("backup", tmp_path / "one", keep=2)


def test_a_server_newer_than_the_programs_names_what_to_install():
    with pytest.raises(NoProgram, match="pg_dump 99 or newer"):
        find("pg_dump", 99)
    assert find("pg_dump", 15).name == "pg_dump"


def test_a_database_that_refuses_is_told_in_one_sentence(settings, tmp_path, monkeypatch):
    settings.BACKUP_KEY = KEY
    nowhere = Database.configured().named("nowhere")
    monkeypatch.setattr(Database, "configured", lambda: nowhere)
    with pytest.raises(CommandError, match="PostgreSQL refused") as refused:
        call_command("backup", tmp_path / "one")
    assert isinstance(refused.value.__cause__, psycopg.Error)
    assert list(tmp_path.iterdir()) == []
