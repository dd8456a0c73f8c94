"""Typed readers of the environment; each NAME may also be given as NAME_FILE."""

import os
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

from interop.embedded.files import once


def env_str(name: str, default: str | None = None) -> str:
    """Return the value of NAME, or the content of the file named by NAME_FILE, or the default.

    Raises ImproperlyConfigured naming the variable when nothing is given or the file is unreadable.
    """
    if name in os.environ:
        return os.environ[name]
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {reason}.") from error
    if default is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE) in the environment.")
    return default


def env_bool(name: str, *, default: bool) -> bool:
    """Return NAME as true or false; raises ImproperlyConfigured for anything but true/false/1/0/yes/no."""
    value = env_str(name, "true" if default else "false").strip().lower()
    if value in {"1", "true", "yes"}:
        return True
    if value in {"0", "false", "no", ""}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; give true or false.")


def env_list(name: str, default: str = "") -> list[str]:
    """Return NAME split at commas, blanks dropped."""
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_folder(name: str, default: str = "") -> Path | None:
    """Return NAME as a folder, which need not be there; None when it is blank."""
    value = env_str(name, default)
    return Path(value).expanduser() if value else None


def env_zone(name: str, default: str) -> str:
    """Return NAME as the name of a time zone."""
    value = env_str(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"{name} is {value!r}; give a time zone such as America/Chicago.") from error
    return value


def kept_secret(name: str, path: Path, make: Callable[[], str]) -> str:
    """Return NAME or, when it is not given, the secret kept in the file, made there (0600) by the first command."""
    if given := env_str(name, ""):
        return given
    try:
        return once(path, make)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR cannot be used: {error.filename or path}: {error.strerror}.") from error
