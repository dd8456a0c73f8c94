"""The process that runs the embedded servers: starts both, restarts one that dies, stops both after the last user."""

import fcntl
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from interop.embedded.errors import EmbeddedError
from interop.embedded.places import Places
from interop.embedded.servers import Server, postgres, prepare, valkey
from interop.embedded.users import ANOTHER_RUNS, lock_file, try_lock

TICK = 0.1
RESTARTS = 5
"""Deaths of a server the keeper repairs within a minute before it gives up."""


class Keeper:
    """Owner of the two servers of one DATA_DIR."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.users = lock_file(places, "users")
        self.gate = lock_file(places, "gate")
        self.ready = lock_file(places, "ready")
        self.told_to_stop = False
        self.deaths: list[float] = []

    def run(self) -> None:
        """Run the servers until nobody uses them."""
        signal.signal(signal.SIGTERM, self._on_term)
        for ignored in (signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        install = prepare(self.places)
        servers = [postgres(self.places, install), valkey(self.places, install)]
        try:
            for server in servers:
                server.start()
            fcntl.flock(self.ready, fcntl.LOCK_EX)
            while not self.told_to_stop and not self._is_unused():
                for server in servers:
                    self._revive(server)
                time.sleep(TICK)
        finally:
            fcntl.flock(self.ready, fcntl.LOCK_UN)
            for server in servers:
                server.stop()

    def _on_term(self, _signal: int, _frame: FrameType | None) -> None:
        self.told_to_stop = True

    def _is_unused(self) -> bool:
        """Whether the last user is gone; if so nobody can come in until this process has ended."""
        if not try_lock(self.gate, fcntl.LOCK_EX):
            return False
        if try_lock(self.users, fcntl.LOCK_EX):
            return True
        fcntl.flock(self.gate, fcntl.LOCK_UN)
        return False

    def _revive(self, server: Server) -> None:
        if server.lives():
            return
        now = time.monotonic()
        self.deaths = [moment for moment in self.deaths if now - moment < 60] + [now]
        if len(self.deaths) > RESTARTS:
            raise EmbeddedError(f"{server.name} keeps stopping")
        sys.stderr.write(f"{server.name} has stopped; starting it again\n")
        server.start()


def _became_the_keeper(places: Places) -> bool:
    """Take the keeper's lock; somebody who only looks whether it is held may have it for a moment."""
    descriptor = lock_file(places, "keeper")
    for _ in range(20):
        if try_lock(descriptor, fcntl.LOCK_EX):
            return True
        time.sleep(TICK / 2)
    return False


def main() -> int:
    """Run as `python -m interop.embedded.keeper LOCKS HOME SOCKETS`."""
    places = Places(*map(Path, sys.argv[1:4]))
    if not _became_the_keeper(places):
        return ANOTHER_RUNS
    try:
        Keeper(places).run()
    except (EmbeddedError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0  # the kernel gives the lock back when this process is gone


if __name__ == "__main__":
    sys.exit(main())
