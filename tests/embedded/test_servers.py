"""The embedded servers come with the first user, go with the last, and outlive what kills them."""

import contextlib
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from interop.embedded import EmbeddedError, Places, ensure
from interop.embedded.places import LONGEST_SOCKET_FOLDER
from interop.embedded.users import ROOT, keeper_lives
from tests.embedded.conftest import User, eventually, is_stopped, server_pids


def remember(places: Places, word: str) -> None:
    with psycopg.connect(places.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def words(places: Places) -> set[str]:
    with psycopg.connect(places.database_url) as connection:
        return {word for (word,) in connection.execute("SELECT word FROM words")}


def postmaster(places: Places) -> int:
    return int((places.postgres / "postmaster.pid").read_text().split("\n", 1)[0])


def test_servers_run_while_used_and_keep_their_data(places: Places) -> None:
    with ensure(places):
        remember(places, "kept")
        assert redis.Redis.from_url(places.redis_url).ping()
    assert is_stopped(places)
    with ensure(places):
        assert words(places) == {"kept"}
    assert is_stopped(places)


def test_sockets_are_short_private_and_the_only_doors(used: Places) -> None:
    with ensure(used):
        assert len(str(used.sockets)) <= LONGEST_SOCKET_FOLDER
        assert stat.S_IMODE(used.sockets.stat().st_mode) == 0o700
        with psycopg.connect(used.database_url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert redis.Redis.from_url(used.redis_url).config_get("port") == {"port": "0"}


def test_a_second_user_keeps_the_servers_when_the_first_leaves(data_dir: Path, used: Places) -> None:
    first, second = User(data_dir), User(data_dir)
    first.wait_until_in()
    second.wait_until_in()
    first.leave()
    remember(used, "still here")
    second.leave()
    assert is_stopped(used)


def test_killed_users_are_not_counted(data_dir: Path, used: Places) -> None:
    users = [User(data_dir) for _ in range(4)]
    for user in users:
        user.wait_until_in()
    for user in users[:2]:
        user.kill()
    remember(used, "half of them live")
    users[2].leave()
    users[3].kill()
    assert eventually(lambda: is_stopped(used))
    with ensure(used):
        assert words(used) == {"half of them live"}


@pytest.mark.parametrize("seed", range(20 if os.environ.get("INTEROP_PROVE") else 1))
def test_ten_commands_at_once_and_half_of_them_killed_leave_nothing_running_and_nothing_broken(
    data_dir: Path, places: Places, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same rounds every time
    users = [User(data_dir) for _ in range(10)]
    doomed = chance.sample(users, 5)
    for user in users:
        if user in doomed:
            if chance.random() < 0.5:  # the others die while the servers start
                user.wait_until_in()
            user.kill()
    left = [user for user in users if user not in doomed]
    for number, user in enumerate(left):
        user.wait_until_in()
        remember(places, f"word {number}")
    chance.shuffle(left)
    for user in left:
        user.leave()
    assert is_stopped(places)
    with ensure(places):
        assert words(places) == {f"word {number}" for number in range(5)}
    assert is_stopped(places)


def test_a_user_killed_while_the_servers_start_breaks_nothing(data_dir: Path, places: Places) -> None:
    User(data_dir).kill()
    user = User(data_dir)
    assert eventually(places.log.exists)
    user.kill()
    with ensure(places):
        remember(places, "fine")
    assert is_stopped(places)


def test_a_killed_postgres_is_started_again_with_its_data(used: Places) -> None:
    with ensure(used):
        remember(used, "committed")
        killed = postmaster(used)
        os.kill(killed, signal.SIGKILL)

        def answers() -> bool:
            try:
                return words(used) == {"committed"} and postmaster(used) != killed
            except (psycopg.OperationalError, OSError, ValueError):
                return False

        assert eventually(answers)


def test_everything_killed_at_once_is_recovered_by_the_next_user(data_dir: Path, used: Places) -> None:
    user = User(data_dir).wait_until_in()
    remember(used, "committed")
    keeper_and_servers = server_pids(used)
    assert len(keeper_and_servers) >= 2
    for pid in keeper_and_servers:
        os.kill(pid, signal.SIGKILL)
    user.kill()
    assert (used.postgres / "postmaster.pid").exists()
    with ensure(used):
        assert words(used) == {"committed"}
        assert redis.Redis.from_url(used.redis_url).ping()


def test_servers_that_outlived_a_killed_keeper_are_replaced(data_dir: Path, used: Places) -> None:
    user = User(data_dir).wait_until_in()
    before = postmaster(used)
    for pid in server_pids(used):
        if b"interop.embedded.keeper" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    user.kill()
    assert eventually(lambda: not keeper_lives(used))
    with ensure(used):
        remember(used, "new servers")
        assert postmaster(used) != before
    assert is_stopped(used)


def test_a_pid_file_naming_another_program_and_stale_sockets_do_not_matter(used: Places) -> None:
    with ensure(used):
        remember(used, "kept")
    lines = ["{}", str(used.postgres), "1", "5432", str(used.sockets), "", " 1 1", "ready"]
    (used.postgres / "postmaster.pid").write_text("\n".join(lines).format(os.getpid()))
    used.valkey_socket.touch()
    (used.sockets / ".s.PGSQL.5432").touch()
    with ensure(used):
        assert words(used) == {"kept"}


def test_two_data_folders_do_not_meet(make_data_dir: Callable[[str], Path]) -> None:
    one, two = Places.of(make_data_dir("one")), Places.of(make_data_dir("two"))
    with ensure(one):
        remember(one, "first")
        with ensure(two):
            remember(two, "second")
            assert words(one) == {"first"}
            assert words(two) == {"second"}
        assert is_stopped(two)
        assert words(one) == {"first"}


def test_a_socket_folder_of_somebody_else_is_refused(places: Places) -> None:
    places.sockets.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    places.sockets.symlink_to("/tmp")
    try:
        with pytest.raises(EmbeddedError, match="belongs to somebody else"), ensure(places):
            pass
    finally:
        places.sockets.unlink()


def test_the_mode_of_folders_that_were_there_is_left_alone(data_dir: Path, places: Places) -> None:
    folders = [data_dir, *data_dir.parents]
    before = [folder.stat().st_mode for folder in folders]
    with ensure(places):
        pass
    assert [folder.stat().st_mode for folder in folders] == before


PLAIN_USER = 65534
PLAIN = """
import os, socket, sys
from pathlib import Path
import psycopg
from interop.embedded import Places, ensure
places = Places.of(Path(sys.argv[1]))
for word in ("first", "again"):
    with ensure(places), psycopg.connect(places.database_url) as database:
        database.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        database.execute("INSERT INTO words VALUES (%s)", [word])
        kept = [word for (word,) in database.execute("SELECT word FROM words")]
        with socket.socket(socket.AF_UNIX) as valkey:
            valkey.connect(str(places.valkey_socket))
            valkey.sendall(b"PING\\r\\n")
            assert valkey.recv(9) == b"+PONG\\r\\n"
print(os.geteuid(), places.postgres.stat().st_uid, places.home.is_relative_to(sys.argv[1]), *sorted(kept))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="the suite is run by a plain user, so all tests here are of one")
def test_a_plain_user_runs_the_servers_in_a_folder_of_her_own() -> None:
    folder = Path(tempfile.mkdtemp(prefix="interop plain "))
    os.chown(folder, PLAIN_USER, PLAIN_USER)
    packages = sysconfig.get_path("purelib")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": packages}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        her = {"user": PLAIN_USER, "group": PLAIN_USER, "extra_groups": []}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, **her)

    try:
        done = run(_python_for_all(run), "-c", PLAIN, str(folder / "data"))
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == [str(PLAIN_USER), str(PLAIN_USER), "True", "again", "first"]
    finally:
        shutil.rmtree(folder)


def _python_for_all(run: Callable[..., subprocess.CompletedProcess[str]]) -> str:
    """Return an interpreter of this version that the plain user may run: root's own may lie in a closed folder."""
    system = shutil.which(f"python{sys.version_info.major}.{sys.version_info.minor}", path=os.defpath)
    for each in filter(None, (sys.executable, system)):
        with contextlib.suppress(PermissionError):
            if run(each, "-c", "import django, psycopg").returncode == 0:
                return each
    pytest.skip("every Python of this version lies in a folder that is closed to plain users")
