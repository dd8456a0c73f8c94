"""Learning tools, after the database went back in time by a restore: what opens anything must be asked for anew."""

from typing import Any

import psycopg

_TOKENS = "DELETE FROM lti_servicetoken"
_STATEMENTS = (
    _TOKENS,
    "DELETE FROM lti_launch",
    "DELETE FROM lti_registration WHERE tool_id IS NULL",
)


def end_tokens(database: psycopg.Connection[Any]) -> str:
    """Revoke the tokens of learning tools, and end launches and registrations under way; return a sentence."""
    [there] = database.execute("SELECT to_regclass('lti_servicetoken')").fetchone() or [None]
    if there is None:  # the backup is older than learning tools
        return "There were no learning tools yet."
    counts = {statement: database.execute(statement).rowcount for statement in _STATEMENTS}
    return f"{counts[_TOKENS]:,} tokens of learning tools revoked."
