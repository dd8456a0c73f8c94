"""What holds after every crash, each told in the words of what was found instead."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from connections.models import AccessLog
from gradebook import computing
from gradebook.models import Assignment, InProgressGrade, Score
from interop.jobs.models import OPEN, JobRun, State
from roster.feeding import deliveries
from roster.models import Edition, FeedImport, Section
from roster.publishing import publish
from tests.crashing.vendor import ITEMS, Vendor

LEASE = dt.timedelta(seconds=90)


def violations(vendor: Vendor) -> list[str]:
    """Return what does not hold, now that everything is quiet and the vendor rests; what was told is forgotten."""
    wrong, vendor.wrong = vendor.wrong, []
    return [*wrong, *_writes(vendor), *_published(), *_jobs(), *_log(vendor), *vendor.follow(), *_grades(),
            *_left_behind()]  # fmt: skip


def quiet() -> bool:
    """Return whether no job is due or at work."""
    return not JobRun.objects.filter(state__in=OPEN, due_at__lte=timezone.now()).exists()


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def _writes(vendor: Vendor) -> Iterator[str]:
    """I1, I2: what was acknowledged is there, once; nothing is there of half a batch."""
    told = {name for ids in vendor.acknowledged.values() for name in ids}
    stored = {name for model in (Assignment, Score) for name in model.objects.values_list("sourced_id", flat=True)}
    if missing := told - stored:
        yield f"I1: {len(missing)} acknowledged objects are missing"
    for title, many in _rows(
        "SELECT split_part(title, ' ', 1), count(*) FROM gradebook_assignment WHERE title LIKE 'batch-%' GROUP BY 1"
    ):
        if many != ITEMS:
            yield f"I2: {title} has {many} of {ITEMS} line items"
    if halves := _rows("SELECT 1 FROM gradebook_score GROUP BY assignment_id HAVING count(*) <> 2"):
        yield f"I2: {len(halves)} batches of results are half there"


def _published() -> Iterator[str]:
    """I3: one edition is the newest, what is live is unique and has its body, and it equals what the tables say."""
    if _rows("SELECT 1 FROM roster_record r LEFT JOIN roster_body b ON b.id = r.id"
             " WHERE r.retired_at IS NULL AND b.id IS NULL"):  # fmt: skip
        yield "I3: a live record has no body"
    if _rows("SELECT 1 FROM roster_record WHERE retired_at IS NULL GROUP BY version, object, sourced_id"
             " HAVING count(*) > 1"):  # fmt: skip
        yield "I3: a record is live twice"
    before = Edition.objects.order_by("-number").values_list("number", flat=True).first()
    if (outcome := publish(timezone.now(), scratch=True)).changed:
        yield f"I3: edition {before} is not what the tables say: {outcome.counts}"


def _jobs() -> Iterator[str]:
    """I5, I6: nothing runs without a worker or is given up, each slot was done once or is skipped with a reason."""
    for run in JobRun.objects.filter(state__in=OPEN, due_at__lte=timezone.now() - LEASE):
        yield f"I5: {run.job} is still {run.state}"
    for run in JobRun.objects.filter(state=State.DEAD):
        yield f"I5: {run.job} was given up: {run.told}"
    if JobRun.objects.filter(state=State.SKIPPED, told="").exists():
        yield "I6: a slot was skipped without a reason"
    if twice := _rows("SELECT job, slot FROM interop_jobrun WHERE slot <> '' GROUP BY 1, 2 HAVING count(*) > 1"):
        yield f"I6: slots are there twice: {twice}"
    for feed in FeedImport.objects.exclude(state__in=(FeedImport.State.DONE, FeedImport.State.NOTHING)):
        yield f"I5: an import is {feed.state}: {feed.told}"


def _log(vendor: Vendor) -> Iterator[str]:
    """I7: every answer the vendor got stands in the access log."""
    logged = set(AccessLog.objects.values_list("request_id", flat=True))
    if missing := vendor.heard - logged:
        yield f"I7: {len(missing)} of {len(vendor.heard)} answers are not in the access log"


def _grades() -> Iterator[str]:
    """I9: the grades in progress are those of a computation from scratch."""
    stored = set(InProgressGrade.objects.values_list("section", "person", "period", "percent", "score"))
    if stored ^ {tuple(row) for row in computing.graded(Section.objects.values_list("pk", flat=True))}:
        yield "I9: grades differ from those computed from scratch"


def _left_behind() -> Iterator[str]:
    """I10: no file of an import that is over, no table of its staging, no lock of a process that is dead."""
    deliveries.tidy(timezone.now())
    if files := [each.name for each in Path(settings.DATA_DIR, "imports").glob("*")]:
        yield f"I10: files are left: {files}"
    if tables := _rows("SELECT relname FROM pg_class WHERE relname LIKE 'stage\\_%' AND relkind = 'r'"):
        yield f"I10: tables are left: {tables}"
    if _rows(
        "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()"
        " WHERE l.locktype = 'advisory' AND l.pid <> pg_backend_pid()"
    ):
        yield "I10: a lock is still held"
