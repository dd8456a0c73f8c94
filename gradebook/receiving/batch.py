"""One write of a vendor from its body to its answer: done as one act, told in receipts, safe to repeat."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson
from django.db import IntegrityError, OperationalError, connection
from django.http import HttpRequest
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from connections.grants import Grant
from gradebook import rules
from gradebook.models import Receipt
from gradebook.rules import Note, Notes, Refused
from gradebook.services import receipts
from gradebook.services.act import Act, acting
from gradebook.services.receipts import Told
from gradebook.services.results import Done
from gradebook.services.rows import Again
from interop import fault
from interop.oneroster.errors import OneRosterError, bad_data, unavailable
from interop.oneroster.resource import Resource
from interop.oneroster.writing import Sent, Written, read_one, refusal
from interop.statements import Question

TRIES = 4
LONGEST_KEY, LONGEST_WARNING = 255, 1_500
_CLAIM = """
    WITH over AS (DELETE FROM gradebook_idempotencykey WHERE made_at < now() - interval '7 days')
    INSERT INTO gradebook_idempotencykey (connection_id, key, request, made_at) VALUES (%s, %s, %s, now())
    ON CONFLICT (connection_id, key) DO NOTHING RETURNING id
"""


@dataclass
class Batch:
    """The objects of one request; `places` are their sections as far as they are known, `given` their new ids, `asks`
    what the work asks first.
    """

    grant: Grant
    resource: Resource
    sent: Sequence[Sent]
    several: bool = False
    asks: Sequence[Question] = ()
    owner: int = 0
    notes: Notes = field(default_factory=Notes)
    places: dict[int, int] = field(default_factory=dict)
    given: dict[int, str] = field(default_factory=dict)

    @property
    def alone(self) -> str | None:
        """What single writes do one after the other: those of one student's result in one line item, or of one id."""
        if self.several:
            return None
        sent = self.sent[0]
        pair = (sent.values.get("lineItem"), sent.values.get("student"))
        return repr(pair if all(pair) else sent.sourced_id)

    def id_of(self, place: int) -> str:
        """Return the sourcedId an object has here."""
        return self.given.get(place) or self.sent[place].sourced_id

    def note(self, place: int, rule: rules.Rule, name: str, **facts: Any) -> None:
        """Let a rule speak of an object."""
        self.notes.add(place, rule, name, **facts)

    def where(self, place: int) -> str:
        """Return how an answer names an object."""
        return f"{self.resource.collection}[{place}]" if self.several else self.resource.single


Work = Callable[[Batch, Act], Done]


def carried_out(batch: Batch, work: Work, request: HttpRequest, body: bytes) -> Written:
    """Do the work as one act and answer it; refusals become the standard's errors, and receipts of their own."""
    key = _key(request) if batch.several else b""
    for _ in range(TRIES):
        batch.notes, batch.places, batch.given = Notes(), {}, {}
        try:
            with acting("", connection=batch.grant.connection, alone=batch.alone, asks=batch.asks) as act:
                batch.owner = act.owner or 0
                if key and (known := _claimed(batch, key, request, body)):
                    return known
                fault.point("bulk.begun")
                done = work(batch, act)
                if stored := _stored(batch, done):
                    act.last(receipts.written(batch.grant.connection, batch.resource.object, act.at, stored))
                written = _answer(batch, done)
                if key:
                    _keep(batch, key, written)
                act.settle()
                fault.point("bulk.written")
            fault.point("bulk.committed")
        except Refused as refused:
            raise _refusal(batch, refused.notes, refused.status) from None
        except (Again, IntegrityError):
            continue
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            return written
    raise unavailable(1)


def remark(batch: Batch) -> None:
    """Note what the reading of the body left out."""
    for place, sent in enumerate(batch.sent):
        for name in sent.cut:
            batch.note(place, rules.DATE_CUT, name)
        if sent.ignored:
            batch.note(place, rules.FIELDS_IGNORED, sent.ignored[0], names=", ".join(sent.ignored))


def unique(batch: Batch) -> None:
    """Refuse what is in the request twice."""
    seen: set[str] = set()
    for place, sent in enumerate(batch.sent):
        if sent.sourced_id in seen:
            batch.note(place, rules.TWICE, "sourcedId", id=sent.sourced_id)
        seen.add(sent.sourced_id)


def sent_by(grant: Grant, resource: Resource, sourced_id: str, body: bytes) -> Sent:
    """Read the one object a PUT sends. Raises OneRosterError; a receipt of the object is kept then."""
    try:
        return read_one(body, resource, grant.version, sourced_id)
    except OneRosterError as error:
        _unreadable(grant, resource, sourced_id, error)
        raise


def _unreadable(grant: Grant, resource: Resource, sourced_id: str, error: OneRosterError) -> None:
    note = Note(rules.UNREADABLE, resource.single, {"told": error.description})
    receipts.write(grant.connection, resource.object, timezone.now(), [Told(sourced_id, None, [note])])


def _stored(batch: Batch, done: Done) -> list[Told]:
    return [
        Told(name, batch.places.get(place), batch.notes.of(place), sent.values)
        for place, sent in enumerate(batch.sent)
        if (name := batch.id_of(place)) in done.created or name in done.changed
    ]


def _refusal(batch: Batch, notes: Mapping[int, list[Note]], status: int) -> OneRosterError:
    lines = [
        Told(batch.sent[place].sourced_id, batch.places.get(place), told, batch.sent[place].values)
        for place, told in sorted(notes.items())
    ]
    receipts.write(batch.grant.connection, batch.resource.object, timezone.now(), lines)
    problems = [
        f"{batch.where(place)}.{note.field}: {_sentences(note)}"
        for place, told in sorted(notes.items())
        for note in told
        if note.rule.refuses
    ]
    if status == rules.OWNER_OTHER.status:
        return OneRosterError(status, "forbidden", refusal(problems))
    return bad_data(refusal(problems))


def _sentences(note: Note) -> str:
    return f"{rules.sentence(note.stored)} {rules.remedy(note.stored)}".strip()


def _answer(batch: Batch, done: Done) -> Written:
    warnings = _warnings(batch)
    if not batch.several:
        return Written(201 if done.created else 200, b"", warnings)
    pairs = [
        {"suppliedSourcedId": sent.sourced_id, "allocatedSourcedId": batch.id_of(place)}
        for place, sent in enumerate(batch.sent)
    ]
    return Written(201, orjson.dumps({"sourcedIdPairs": pairs}), warnings)


def _warnings(batch: Batch) -> tuple[str, ...]:
    """Return what was changed on the way, short enough and plain enough for a header."""
    told: list[str] = []
    length = 0
    for place in sorted(batch.notes.by_place):
        for note in batch.notes.of(place):
            text = f"{batch.where(place)}.{note.field}: {rules.sentence(note.stored)}"
            plain = "".join(char if char.isascii() and char.isprintable() else "?" for char in text)
            length += len(plain)
            if length > LONGEST_WARNING:
                return (*told, "And more; see the sync receipts.")
            told.append(plain)
    return tuple(told)


def _key(request: HttpRequest) -> bytes:
    given = request.headers.get("Idempotency-Key", "")
    if len(given) > LONGEST_KEY:
        raise bad_data(f"The Idempotency-Key is longer than {LONGEST_KEY} characters.")
    return blake2b(given.encode(), digest_size=24).digest() if given else b""


def _asked(request: HttpRequest, body: bytes) -> bytes:
    return blake2b(request.path_info.encode() + b"\0" + body, digest_size=24).digest()


def _claimed(batch: Batch, key: bytes, request: HttpRequest, body: bytes) -> Written | None:
    """Return the answer the key got before; None: the key is this request's now, until the act ends.

    A second request with the key waits here for the first. One key for two requests is refused.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [batch.grant.connection, key, _asked(request, body)])
        if cursor.fetchone():
            return None
        cursor.execute(
            "SELECT request, answer FROM gradebook_idempotencykey WHERE connection_id = %s AND key = %s",
            [batch.grant.connection, key],
        )
        asked, answer = cursor.fetchone()
    if bytes(asked) != _asked(request, body):
        raise bad_data("The Idempotency-Key was used for another request; use a new one for each.")
    return Written(201, bytes(answer))


def _keep(batch: Batch, key: bytes, written: Written) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE gradebook_idempotencykey SET answer = %s WHERE connection_id = %s AND key = %s",
            [written.body, batch.grant.connection, key],
        )


DELETED = Receipt.Outcome.DELETED
