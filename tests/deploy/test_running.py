"""Production as deploy/ starts it, and what becomes of it when its servers go."""

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import requests
from celery import Celery

from interop.backups import restoring
from interop.backups.tools import Database
from interop.embedded.users import ROOT
from interop.schedule import LOOK
from roster import restored
from tests.deploy.conftest import Installation, running
from tests.embedded.conftest import eventually
from tests.live import free_port

PROVE = bool(os.environ.get("INTEROP_PROVE"))
RESTARTS = 5 if PROVE else 1
ROLLS = 5
"""How often each of two web servers is restarted."""
ENDED_WITHIN = 40
"""Seconds deploy/ gives a program to end. What went between Celery's processes while Redis was away may be lost; then
whoever did the job waits half a minute for word that its answer was taken."""
HEALED_WITHIN = 5.0
CALLS = ("users", "token", "/readyz", "/account/sign-in/")
"""What goes on while PostgreSQL restarts: vendors, and pages."""
PACE = 0.02
"""Seconds between two calls: so all stay within what a connection may ask for in that time."""


def database_of(installation: Installation) -> Database:
    return Database(f"host={installation.primary.sockets} user=interop", "", "interop")


def bodies_read(installation: Installation) -> int:
    return installation.replica.ask("SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'roster_body'")


def test_what_was_restored_is_what_was_backed_up(installation):
    with database_of(installation).connect() as server:
        assert restoring.differences(installation.backup, server) == []
    assert installation.backup.rows > 50


def test_vendors_read_bodies_from_the_replica_and_everything_that_decides_from_the_primary(installation):
    token = installation.ask_token().json()["access_token"]
    whole = installation.users(token, limit="100").json()["users"]
    assert len(whole) > 5

    def was_asked() -> bool:  # it counts what it read when it is asked the next time, a second later at the earliest
        return installation.users(token, limit="100").ok and bodies_read(installation) > 0

    assert eventually(was_asked), "the replica was asked"
    installation.replica.ask("SELECT pg_wal_replay_pause()")
    try:
        with psycopg.connect(installation.primary.url()) as server:
            hidden = whole[0]["sourcedId"]
            server.execute(
                "INSERT INTO roster_withheld (id, at) SELECT id, now() FROM roster_record WHERE object = 'user'"
                " AND version = 12 AND sourced_id = %s",
                [hidden],
            )
        left = installation.users(token, limit="100").json()["users"]
        assert [user["sourcedId"] for user in left] == [user["sourcedId"] for user in whole[1:]], "withheld at once"

        before = max(user["dateLastModified"] for user in whole)
        with psycopg.connect(installation.primary.url()) as server:
            restored.stamp_anew(server)
        again = installation.users(token, limit="100", filter=f"dateLastModified>'{before}'").json()["users"]
        assert [user["sourcedId"] for user in again] == [user["sourcedId"] for user in left], (
            "after a restore a delta is full, and bodies the replica does not have yet come from the primary"
        )
    finally:
        installation.replica.ask("SELECT pg_wal_replay_resume()")


def test_without_its_replica_the_portal_reads_from_the_primary(installation):
    token = installation.ask_token().json()["access_token"]
    installation.replica.control("stop", "-m", "immediate")
    try:
        assert len(installation.users(token, limit="100").json()["users"]) > 3
    finally:
        installation.replica.control("start")


def start_worker(installation: Installation) -> None:
    """Start worker and scheduler, and wait until the worker listens; then ring for it, as the scheduler does."""
    installation.start("worker")
    installation.start("scheduler")
    door = redis.Redis.from_url(f"unix://{installation.valkey.socket}")
    assert eventually(lambda: door.scard("_kombu.binding.celery") > 0, 60), installation.said("worker")
    bell = Celery(broker=f"redis+socket://{installation.valkey.socket}")
    bell.send_task(LOOK)
    bell.close()


def test_without_redis_vendors_read_and_no_job_is_lost(installation):
    if PROVE:  # starting both takes their time
        start_worker(installation)
    token = installation.ask_token().json()["access_token"]
    installation.valkey.kill()
    try:
        assert installation.users(token, limit="3").status_code == 200
        assert installation.ask_token().status_code == 200
        assert installation.get("/account/sign-in/").status_code == 200
        ready = installation.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert "interop_redis_up 0.0" in installation.get("/metrics").text
        installation.primary.ask(
            "INSERT INTO interop_jobrun (job, slot, subject, state, due_at, asked_by, attempt, told)"
            " VALUES ('clean-up', '', '', 'waiting', now(), 'a test', 0, '')"
        )
    finally:
        installation.valkey.start()
    assert installation.get("/readyz").json() == {"status": "ready"}
    if PROVE:
        done = "SELECT state FROM interop_jobrun WHERE asked_by = 'a test'"
        assert eventually(lambda: installation.primary.ask(done) == "done", 90), installation.said("worker")
        assert "interop_scheduler_silent_seconds" in installation.get("/metrics").text
        for name in ("worker", "scheduler"):
            installation.programs[name].terminate()
            assert installation.programs[name].wait(ENDED_WITHIN) == 0, installation.said(name)


@pytest.mark.parametrize("_time", range(RESTARTS))
def test_when_postgresql_restarts_under_load_callers_are_told_to_try_again_soon(installation, _time):
    token = installation.ask_token().json()["access_token"]
    logged = installation.primary.ask("SELECT pg_current_wal_insert_lsn()")  # a crash forgets the tokens after it
    assert eventually(lambda: installation.primary.ask(f"SELECT pg_current_wal_flush_lsn() >= '{logged}'"))
    seen: list[tuple[float, str, int, str]] = []
    stop = threading.Event()

    def call(what: str) -> None:
        while not stop.wait(0 if PROVE else 0.1):
            if what == "users":
                answer = installation.users(token, limit="3")
            elif what == "token":
                answer = installation.ask_token()
            else:
                answer = installation.get(what)
            if answer.status_code != 200:
                check_refusal(what, answer)
            seen.append((time.monotonic(), what, answer.status_code, answer.headers.get("Retry-After", "")))

    callers = [threading.Thread(target=call, args=(what,)) for what in CALLS]
    for caller in callers:
        caller.start()
    try:
        assert eventually(lambda: len(seen) > 20)
        installation.primary.control("restart", "-m", "immediate")
        back = time.monotonic()
        assert eventually(lambda: is_well(seen, back), HEALED_WITHIN)
        if PROVE:  # and it stays so
            assert eventually(lambda: time.monotonic() > back + HEALED_WITHIN + 1)
    finally:
        stop.set()
        for caller in callers:
            caller.join()
    assert {status for _, _, status, _ in seen} <= {200, 503}, Counter((what, status) for _, what, status, _ in seen)
    assert all(wait for _, _, status, wait in seen if status == 503)
    assert [what for at, what, status, _ in seen if status != 200 and at > back + HEALED_WITHIN] == []
    assert {what for at, what, status, _ in seen if status == 200 and at > back} >= {"users", "token", "/readyz"}


def is_well(seen: list[tuple[float, str, int, str]], since: float) -> bool:
    """Whether since then some calls of each kind after one another were answered."""
    statuses: dict[str, list[int]] = {what: [] for what in CALLS}
    for at, what, status, _ in list(seen):
        if at > since:
            statuses[what].append(status)
    return all(each[-5:] == [200] * 5 for each in statuses.values())


def check_refusal(what: str, answer) -> None:
    """Each surface refuses in its own language."""
    if what == "users":
        assert answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "server_busy"
    elif what == "token":
        assert answer.json()["error"] == "temporarily_unavailable"
    elif what == "/readyz":
        assert answer.json() == {"status": "not ready"}
    else:
        assert "Back in a moment" in answer.text


class Balancer:
    """Asks two web servers in turn as deploy/nginx.conf lets nginx do: who cannot be connected to is passed over, and
    whoever breaks off where nothing was changed: a POST that has been sent is never sent twice.
    """

    def __init__(self, ports: list[int]) -> None:
        self.ports, self.turn = ports, itertools.cycle(range(len(ports)))
        self.statuses: Counter[int] = Counter()
        self.failed: list[str] = []

    def send(self, method: str, path: str, **more: Any) -> None:
        first = next(self.turn)
        for port in (self.ports[first], self.ports[first - 1]):
            try:
                answer = requests.request(method, f"http://127.0.0.1:{port}{path}", timeout=30, **more)
            except requests.ConnectionError as error:
                if method == "GET" or "Connection refused" in str(error):
                    continue
                self.failed.append(f"{method} {path}: {error}")
            else:
                self.statuses[answer.status_code] += 1
            return
        self.failed.append(f"{method} {path}: nobody listens")


@pytest.mark.skipif(not PROVE, reason="starts web servers again and again; make prove runs it")
def test_web_servers_are_restarted_one_after_the_other_without_a_failed_request(installation):
    token = installation.ask_token().json()["access_token"]
    ports = [installation.port, free_port()]
    names = ["web", "another web"]

    def start(at: int) -> None:
        installation.start("web", "--port", str(ports[at]), "--processes", "2", name=names[at])
        ready = f"http://127.0.0.1:{ports[at]}/readyz"
        assert eventually(lambda: answers(ready), 60), installation.said("web")

    start(1)
    front, stop = Balancer(ports), threading.Event()

    def call(method: str, path: str, more: dict[str, Any]) -> None:
        while not stop.wait(PACE):
            front.send(method, path, **more)

    acting = {"auth": (installation.client_id, installation.secret), "data": {"grant_type": "client_credentials"}}
    reading = {"headers": {"Authorization": f"Bearer {token}"}}
    users = "/ims/oneroster/rostering/v1p2/users?limit=3"
    callers = [
        threading.Thread(target=call, args=each)
        for each in (("GET", users, reading), ("GET", users, reading), ("POST", "/oauth2/token", acting))
    ]
    for caller in callers:
        caller.start()
    try:
        for at in (0, 1) * ROLLS:
            process = installation.programs[names[at]]
            process.terminate()
            assert process.wait(30) == 0, installation.said("web")
            start(at)
    finally:
        stop.set()
        for caller in callers:
            caller.join()
        second = installation.programs.pop(names[1])
        second.terminate()
        second.wait(30)
    assert front.failed == []
    assert front.statuses.keys() == {200}
    assert front.statuses[200] > 100


def answers(url: str) -> bool:
    """Return whether it answers 200; a server that begins listens before it can answer."""
    with contextlib.suppress(requests.RequestException):
        return requests.get(url, timeout=5).status_code == 200
    return False


@pytest.mark.skipif(not PROVE or os.geteuid() != 0, reason="mounts a small disk, which needs root; make prove runs it")
def test_on_a_full_disk_vendors_read_or_are_asked_to_wait_and_room_heals_it(backup):
    file, _taken, (client_id, secret) = backup
    disk = Path(tempfile.mkdtemp(prefix="interop-full-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m,mode=0755", "tmpfs", disk], check=True)
    try:
        with running(file, client_id, secret, disk) as small:
            token = small.ask_token().json()["access_token"]
            assert small.users(token, limit="3").status_code == 200
            fill(disk, leave=100 * 2**20)
            assert small.users(token, limit="3").status_code == 200, "vendors read on a disk that is nearly full"
            told = refresh(small)
            assert (told.returncode, "Make room" in told.stderr) == (1, True), told.stderr
            fill(disk, leave=0)
            answers = [small.users(token, limit="3") for _ in range(300)]
            assert {answer.status_code for answer in answers} <= {200, 503}
            assert all(answer.headers.get("Retry-After") for answer in answers if answer.status_code == 503)
            for path in disk.glob("filler*"):
                path.unlink()
            if not small.primary.runs():  # without room for its log PostgreSQL stops; whoever looks after it starts it
                small.primary.control("start")
            healed = eventually(lambda: small.users(token, limit="3").status_code == 200)
            assert healed, small.said("web")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        disk.rmdir()


def fill(disk: Path, *, leave: int) -> None:
    """Fill a disk but for so many bytes."""
    piece = b"0" * 2**16
    with contextlib.suppress(OSError), (disk / f"filler{leave}").open("wb", buffering=0) as filler:
        while shutil.disk_usage(disk).free > leave + len(piece) or not leave:
            filler.write(piece)


def refresh(installation: Installation) -> "subprocess.CompletedProcess[str]":
    """Ask whether there is room for a refresh, as a refresh does."""
    asked = "import django; django.setup(); from interop import space; space.make_sure_of_room()"
    environment = {**installation.environment, "DJANGO_SETTINGS_MODULE": "interop.settings"}
    command = [sys.executable, "-c", asked]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_log_is_json_and_names_nobody(installation):
    token = installation.ask_token().json()["access_token"]
    installation.primary.control("stop", "-m", "fast")
    try:
        assert installation.users(token, limit="3").status_code == installation.ask_token().status_code == 503
    finally:
        installation.primary.control("start")
    lines = [line for line in installation.said("web").splitlines() if line.startswith("{")]
    assert lines, "PostgreSQL was away, and that was logged"
    told = [json.loads(line) for line in lines]
    assert all({"at", "level", "logger", "message"} <= line.keys() for line in told)
    assert any(line.get("request_id") for line in told)
    assert "sourcedId" not in "".join(lines)
    assert installation.secret not in installation.said("web")
