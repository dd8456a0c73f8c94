"""The portal from an empty folder: it prepares itself, runs, stops without a trace and starts again with its data."""

import datetime as dt
import io
import json
import os
import pickle
import re
import shelve
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command

from interop.jobs.planning import HEARTBEAT
from interop.portal import first_run, supervisor
from interop.portal.supervisor import Supervisor
from roster.models import District, School
from tests.embedded.conftest import eventually, is_stopped
from tests.portal.conftest import Portal, free_port

MOST = 500
"""Megabytes of the whole portal, its servers included."""
USERS = "/ims/oneroster/rostering/v1p2/users?limit=2"
CURL = f"""#!{sys.executable}
import base64, sys, urllib.request
words = sys.argv[1:]
options = {{word: words[at + 1] for at, word in enumerate(words) if word in ("-u", "-d", "-H")}}
request = urllib.request.Request(words[-1], options["-d"].encode() if "-d" in options else None)
if "-u" in options:
    request.add_header("Authorization", "Basic " + base64.b64encode(options["-u"].encode()).decode())
if "-H" in options:
    request.add_header(*options["-H"].split(": ", 1))
print(urllib.request.urlopen(request).read().decode())
"""
"""What the walk needs of curl, for machines without it."""


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH has curl: the machine's own or else ours."""
    stand_in = tmp_path / "curl"
    stand_in.write_text(CURL)
    stand_in.chmod(0o755)
    path = os.environ["PATH"]
    return os.environ | {"PATH": path if shutil.which("curl") else f"{path}{os.pathsep}{tmp_path}"}


def walk_of(portal: Portal, shell: dict[str, str]) -> tuple[str, list[str]]:
    """Copy and paste the printed walk into a shell; return the token and the users' sourcedIds."""
    lines = portal.printed.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("  TOKEN="))
    script = "\n".join([*lines[start : start + 3], 'printf "\\n%s" "$TOKEN"'])
    done = subprocess.run(["sh", "-c", script], env=shell, capture_output=True, text=True, check=True)
    users, _, token = done.stdout.rpartition("\n")
    assert "users" in json.loads(users), users
    return token, [user["sourcedId"] for user in json.loads(users)["users"]]


def heartbeat_of(portal: Portal) -> str | None:
    """What the worker noted last in this portal's own Valkey."""
    found = redis.Redis.from_url(portal.places.redis_url).get(f":1:{HEARTBEAT}")
    return pickle.loads(found) if isinstance(found, bytes) else None  # noqa: S301


def remember_a_bell_long_ago(portal: Portal) -> None:
    """Have the scheduler believe that its bell last rang an hour ago, as after a night without the portal."""
    with shelve.open(str(portal.data_dir / "celerybeat-schedule"), writeback=True) as memory:  # noqa: S301
        entry = memory["entries"]["look"]
        entry.last_run_at -= dt.timedelta(hours=1)


def test_a_portal_from_an_empty_folder_to_its_second_start(make_portal, shell):
    first = make_portal("a portal", free_port()).wait_until_it_runs()
    assert re.search(r"user name  admin\n  password   \S{16,} ", first.printed)
    token, users = walk_of(first, shell)
    assert len(users) == 2
    bearer = f"Bearer {token}"
    assert first.status("/readyz") == 200
    assert first.status(USERS, Authorization=bearer) == 200

    second = make_portal("a portal", first.port).process
    _, complained = second.communicate(timeout=120)
    assert second.returncode == 1
    assert complained.count("\n") == 1
    assert f"Port {first.port} cannot be used" in complained

    assert len(first.programs()) >= 6
    assert 100 < first.memory() < MOST
    code, printed, complained = first.end(signal.SIGINT)
    assert (code, printed.splitlines()[-1]) == (0, "Stopped."), complained
    assert first.programs() == []
    assert is_stopped(first.places)

    remember_a_bell_long_ago(first)
    again = make_portal("a portal", first.port).wait_until_it_runs()
    assert "password" not in again.printed
    assert "synthetic district" not in again.printed
    assert again.status(USERS, Authorization=bearer) == 200
    assert eventually(lambda: heartbeat_of(again) is not None), "scheduler → broker → worker"
    again.end(signal.SIGKILL)
    assert eventually(lambda: not again.programs()), "a killed portal leaves nothing running"


@pytest.mark.skipif(not os.environ.get("INTEROP_PROVE"), reason="two portals take their time; make prove runs it")
def test_two_portals_do_not_meet(make_portal, shell):
    one, two = (make_portal(name, free_port()) for name in ("one", "two"))
    tokens = [walk_of(portal.wait_until_it_runs(), shell)[0] for portal in (one, two)]
    for portal, answers in ((one, [200, 401]), (two, [401, 200])):
        assert [portal.status(USERS, Authorization=f"Bearer {token}") for token in tokens] == answers
    assert one.end(signal.SIGTERM)[0] == 0
    assert one.programs() == []
    assert two.status(USERS, Authorization=f"Bearer {tokens[1]}") == 200


def test_when_a_program_dies_the_others_end_too_and_its_name_is_told(monkeypatch, tmp_path):
    run = {"worker": ["-c", "import time; time.sleep(60)"], "scheduler": ["-c", "raise SystemExit(7)"]}
    monkeypatch.setattr(Supervisor, "programs", lambda _self: run)
    portal = Supervisor(0, tmp_path)
    assert portal.run() == "The scheduler has stopped by itself (exit code 7); the portal stops with it."
    assert {name: child.poll() for name, child in portal.children.items()} == {"worker": -15, "scheduler": 7}


def test_who_stays_as_long_as_the_portal_loads_no_more_than_it_needs():
    for module, spared in (("supervisor", {"django", "psycopg"}), ("scheduler", {"psycopg", "roster"})):
        start = f"import sys; import interop.portal.{module}; print(*{spared} & set(sys.modules))"
        assert subprocess.run([sys.executable, "-c", start], capture_output=True, check=True).stdout == b"\n"


def test_everything_is_told_before_the_web_server_starts(db, monkeypatch, tmp_path):
    told = io.StringIO()
    before: list[str] = []
    monkeypatch.setattr(supervisor, "become", lambda *_about: before.append(told.getvalue()))
    monkeypatch.setattr(settings, "ADDRESS_FILE", tmp_path / "public_url")
    monkeypatch.setattr(first_run, "DEMO", {"students": 10, "schools": 1, "seed": 1})
    monkeypatch.setattr(settings, "PUBLIC_URL", settings.PUBLIC_URL)
    monkeypatch.setenv("PUBLIC_URL", settings.PUBLIC_URL)
    port = free_port()
    call_command("portal", port=port, stdout=told)
    for expected in ("password   ", "TOKEN=$(curl", f"http://127.0.0.1:{port}/oauth2/token", "users?limit=2"):
        assert expected in before[0]


def test_a_publication_that_is_refused_does_not_keep_the_portal_from_starting(db):
    School.objects.create(sourced_id="s", name="School", district=District.objects.create(sourced_id="d", name="D"))
    said: list[str] = []
    first_run.prepare(demo=False, say=said.append)
    assert said[-1] == "No school year is active; set one active before refreshing."


@pytest.mark.parametrize("port", [0, 65536])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(CommandError, match=f"{port} is not a port"):
        call_command("portal", port=port)
