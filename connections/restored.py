"""Access, after the database went back in time by a restore: what it opens again must be asked for anew.

Tokens that were revoked since, sessions that were ended and one-time links that were opened would be good once more.
"""

from typing import Any

import psycopg

_TOKENS = "DELETE FROM connections_accesstoken"
_SESSIONS = "DELETE FROM django_session"
_STATEMENTS = (
    _TOKENS,
    "UPDATE connections_handover SET sealed = NULL, opened_at = coalesce(opened_at, clock_timestamp())",
    _SESSIONS,
    "UPDATE connections_connection SET revision = revision + 1",
)


def end_access(database: psycopg.Connection[Any]) -> str:
    """Revoke all tokens, end all sessions, close all one-time links; return a sentence."""
    counts = {statement: database.execute(statement).rowcount for statement in _STATEMENTS}
    return f"{counts[_TOKENS]:,} access tokens revoked, {counts[_SESSIONS]:,} sessions ended, one-time links closed."
