"""What connections did, added up from the access log: by day, by operation, by network, and what they were given.

Numbers of the log are given out before their rows are committed, so a row may come after a later number was seen. The
mark remembers which of the newest numbers were still missing, and the next time looks for exactly those. Days are those
of the district.
"""

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from connections.models import UsageMark

LOOK_BACK = 1000
"""So many of the newest numbers may still be on their way."""

_FRESH = """
    WITH mark AS (
        SELECT last, missing FROM connections_usagemark WHERE id = 1
    ), upto AS (
        SELECT coalesce(max(id), 0) AS id FROM connections_accesslog
    ), fresh AS MATERIALIZED (
        SELECT l.*, (l.at AT TIME ZONE %(zone)s)::date AS day,
               l.operation IN ('token', 'signature') AS signing
        FROM (
            SELECT l.* FROM connections_accesslog l WHERE l.id > (SELECT last FROM mark)
            UNION ALL
            SELECT l.* FROM connections_accesslog l WHERE l.id = ANY (ARRAY(SELECT unnest(missing) FROM mark))
        ) l
    ), own AS (
        SELECT fresh.* FROM fresh JOIN connections_connection c ON c.id = fresh.connection_id
    )
"""
_DAYS = """
    INSERT INTO connections_dailyuse AS d
        (connection_id, day, calls, refused, errors, records, bytes, last_call_at, last_refusal_at)
    SELECT connection_id, day,
           count(*) FILTER (WHERE status < 400 AND NOT signing),
           coalesce(sum(times) FILTER (WHERE status = 401 AND signing), 0),
           coalesce(sum(times) FILTER (WHERE status >= 400 AND NOT (status = 401 AND signing)), 0),
           coalesce(sum(records) FILTER (WHERE status < 400), 0),
           coalesce(sum(bytes) FILTER (WHERE status < 400), 0),
           max(at) FILTER (WHERE status < 400 AND NOT signing),
           max(at) FILTER (WHERE status = 401 AND signing)
    FROM own GROUP BY 1, 2
    ON CONFLICT (connection_id, day) DO UPDATE SET
        calls = d.calls + excluded.calls,
        refused = d.refused + excluded.refused,
        errors = d.errors + excluded.errors,
        records = d.records + excluded.records,
        bytes = d.bytes + excluded.bytes,
        last_call_at = greatest(d.last_call_at, excluded.last_call_at),
        last_refusal_at = greatest(d.last_refusal_at, excluded.last_refusal_at)
"""
_KINDS = """
    INSERT INTO connections_kinduse AS k (connection_id, operation, day, calls, errors, records, last_at)
    SELECT connection_id, operation, day,
           count(*) FILTER (WHERE status < 400),
           coalesce(sum(times) FILTER (WHERE status >= 400), 0),
           coalesce(sum(records) FILTER (WHERE status < 400), 0),
           max(at) FILTER (WHERE status < 400)
    FROM own WHERE operation <> '' GROUP BY 1, 2, 3
    ON CONFLICT (connection_id, operation, day) DO UPDATE SET
        calls = k.calls + excluded.calls,
        errors = k.errors + excluded.errors,
        records = k.records + excluded.records,
        last_at = greatest(k.last_at, excluded.last_at)
"""
_NETWORKS = """
    INSERT INTO connections_seennetwork AS n (connection_id, network, first_at, last_at)
    SELECT connection_id, network(set_masklen(address, CASE family(address) WHEN 4 THEN 24 ELSE 48 END))::text,
           min(at), max(at)
    FROM own WHERE address IS NOT NULL AND status < 400 GROUP BY 1, 2
    ON CONFLICT (connection_id, network) DO UPDATE SET
        first_at = least(n.first_at, excluded.first_at), last_at = greatest(n.last_at, excluded.last_at)
"""
# What a connection could see is what was noted of it last before (roster/reading/history.py). Once a scope is forgotten
# there, a row that comes late counts as one of the whole district: rather somebody too many than one too few.
_GIVEN = """
    INSERT INTO connections_delivery AS d (connection, version, operation, edition, scope_at, filtered, schools,
        guardians, relatives, first_at, last_at, requests, records, low, high, total)
    SELECT l.connection_id, l.version, l.operation, l.edition, coalesce(s.at, 'epoch'), l.filter_fields <> '',
           s.schools, coalesce(s.guardians, true), coalesce(s.relatives, true), min(l.at), max(l.at), count(*),
           sum(l.records), min(coalesce(l."offset", 0)), max(coalesce(l."offset", 0) + l.records), max(l.total)
    FROM fresh l LEFT JOIN LATERAL (
        SELECT s.* FROM roster_servedscope s WHERE s.connection = l.connection_id AND s.at <= l.at
        ORDER BY s.at DESC LIMIT 1
    ) s ON true
    WHERE l.status < 400 AND l.edition IS NOT NULL AND l.version IS NOT NULL AND l.records > 0
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ON CONFLICT (connection, version, operation, edition, scope_at, filtered) DO UPDATE SET
        first_at = least(d.first_at, excluded.first_at), last_at = greatest(d.last_at, excluded.last_at),
        requests = d.requests + excluded.requests, records = d.records + excluded.records,
        low = least(d.low, excluded.low), high = greatest(d.high, excluded.high),
        total = greatest(d.total, excluded.total)
"""
_ADD = f"""
    {_FRESH}, days AS ({_DAYS}), kinds AS ({_KINDS}), networks AS ({_NETWORKS}), given AS ({_GIVEN})
    UPDATE connections_usagemark m SET
        last = greatest(m.last, upto.id),
        missing = ARRAY(
            SELECT n FROM generate_series(greatest(upto.id - %(look_back)s, 1), upto.id) n
            WHERE (n > m.last OR n = ANY (m.missing))
              AND NOT EXISTS (SELECT 1 FROM fresh WHERE fresh.id = n)
        )
    FROM upto WHERE m.id = 1
"""  # noqa: S608 - constants only


@transaction.atomic
def roll_up() -> bool:
    """Add what the access log has since the last time; False when somebody else is at it just now.

    Every row of the log counts once, however often and by however many processes this is called.
    """
    UsageMark.objects.bulk_create([UsageMark(pk=1)], ignore_conflicts=True)
    if UsageMark.objects.select_for_update(skip_locked=True).filter(pk=1).first() is None:
        return False
    with database.cursor() as cursor:
        cursor.execute(_ADD, {"zone": settings.DISTRICT_TIME_ZONE, "look_back": LOOK_BACK})
    return True
