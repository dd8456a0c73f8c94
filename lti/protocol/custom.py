"""Custom parameters: names and texts the district or a link gives a tool, variables replaced by what they stand for."""

from collections.abc import Mapping
from typing import Any

VARIABLES = (
    "User.id", "Context.id", "Context.title", "ResourceLink.id", "ResourceLink.title",
    "ResourceLink.available.startDateTime", "ResourceLink.available.endDateTime",
    "ResourceLink.submission.endDateTime",
)  # fmt: skip
"""The variables that are known here."""
MOST = 50
LONGEST = 1000


def filled(parameters: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters with variables in the place of their names; an unknown variable stays as it is written."""
    return {name: known.get(value, value) for name, value in parameters.items()}


def read(told: Any) -> dict[str, str]:
    """Return custom parameters a tool sent, as texts; what is no short text or number is left out."""
    if not isinstance(told, Mapping):
        return {}
    found: dict[str, str] = {}
    for name, value in list(told.items())[:MOST]:
        if isinstance(name, str) and isinstance(value, str | int | float) and not isinstance(value, bool):
            text = str(value)
            if len(name) <= LONGEST and len(text) <= LONGEST and "\0" not in name + text:
                found[name] = text
    return found


def parsed(text: str) -> dict[str, str]:
    """Return parameters written one a line, `name=value`. Raises ValueError with the line that is none."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, sign, value = line.partition("=")
        if not sign or not name.strip():
            raise ValueError(line)
        found[name.strip()] = value.strip()
    return found
