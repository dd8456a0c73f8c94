"""Who read what: one INSERT per answered request, field names only, no student data."""

from collections.abc import Iterable

from django.db import connection as database

from connections.grants import Grant

COLUMNS = (
    'connection_id, credential_id, operation, filter_fields, "offset", "limit", records, total, status, request_id,'
    " address"
)
_INSERT = f"""
    INSERT INTO connections_accesslog ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""  # noqa: S608 - constants only


def record_read(
    grant: Grant | None,
    operation: str,
    *,
    filter_fields: Iterable[str] = (),
    offset: int | None = None,
    limit: int | None = None,
    records: int | None = None,
    total: int | None = None,
    status: int,
    request_id: str,
    address: str = "",
) -> None:
    """Write one row of the access log. `filter_fields` are names of fields, never the values asked for."""
    values = [
        grant.connection if grant else None,
        grant.credential if grant else None,
        operation[:100],
        ",".join(filter_fields)[:500],
        offset,
        limit,
        records,
        total,
        status,
        request_id[:64],
        address[:64],
    ]
    with database.cursor() as cursor:
        cursor.execute(_INSERT, values)
