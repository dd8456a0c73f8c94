"""Typed readers of the environment; each NAME may also be given as NAME_FILE."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str | None = None) -> str:
    """Return the value of NAME, or the content of the file named by NAME_FILE, or the default.

    Raises ImproperlyConfigured naming the variable when nothing is given or the file is unreadable.
    """
    if name in os.environ:
        return os.environ[name]
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
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
