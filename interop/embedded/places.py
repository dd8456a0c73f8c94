"""Where the embedded servers of one DATA_DIR live; worked out from the path alone, so that all commands agree."""

import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from interop.embedded.files import once

SHARED = Path("/var/lib/interop")
"""Home of the servers when root runs them and the folder it was given is closed to others."""
LONGEST_SOCKET_FOLDER = 70
"""A socket's path must stay below 100 bytes on every platform; the file names take up to 24."""
NAME = "interop"
"""The role, the database and (for root) the system user."""


@dataclass(frozen=True)
class Places:
    """Folders and addresses of one pair of embedded servers."""

    locks: Path
    home: Path
    sockets: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Places":
        """Return the places for DATA_DIR, remembering the choice there."""
        locks = data_dir / "embedded"
        home = locks
        if os.geteuid() == 0:
            home = _home_for_root(data_dir)
        sockets = home / "run"
        if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
            sockets = Path(tempfile.gettempdir()) / f"interop-{os.geteuid()}-{_digest(str(home))}"
        return cls(locks, home, sockets)

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's working folder."""
        return self.home / "valkey"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's only door."""
        return self.sockets / "valkey.sock"

    @property
    def log(self) -> Path:
        """What the keeper and both servers say."""
        return self.locks / "servers.log"

    @property
    def database_url(self) -> str:
        """DATABASE_URL of the embedded PostgreSQL."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets), safe='')}"

    @property
    def redis_url(self) -> str:
        """REDIS_URL of the embedded Valkey."""
        return f"unix://{quote(str(self.valkey_socket))}"


def open_to_others(path: Path) -> bool:
    """Whether a user who owns nothing here can walk down to the path."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _home_for_root(data_dir: Path) -> Path:
    """Root's servers run as another user: inside DATA_DIR when that user can get there, else below SHARED.

    The choice is written down once: data do not move when somebody changes a mode. A name below SHARED has a random
    part, so a DATA_DIR that was removed and made again starts empty, and a copied one does not meet the first.
    """
    key = _digest(str(data_dir))

    def choose() -> str:
        if open_to_others(data_dir):
            return "here"
        return f"{key}-{secrets.token_hex(4)}"

    folder = data_dir / "embedded"
    folder.mkdir(parents=True, exist_ok=True)
    choice = once(folder / "home", choose)
    if choice == "here" and open_to_others(folder):
        return folder
    return SHARED / (
        choice if choice.startswith(key) else once(folder / f"home-{key}", lambda: f"{key}-{secrets.token_hex(4)}")
    )
