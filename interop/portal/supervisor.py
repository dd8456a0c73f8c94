"""Runs the portal's programs as children: all of them, or none.

The command `portal` becomes this program when all is prepared. It stays for as long as the portal runs and has no use
for what the preparations loaded, so it loads neither Django nor the database driver.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from interop.embedded.places import Places
from interop.embedded.users import ROOT, leave, stay
from interop.portal import programs

TICK = 0.2
PATIENCE = 20.0
SET_PARENT_DEATH_SIGNAL = 1
"""prctl's option PR_SET_PDEATHSIG."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What stops the portal."""
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Have Linux end this child when the portal is killed."""
    if LIBC:
        LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


class PortInUseError(Exception):
    """Somebody else listens on the port."""


def check_port(port: int) -> None:
    """Raise PortInUseError when the port cannot be opened."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((programs.HOST, port))
        except OSError as error:
            raise PortInUseError(
                f"Port {port} cannot be used ({(error.strerror or 'in use').lower()}); choose another with PORT=…"
            ) from error


class Supervisor:
    """Web server, worker and scheduler of one portal."""

    def __init__(self, port: int, data: Path) -> None:
        self.port, self.data = port, data
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.told_to_stop = False
        self.environment: dict[str, str] = {}

    def run(self) -> str:
        """Run until Ctrl-C or TERM (returns "") or until a program dies (returns a sentence)."""
        with self._listening():
            try:
                self.environment = programs.environment(self.data / "metrics")
                for name, arguments in self.programs().items():
                    self.children[name] = self._start(arguments)
                return self._watch()
            finally:
                self._stop()

    def programs(self) -> dict[str, list[str]]:
        """Return the command line of each program."""
        return {
            "worker": programs.worker(),
            "scheduler": programs.scheduler(self.data / "celerybeat-schedule"),
            "web server": programs.web_server(self.port),
        }

    def _start(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that Ctrl-C reaches us alone and we stop all in order."""
        return subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=self.environment,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - one system call, no threads here
        )

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        self.told_to_stop = True

    def _watch(self) -> str:
        while not self.told_to_stop:
            for name, child in self.children.items():
                if (code := child.poll()) is not None:
                    return f"The {name} has stopped by itself (exit code {code}); the portal stops with it."
            time.sleep(TICK)
        return ""

    def _stop(self) -> None:
        """Ask all programs to end, the web server first; insist on the whole session of one that does not."""
        for child in reversed(self.children.values()):
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        deadline = time.monotonic() + PATIENCE
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def become(port: int, data: Path, places: Places | None) -> NoReturn:
    """Have this process become the supervisor, which goes on using the embedded servers when there are any.

    A signal that comes meanwhile waits until the supervisor listens.
    """
    servers = () if places is None else (places.locks, places.home, places.sockets, stay(places))
    os.chdir(ROOT)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    words = ["-m", "interop.portal.supervisor", port, data, *servers]
    os.execv(sys.executable, [sys.executable, *map(str, words)])  # noqa: S606 - our own program


def main() -> int:
    """Run as `become` says; return 0 when the portal was told to stop, 1 when a program died."""
    port, data, *servers = sys.argv[1:]
    try:
        sentence = Supervisor(int(port), Path(data)).run()
        said = sys.stderr if sentence else sys.stdout
        said.write(f"{sentence or 'Stopped.'}\n")
        said.flush()
    finally:
        if servers:
            *folders, users = servers
            leave(Places(*map(Path, folders)), int(users))
    return 1 if sentence else 0


if __name__ == "__main__":
    sys.exit(main())
