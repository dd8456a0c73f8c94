"""Many values for one statement."""

from collections.abc import Iterable


def array(values: Iterable[int | str]) -> str:
    """Return the values as PostgreSQL writes an array, for `= ANY(%s)`: the driver would look into each of them."""
    return "{" + ",".join([_quoted(value) if isinstance(value, str) else str(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
