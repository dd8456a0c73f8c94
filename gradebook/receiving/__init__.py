"""What vendors may write: the acts that gradebook/endpoints.py names, one for each operation."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import uuid4

from django.http import HttpRequest
from django.utils import timezone

from connections.grants import Grant
from gradebook.receiving import line_items, results, small
from gradebook.receiving.batch import Batch, Work, carried_out, sent_by
from gradebook.receiving.deleting import delete
from gradebook.receiving.parents import known_parents
from gradebook.services.act import Act
from gradebook.services.results import Done
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.writing import Sent, Written, body_of, read_many
from interop.statements import Question

Names = Mapping[str, str]
Asks = Callable[[Batch], Sequence[Question]]


def _put(
    work: Work, grant: Grant, endpoint: Endpoint, names: Names, request: HttpRequest, *, asks: Asks | None = None
) -> Written:
    resource, body = endpoint.declaration, body_of(request)
    sent = sent_by(grant, resource, names["sourcedId"], body)
    batch = Batch(grant, resource, [sent])
    if asks is not None and not sent.deleted:
        batch.asks = asks(batch)
    return carried_out(batch, delete if sent.deleted else work, request, body)


def _post(
    work: Callable[[Batch, Act, Names], Done], grant: Grant, endpoint: Endpoint, names: Names, request: HttpRequest
) -> Written:
    parents = known_parents(grant, endpoint, names)
    resource, body = endpoint.declaration, body_of(request)
    sent = read_many(body, resource, grant.version, frozenset(endpoint.parents))
    batch = Batch(grant, resource, sent, several=True)
    return carried_out(batch, lambda batch, act: work(batch, act, parents), request, body)


def _delete(grant: Grant, endpoint: Endpoint, names: Names, request: HttpRequest) -> Written:
    batch = Batch(grant, endpoint.declaration, [Sent(names["sourcedId"], deleted=True, values={})])
    carried_out(batch, delete, request, b"")
    return Written(204)


def _new_line_items(batch: Batch, act: Act, parents: Names) -> Done:
    """Posted line items get sourcedIds of ours."""
    batch.given = {place: str(uuid4()) for place in range(len(batch.sent))}
    return line_items.work(batch, act, parents)


put_category = partial(_put, small.put_category)
put_score_scale = partial(_put, small.put_score_scale)
put_line_item = partial(
    _put, partial(line_items.work, parents={}), asks=lambda batch: line_items.questions(batch, parents={})
)
put_result = partial(
    _put, partial(results.work, parents={}), asks=lambda batch: results.questions(batch, {}, timezone.now())
)
post_line_items = partial(_post, _new_line_items)
post_results = partial(_post, results.work)
delete_category = delete_line_item = delete_result = delete_score_scale = _delete
