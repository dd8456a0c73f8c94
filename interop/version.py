"""Which version of the portal this is."""

import tomllib
from functools import cache

from django.conf import settings


@cache
def installed() -> str:
    """Return the version pyproject.toml states."""
    declared = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(declared["project"]["version"])
