"""What connections did, day by day of the district: the access log added up into DailyUse.

Numbers of the log are given out before their rows are committed, so a row may come after a later number was seen. The
mark remembers which of the newest numbers were still missing, and the next time looks for exactly those.
"""

from django.conf import settings
from django.db import connection as database
from django.db import transaction

from connections.models import UsageMark

LOOK_BACK = 1000
"""So many of the newest numbers may still be on their way."""

_ADD = """
    WITH mark AS (
        SELECT last, missing FROM connections_usagemark WHERE id = 1
    ), upto AS (
        SELECT coalesce(max(id), 0) AS id FROM connections_accesslog
    ), fresh AS (
        SELECT l.* FROM connections_accesslog l WHERE l.id > (SELECT last FROM mark)
        UNION ALL
        SELECT l.* FROM connections_accesslog l WHERE l.id = ANY (ARRAY(SELECT unnest(missing) FROM mark))
    ), day AS (
        SELECT connection_id, (at AT TIME ZONE %(zone)s)::date AS day,
               count(*) FILTER (WHERE status < 400 AND operation <> 'token') AS calls,
               count(*) FILTER (WHERE status = 401) AS refused,
               coalesce(sum(records) FILTER (WHERE status < 400), 0) AS records,
               max(at) FILTER (WHERE status < 400 AND operation <> 'token') AS last_call_at,
               max(at) FILTER (WHERE status = 401) AS last_refusal_at
        FROM fresh JOIN connections_connection c ON c.id = connection_id
        GROUP BY 1, 2
    ), added AS (
        INSERT INTO connections_dailyuse AS d
            (connection_id, day, calls, refused, records, last_call_at, last_refusal_at)
        SELECT * FROM day
        ON CONFLICT (connection_id, day) DO UPDATE SET
            calls = d.calls + excluded.calls,
            refused = d.refused + excluded.refused,
            records = d.records + excluded.records,
            last_call_at = greatest(d.last_call_at, excluded.last_call_at),
            last_refusal_at = greatest(d.last_refusal_at, excluded.last_refusal_at)
    )
    UPDATE connections_usagemark m SET
        last = greatest(m.last, upto.id),
        missing = ARRAY(
            SELECT n FROM generate_series(greatest(upto.id - %(look_back)s, 1), upto.id) n
            WHERE (n > m.last OR n = ANY (m.missing))
              AND NOT EXISTS (SELECT 1 FROM connections_accesslog l WHERE l.id = n)
        )
    FROM upto WHERE m.id = 1
"""


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
