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
SIGN_IN, SIGNATURE = "token", "signature"
_SIGN_IN = """
    INSERT INTO connections_accesslog
        (connection_id, credential_id, operation, filter_fields, status, request_id, address)
    SELECT k.connection_id, k.id, %(operation)s, '', %(status)s, %(request_id)s, %(address)s
    FROM connections_credential k
    WHERE k.client_id = %(client_id)s AND (%(status)s < 400 OR NOT EXISTS (
        SELECT 1 FROM connections_accesslog l
        WHERE l.at > statement_timestamp() - interval '1 second' AND l.credential_id = k.id AND l.status >= 400))
"""


def record_sign_in(client_id: str, status: int, *, request_id: str, address: str, operation: str = SIGN_IN) -> None:
    """Write that a client we know was given a token or refused one, refusals at most once a second.

    A refused signature is the operation SIGNATURE; an accepted one is logged with what was read.

    The same one statement whether the client is known or not; an unknown one leaves no row.
    """
    given: dict[str, str | int] = {
        "client_id": client_id.replace("\0", ""), "status": status, "operation": operation
    }  # fmt: skip
    with database.cursor() as cursor:
        cursor.execute(_SIGN_IN, given | {"request_id": request_id[:64], "address": address[:64]})


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
