"""The way back from the last import: what it made goes, what it changed is as it was, what it deleted is there again.

Each statement of an import notes what it does (`upserts`); here the notes are kept with their import and read
backwards. A row the import made that somebody has built upon since (a sign-in, a score, a connection's school) ends
instead of vanishing.
"""

import datetime

from django.db import connection

from roster.imports.foreign_keys import checked_at_once, leading_to
from roster.imports.upserts import run
from roster.models import AppliedPackage, FeedImport, FeedStep
from roster.protection import acting_at_once

PUBLISHED = frozenset({"roster_roleid"})
"""What only repeats that a row was published; it goes with the row."""


def keep_trace(feed: FeedImport) -> None:
    """Give the notes of the import at work to its row, and forget those of the imports before it."""
    run("DELETE FROM roster_feedtrace c USING roster_feedstep s WHERE s.id = c.step_id AND s.feed_id IS NOT NULL")
    run("DELETE FROM roster_feedstep WHERE feed_id IS NOT NULL")
    run("UPDATE roster_feedstep SET feed_id = %s WHERE feed_id IS NULL", [feed.pk])


def forget_trace() -> None:
    """Forget the notes of the import at work: it changed nothing."""
    run("DELETE FROM roster_feedtrace c USING roster_feedstep s WHERE s.id = c.step_id AND s.feed_id IS NULL")
    run("DELETE FROM roster_feedstep WHERE feed_id IS NULL")


def forget_all() -> None:
    """Forget the way back from the last import, and what imports quote: for when people are deleted for good."""
    run("DELETE FROM roster_feedtrace")
    run("DELETE FROM roster_feedstep")
    FeedImport.objects.exclude(samples=[], problems=[]).update(samples=[], problems=[])


def can_undo(feed: FeedImport) -> bool:
    """Return whether the import is applied and no other one came after it."""
    applied = feed.state in (FeedImport.State.DONE, FeedImport.State.PUBLISHING, FeedImport.State.UNDOING)
    return applied and FeedStep.objects.filter(feed=feed).exists()


def undo(feed: FeedImport, now: datetime.datetime) -> int:
    """Take the import back, in the caller's transaction; return how many rows that concerned.

    Its package is forgotten, so that one like it is read again.
    """
    with acting_at_once(now):
        count = 0
        for step in FeedStep.objects.filter(feed=feed).order_by("-pk"):
            count += _put_back(step) if step.columns else _bring_back(step)
            count += _unmake(step, now)
    run("DELETE FROM roster_feedtrace c USING roster_feedstep s WHERE s.id = c.step_id AND s.feed_id = %s", [feed.pk])
    FeedStep.objects.filter(feed=feed).delete()
    AppliedPackage.objects.all().delete()
    return count


def _put_back(step: FeedStep) -> int:
    """Set the columns the step set to what they were."""
    table, sets = step.table_name, ", ".join(f"{name} = o.{name}" for name in step.columns)
    return run(
        f"UPDATE {table} t SET {sets} FROM roster_feedtrace c, jsonb_populate_record(NULL::{table}, c.row) o "
        "WHERE c.step_id = %s AND c.row IS NOT NULL AND t.id = o.id",
        [step.pk],
    )


def _bring_back(step: FeedStep) -> int:
    """Insert the rows the step deleted, unless somebody has made one in their place."""
    table = step.table_name
    return run(
        f"INSERT INTO {table} SELECT o.* FROM roster_feedtrace c, jsonb_populate_record(NULL::{table}, c.row) o "
        "WHERE c.step_id = %s AND c.row IS NOT NULL ON CONFLICT DO NOTHING",
        [step.pk],
    )


def _unmake(step: FeedStep, now: datetime.datetime) -> int:
    """Delete the rows the step made; those that something else names by now end."""
    table, many = step.table_name, _made(step)
    if not many:
        return 0
    made = "SELECT unnest(c.made) FROM roster_feedtrace c WHERE c.step_id = %s"
    named = leading_to(table)
    for key in named:
        if key.table in PUBLISHED:
            run(f"DELETE FROM {key.table} WHERE {key.column} IN ({made})", [step.pk])
    free = " AND ".join(f"NOT EXISTS (SELECT 1 FROM {key.table} z WHERE z.{key.column} = t.id)" for key in named)
    with checked_at_once(table, many):
        gone = run(f"DELETE FROM {table} t WHERE t.id IN ({made}) AND {free or 'true'}", [step.pk])
    if gone == many or not _ends(table):
        return gone
    return gone + run(f"UPDATE {table} SET ended_at = %s WHERE id IN ({made})", [now, step.pk])


def _made(step: FeedStep) -> int:
    """Return how many rows the step made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(cardinality(made)), 0) FROM roster_feedtrace WHERE step_id = %s", [step.pk])
        return int(cursor.fetchone()[0])


def _ends(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s "
            "AND column_name = 'ended_at'",
            [table],
        )
        return cursor.fetchone() is not None
