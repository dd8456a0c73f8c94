"""Moments as the services write them: ISO 8601 with a time zone."""

import datetime as dt
from typing import Any

LONGEST = 40


def moment(told: Any) -> dt.datetime | None:
    """Return the moment a text names, in UTC; None when it names none, or leaves open which zone it means."""
    if not isinstance(told, str) or len(told) > LONGEST:
        return None
    try:
        found = dt.datetime.fromisoformat(told)
        return found.astimezone(dt.UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def written(at: dt.datetime | None) -> str | None:
    """Return a moment as it is told, to the millisecond."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
