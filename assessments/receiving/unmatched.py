"""Unmatched results: keeping what came before a part it needs, and forgetting it."""

from collections.abc import Sequence

from django.db import connection, transaction

from assessments.models import Test, Unmatched
from assessments.receiving.batch import LINE_ITEM, RESULT, Waiting, lock_name

_KEEP = """
    INSERT INTO assessments_unmatched AS u (owner_id, connection_id, kind, sourced_id, missing_kind, missing, student,
        body, first_at, last_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now(), now())
    ON CONFLICT (owner_id, kind, sourced_id) DO UPDATE SET connection_id = EXCLUDED.connection_id,
        missing_kind = EXCLUDED.missing_kind, missing = EXCLUDED.missing, student = EXCLUDED.student,
        body = EXCLUDED.body, last_at = now(), times = u.times + 1
"""


def keep(batch: Waiting, missing: tuple[str, str], body: bytes) -> bool:
    """Keep the batch's only object until what is missing arrives; False: it has arrived meanwhile.

    Whoever puts a test holds the lock that is taken here, so that none of the two overlooks the other.
    """
    [sent] = batch.sent
    kind = batch.resource.object
    with transaction.atomic(), connection.cursor() as cursor:
        if missing[0] == LINE_ITEM:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock_name(*missing)])
            if Test.objects.filter(sourced_id=missing[1], deleted_at=None).exists():
                return False
        student = sent.values["student"] if kind == RESULT else ""
        known = [batch.owner, batch.grant.connection, kind, sent.sourced_id, *missing, student, body.decode()]
        cursor.execute(_KEEP, known)
    return True


def forget(owner: int, kind: str, sourced_ids: Sequence[str]) -> bool:
    """Forget what waits under these ids; a newer word about it has come. Return whether anything waited."""
    return bool(Unmatched.objects.filter(owner=owner, kind=kind, sourced_id__in=list(sourced_ids)).delete()[0])
