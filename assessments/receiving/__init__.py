"""What vendors may write: the acts that assessments/endpoints.py names, one for each operation."""

from collections.abc import Mapping
from functools import partial

from django.http import HttpRequest

from assessments.receiving import scores, tests
from assessments.receiving.arriving import arrived
from assessments.receiving.batch import LINE_ITEM, Waiting
from assessments.receiving.deleting import delete
from assessments.receiving.unmatched import keep
from connections.grants import Grant
from gradebook.receiving.batch import Work, carried_out, sent_by
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.errors import OneRosterError, unavailable
from interop.oneroster.writing import Sent, Written, body_of

TRIES = 4
CREATED = 201
Names = Mapping[str, str]


def _put(work: Work, grant: Grant, endpoint: Endpoint, names: Names, request: HttpRequest) -> Written:
    """Store one object. One that lacks nothing but a part that may still come is refused, naming it, and kept."""
    resource, body = endpoint.declaration, body_of(request)
    sent = sent_by(grant, resource, names["sourcedId"], body)
    batch = Waiting(grant, resource, [sent])
    for _ in range(TRIES):
        try:
            written = carried_out(batch, delete if sent.deleted else work, request, body)
        except OneRosterError:
            missing = batch.missing
            if missing is None or keep(batch, missing, body):
                raise
        else:
            if written.status == CREATED and resource.object == LINE_ITEM:
                arrived(batch.owner, sent.sourced_id)
            return written
    raise unavailable(1)


def _delete(grant: Grant, endpoint: Endpoint, names: Names, request: HttpRequest) -> Written:
    batch = Waiting(grant, endpoint.declaration, [Sent(names["sourcedId"], deleted=True, values={})])
    carried_out(batch, delete, request, b"")
    return Written(204)


put_test = partial(_put, tests.work)
put_score = partial(_put, scores.work)
delete_test = delete_score = _delete
