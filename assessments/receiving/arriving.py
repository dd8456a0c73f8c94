"""What waited is stored as soon as what it waits for has arrived: each test by itself, scores many at a time.

This goes by acts of its own after the act that brought the missing part. What is left when one is stopped, and what
waits for a student, is found by the job.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import transaction
from django.http import HttpRequest

from assessments.models import Unmatched
from assessments.receiving import scores, tests
from assessments.receiving.batch import LINE_ITEM, RESULT, Waiting
from assessments.rules import awaited
from assessments.wire import ASSESSMENT_LINE_ITEM, ASSESSMENT_RESULT
from connections.grants import Grant, grant_of
from connections.models import Connection
from gradebook.receiving.batch import Batch, Work, carried_out
from gradebook.services.act import Act
from gradebook.services.results import Done
from interop.oneroster.errors import OneRosterError
from interop.oneroster.resource import V1P2
from interop.oneroster.writing import Sent, read_one

AT_ONCE, MOST = 500, 5_000
"""Scores of one act, and of what one request stores besides its own; the job goes on."""
WRITE = "assessment.createput"
RESOURCES = {LINE_ITEM: ASSESSMENT_LINE_ITEM, RESULT: ASSESSMENT_RESULT}
WORK: dict[str, Work] = {LINE_ITEM: tests.work, RESULT: scores.work}
log = logging.getLogger("interop.assessments")


def arrived(owner: int, sourced_id: str) -> None:
    """Store what waits for a test that a request brought, and what waits for that; never raises."""
    try:
        follow(owner, sourced_id)
    except Exception:  # the request itself is done; the job goes on with what waits
        log.exception("what waits for an assessment was not stored")


def follow(owner: int, sourced_id: str, most: int = MOST) -> int:
    """Store what waits for a test of the owner, and what waits for that; return how much was."""
    stored, names = 0, [sourced_id]
    while names and stored < most:
        for_it = Unmatched.objects.filter(owner=owner, missing_kind=LINE_ITEM, missing=names.pop())
        for row in for_it.filter(kind=LINE_ITEM):
            if stores([row]):
                stored += 1
                names.append(row.sourced_id)
        stored += stores(for_it.filter(kind=RESULT).order_by("pk")[: most - stored])
    return stored


def stores(rows: Iterable[Unmatched]) -> int:
    """Store rows of one kind whose missing part is there; return how many were. What cannot be is told in receipts."""
    groups: dict[int, list[Unmatched]] = defaultdict(list)
    for row in rows:
        groups[row.connection_id].append(row)
    stored = 0
    for key, found in groups.items():
        grant = grant_of(Connection.objects.get(pk=key))
        if not any(scope.endswith(WRITE) for scope in grant.scopes) or not grant.writes:
            continue
        for start in range(0, len(found), AT_ONCE):
            stored += _stored(grant, found[start : start + AT_ONCE])
    return stored


def _stored(grant: Grant, rows: Sequence[Unmatched]) -> int:
    """Store rows of one connection; those that are refused are settled, the others done again."""
    while rows:
        kind, batch, done = rows[0].kind, Waiting(grant, RESOURCES[rows[0].kind], _read(rows)), list[Unmatched]()
        try:
            carried_out(batch, partial(_again, rows, done, WORK[kind]), HttpRequest(), b"")
        except OneRosterError:
            refused = {done[place].pk for place in batch.notes.by_place if batch.notes.refused(place)}
            if not refused:
                return 0
            _settle(batch, done)
            rows = [row for row in rows if row.pk not in refused]
        else:
            return len(done)
    return 0


def _again(rows: Sequence[Unmatched], done: list[Unmatched], work: Work, batch: Batch, act: Act) -> Done:
    """Put what the rows hold by now; `done` becomes those rows."""
    done[:] = _locked(rows)
    batch.sent = _read(done)
    return work(batch, act) if done else Done()


def _locked(rows: Sequence[Unmatched]) -> list[Unmatched]:
    """Return the rows as they are now; those that somebody else works on are left to them."""
    keys = [row.pk for row in rows]
    return list(Unmatched.objects.select_for_update(skip_locked=True).filter(pk__in=keys).order_by("pk"))


def _read(rows: Sequence[Unmatched]) -> list[Sent]:
    return [read_one(row.body.encode(), RESOURCES[row.kind], V1P2, row.sourced_id) for row in rows]


@transaction.atomic
def _settle(batch: Waiting, rows: Sequence[Unmatched]) -> None:
    """Let rows wait for what they miss now; what is wrong otherwise has its receipt and waits no longer."""
    for place, row in enumerate(rows):
        if not batch.notes.refused(place):
            continue
        same = Unmatched.objects.filter(pk=row.pk, last_at=row.last_at)
        if missing := awaited(batch.notes.of(place)):
            same.update(missing_kind=missing[0], missing=missing[1])
        else:
            same.delete()
