"""One row for each request of a connection we know, written before the answer is sent, without student data."""

import pytest
from django.utils import timezone

from connections import access
from connections.models import AccessLog, AccessToken
from interop.oneroster import answers
from interop.statements import Failed
from roster.models import Edition, Record
from tests.connections.calling import Caller, caller, district

__all__ = ["caller", "district"]


def last() -> AccessLog:
    return AccessLog.objects.order_by("-id")[0]


def test_a_row_tells_who_asked_for_what_and_how_much_was_given(caller):
    answer = caller.get("/users?limit=2&filter=familyName!='x'", **{"x-request-id": "trace-0001"})
    row = last()
    assert (row.connection_id, row.credential_id) == (caller.connection.pk, caller.issued.credential.pk)
    assert (row.operation, row.version, row.filter_fields, row.status) == ("getAllUsers", 12, "familyName", 200)
    assert (row.offset, row.limit, row.records, row.total) == (0, 2, 2, int(answer["X-Total-Count"]))
    assert (row.bytes, row.edition, row.times) == (len(answer.content), Edition.objects.get().number, 1)
    assert (row.address, row.request_id) == ("192.0.2.1", "trace-0001")
    assert 0 < row.milliseconds < 60_000
    assert timezone.now() - row.at < timezone.timedelta(minutes=1)
    values = [str(value) for value in AccessLog.objects.filter(pk=row.pk).values_list()[0]]
    assert not any("'x'" in value or "amy" in value for value in values)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/users?limit=2&sort=username", None),
        ("/users?filter=username='amy'", ["amy"]),
        ("/classes/c-l/students", ["amy", "two"]),
        ("/classes?filter=status='active'", None),
    ],
)
def test_of_a_narrowed_list_of_people_it_keeps_who_was_on_it(caller, path, names):
    if names == ["amy"]:
        path = "/users?filter=sourcedId='amy'"
    caller.get(path)
    stored = last().ids
    if names is None:
        assert stored is None
        return
    numbers = [abs(int.from_bytes(stored[at : at + 8], "big", signed=True)) for at in range(0, len(stored), 8)]
    assert sorted(Record.objects.filter(id__in=numbers).values_list("sourced_id", flat=True)) == names


def test_a_single_read_names_its_record_and_a_head_gives_none(caller):
    caller.get("/users/amy")
    assert last().record == Record.objects.get(sourced_id="amy", object="user").pk
    caller.get("/users", method="head")
    assert (last().records, last().bytes, last().edition) == (0, 0, None)


def test_the_next_pages_of_a_pull_are_logged_as_the_first(caller):
    for offset in (0, 2, 4):
        caller.get(f"/users?limit=2&offset={offset}")
    rows = AccessLog.objects.filter(operation="getAllUsers").order_by("id")
    assert [(row.offset, row.records, row.edition) for row in rows] == [(0, 2, 1), (2, 2, 1), (4, 2, 1)]
    assert all(row.bytes and row.milliseconds for row in rows)


def test_refusals_are_logged_when_we_know_whose_they_are(caller):
    scope = "https://purl.imsglobal.org/spec/or/v1p2/scope/resource.readonly"
    caller.get("/users/nobody")
    narrow = caller.ask_for_token(scope).json()["access_token"]
    whole, caller.token = caller.token, narrow
    caller.get("/users")
    caller.token = whole
    AccessToken.objects.update(expires_at=timezone.now())
    caller.get("/users")
    rows = AccessLog.objects.filter(status__gte=400).order_by("id").values_list("connection", "operation", "status")
    known = caller.connection.pk
    assert list(rows) == [(known, "getUser", 404), (known, "getAllUsers", 403), (known, "", 401)]
    before = AccessLog.objects.count()
    caller.token = "unknown"
    assert caller.get("/users").status_code == 401
    assert AccessLog.objects.count() == before


def test_refusals_of_one_second_are_one_row_that_counts_them():
    refusals = access._Refusals()
    assert [refusals.times(7, 429, now) for now in (10.0, 10.2, 10.9)] == [1, 0, 0]
    assert refusals.times(8, 429, 10.5) == refusals.times(7, 401, 10.5) == 1
    assert refusals.times(7, 429, 11.0) == 3
    assert refusals.times(7, 429, 15.0) == 1


def test_of_an_answer_that_is_sent_as_it_is_read_the_row_tells_in_the_end_what_was_sent(caller, monkeypatch):
    monkeypatch.setattr(answers, "IN_ONE_PIECE", 2)
    monkeypatch.setattr(answers, "IN_MEMORY", 3)
    monkeypatch.setattr(answers, "PIECE", 100)
    whole = caller.get("/users")
    assert (last().records, last().bytes) == (6, None), "on record before anything is sent"
    sent = whole.getvalue()
    assert last().bytes == len(sent)
    torn = caller.get("/users")
    pieces = iter(torn.streaming_content)
    begun = len(next(pieces)) + len(next(pieces))
    assert 200 <= begun < len(sent)
    torn._iterator.close()
    assert (last().records, last().bytes) == (6, begun)


def test_nobody_is_sent_what_the_log_cannot_tell_of(caller, monkeypatch):
    def broken(*_):
        raise Failed("access_log")

    monkeypatch.setattr(access._ROW, "ask", broken)
    answer = caller.get("/users")
    assert answer.status_code == 503
    assert b"amy" not in answer.content


def test_another_connection_is_another_row(caller):
    other = Caller("Rival")
    other.get("/users")
    assert last().connection_id == other.connection.pk
