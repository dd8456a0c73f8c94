"""What is published, after the database went back in time by a restore.

Vendors have read editions that this database does not know. So every record counts as modified now: each vendor's next
delta is a full set, and nothing of what it missed or has too new stays. Every record also gets a new number, far beyond
those the lost editions may have used: a number never stands for two bodies, wherever one is still kept.
"""

from typing import Any

import psycopg

from interop.oneroster.render import stamp

GAP = 1_000_000_000
_NEXT = "SELECT greatest((SELECT max(id) FROM roster_record), (SELECT max(id) FROM roster_body), 0) + %s"
_AT = """
    SELECT date_trunc('milliseconds', greatest(
        clock_timestamp(), (SELECT max(published_at) FROM roster_edition) + interval '1 millisecond',
        (SELECT max(modified) FROM roster_record) + interval '1 millisecond'))
"""
_RECORDS = "UPDATE roster_record SET id = id + %(gap)s, modified = %(at)s WHERE retired_at IS NULL"
_RENUMBER = (
    # the access log names the numbers of before: who received a person's record (roster/received.py) stays known
    """
    INSERT INTO roster_pastrecord (id, version, object, sourced_id, modified, retired_at, school, others, former,
        audience, find)
    SELECT id, version, object, sourced_id, modified, %(at)s, school, others, former, audience,
        jsonb_strip_nulls(jsonb_build_object('roles.role', find->'roles.role', 'role', find->'role'))
    FROM roster_record WHERE retired_at IS NULL AND object IN ('user', 'demographics')
    ON CONFLICT DO NOTHING
    """,
    """
    UPDATE roster_withheld SET id = id + %(gap)s WHERE id IN (SELECT id FROM roster_record WHERE retired_at IS NULL)
    """,
    """
    UPDATE roster_lost SET record = record + %(gap)s
    WHERE record IN (SELECT id FROM roster_record WHERE retired_at IS NULL)
    """,
    """
    UPDATE roster_body b SET id = id + %(gap)s, doc = convert_to(regexp_replace(
        convert_from(doc, 'UTF8'), '"dateLastModified":"[^"]*"', '"dateLastModified":"' || %(stamp)s || '"'), 'UTF8')
    WHERE id IN (SELECT id FROM roster_record WHERE retired_at IS NULL)
    """,
    _RECORDS,
    # the next refresh compares everything with the tables, whatever has been imported since
    """
    INSERT INTO roster_edition (number, published_at, counts, fingerprint, school_year)
    SELECT number + 1, %(at)s, '{}', left(fingerprint, 32), school_year FROM roster_edition
    ORDER BY number DESC LIMIT 1
    """,
)


def stamp_anew(database: psycopg.Connection[Any]) -> str:
    """Date and number every published record anew, and end all pulls; return a sentence."""
    database.execute("TRUNCATE roster_pull, roster_frozen")
    [gap] = database.execute(_NEXT, [GAP]).fetchone() or [GAP]
    [at] = database.execute(_AT).fetchone() or [None]
    if at is None:
        return "Nothing was published."
    told = {"gap": gap, "at": at, "stamp": stamp(at)}
    counts = {statement: database.execute(statement, told).rowcount for statement in _RENUMBER}
    return f"{counts[_RECORDS]:,} published records count as modified now: vendors' next deltas are full."
