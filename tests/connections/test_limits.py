"""A connection has a bucket of requests and a number of them at once; Redis counts for all, else each process."""

import json
import time

import pytest
from django.core.cache import cache

from connections import access, counting, gate, limits, services
from connections.limits import Limits, Local, TooMany, Turn, come_in
from connections.models import AccessLog, SharingSettings
from tests.connections.calling import V11, V12, Caller, caller, district

__all__ = ["caller", "district"]
AT_ONCE = '"at-once";q=5;qu="concurrent-requests"'


@pytest.fixture(autouse=True)
def fresh():
    """Every test begins with nothing counted."""
    cache.clear()


@pytest.fixture
def still(monkeypatch):
    """Let no time go by for the buckets, however slow the machine is."""
    local = Local()
    clock = type(
        "Link", (), {"come_in": lambda _, turn, given: local.come_in(turn, given, 100.0), "leave": local.leave}
    )
    monkeypatch.setattr(limits, "_link", clock)


def wait_of(connection, allowed):
    try:
        come_in(connection, allowed)
    except TooMany as refusal:
        return refusal
    return None


def test_a_bucket_goes_through_and_then_fills_again():
    allowed, began, through = Limits(bucket=3, refill=1), time.monotonic(), 0
    while (refusal := wait_of(1, allowed)) is None:
        through += 1
    assert 3 <= through <= 4 + time.monotonic() - began
    assert 0 < refusal.milliseconds <= 1000
    assert (refusal.seconds, refusal.crowded) == (1, False)
    assert wait_of(2, allowed) is None, "another connection has a bucket of its own"


def test_so_many_at_once_and_a_place_is_free_again_when_it_is_given_back():
    allowed = Limits(at_once=2)
    first, _second = come_in(1, allowed), come_in(1, allowed)
    assert wait_of(1, allowed).crowded
    first.give_back()
    assert wait_of(1, allowed) is None
    assert wait_of(1, allowed).crowded


def test_a_place_that_nobody_gives_back_is_free_after_a_while(monkeypatch):
    monkeypatch.setattr(counting, "LEASE_MS", 0)
    allowed = Limits(at_once=1)
    assert wait_of(1, allowed) is wait_of(1, allowed) is None


def test_nothing_is_counted_where_there_are_no_limits(monkeypatch):
    monkeypatch.setattr(limits, "_link", lambda: 1 / 0)
    assert come_in(1, Limits(0, 20, 0)) == Turn(1)


def test_a_script_that_redis_forgot_is_sent_again():
    come_in(1, Limits(5, 1))
    limits._link().wire.send_command("SCRIPT", "FLUSH")
    limits._link().wire.read_response()
    assert wait_of(1, Limits(5, 1)) is None


def test_a_connection_that_redis_closed_is_made_anew():
    come_in(1, Limits(5, 1))
    limits._link().wire._sock.close()
    assert wait_of(1, Limits(5, 1)) is None


def test_without_redis_each_process_counts_and_reads_go_on(monkeypatch, settings):
    monkeypatch.setattr(limits, "_here", limits.threading.local())
    monkeypatch.setattr(limits, "_local", Local())
    settings.REDIS_URL = "unix:///nowhere/at/all.sock"
    allowed = Limits(bucket=2, refill=1, at_once=5)
    turns = [come_in(1, allowed), come_in(1, allowed)]
    assert wait_of(1, allowed).milliseconds <= 1000
    for turn in turns:
        turn.give_back()
    assert limits._local.working == {1: set()}


def test_one_process_counts_as_redis_does():
    local, allowed = Local(), Limits(bucket=3, refill=2, at_once=2)
    turns = [Turn(1, str(number)) for number in range(9)]
    assert [local.come_in(turn, allowed, 100.0) for turn in turns[:3]] == [2, 1, -1]
    assert local.leave(turns[0])
    assert not local.leave(turns[0])
    assert local.come_in(turns[3], allowed, 100.0) == 0
    local.leave(turns[1])
    assert local.come_in(turns[4], allowed, 100.0) == -501
    assert local.come_in(turns[4], allowed, 100.5) == 0
    assert [come_in(7, Limits(bucket=3, refill=1)).left for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize(("version", "base"), [(12, V12), (11, V11)])
@pytest.mark.usefixtures("still")
def test_who_asks_too_often_is_told_when_to_come_back_in_the_shape_of_its_version(district, version, base):
    vendor = Caller(version=version, bucket=2, refill=1)
    statuses = [vendor.get(f"{base}/users?limit=2&offset={offset}").status_code for offset in (0, 2)]
    refused = [vendor.get(f"{base}/users") for _ in range(3)]
    assert statuses == [200, 200]
    assert {answer["RateLimit-Policy"] for answer in refused} == {f'"calls";q=2;w=2, {AT_ONCE}'}
    assert {answer["RateLimit"] for answer in refused} == {'"calls";r=0;t=1'}
    assert {answer.status_code for answer in refused} == {429}
    for answer in refused:
        told = answer.json() if version == 12 else answer.json()["statusInfoSet"][0]
        assert (told["imsx_codeMajor"], answer["Retry-After"]) == ("failure", "1")
        assert answer["Cache-Control"] == "no-store"
    row = AccessLog.objects.filter(status=429).order_by("id")[0]
    assert (row.connection_id, row.times) == (vendor.connection.pk, 1), "the others of this second are told later"


def test_the_gate_turns_away_who_was_told_to_wait_and_nobody_else(district):
    vendor, other = Caller(), Caller("Other")
    reached, said = [], []
    door = gate.Gate(lambda environ, _start: reached.append(environ["PATH_INFO"]) or [])

    def knock(token, path=V12 + "/users"):
        return b"".join(door({"HTTP_AUTHORIZATION": f"Bearer {token}", "PATH_INFO": path}, lambda *a: said.append(a)))

    now, known = time.perf_counter(), access.Caller(vendor.connection.pk, None, 12)
    access._refusals.waiting.remember(f"Bearer {vendor.token}", TooMany(900), now, (known, Limits(3000, 20, 5)))
    access._refusals.times(vendor.connection.pk, 429, now)
    body = knock(vendor.token)
    assert json.loads(body)["imsx_codeMajor"] == "failure"
    assert said[0][0].startswith("429")
    told = dict(said[0][1])
    assert (told["Retry-After"], told["RateLimit"]) == ("1", '"calls";r=0;t=1')
    assert knock(vendor.token, f"/{V12}/users")
    assert reached == []
    knock(other.token)
    knock(vendor.token, "/admin/")
    assert reached == [V12 + "/users", "/admin/"]


@pytest.mark.usefixtures("still")
def test_every_answer_tells_the_limits_and_what_is_left_of_them(caller):
    """As draft-ietf-httpapi-ratelimit-headers-11 has it, for pages that are frozen already as for all others."""
    services.change_connection(caller.connection, actor="ada", bucket=90, refill=20)
    answers = [caller.get("/users?limit=2"), caller.get("/users?limit=2&offset=2"), caller.get("/users/nobody")]
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    assert [answer["RateLimit"] for answer in answers] == [f'"calls";r={left};t=1' for left in (89, 88, 87)]
    assert {answer["RateLimit-Policy"] for answer in answers} == {f'"calls";q=90;w=5, {AT_ONCE}'}
    services.change_connection(caller.connection, actor="ada", bucket=0)
    assert (caller.get("/users")["RateLimit-Policy"], "RateLimit" in caller.get("/users").headers) == (AT_ONCE, False)
    services.change_connection(caller.connection, actor="ada", at_once=0)
    assert not {"RateLimit", "RateLimit-Policy"} & set(caller.get("/users").headers)
    assert TooMany(1000, crowded=True).headers(Limits(9, 1, 2))["RateLimit"] == '"at-once";r=0;t=1'


@pytest.mark.usefixtures("still")
def test_the_district_s_figures_hold_where_a_connection_has_none_of_its_own(caller):
    settings = SharingSettings.load()
    settings.bucket, settings.refill, settings.at_once = 1, 1, 0
    settings.save()
    assert [caller.get("/users").status_code for _ in range(2)] == [200, 429]
    services.change_connection(caller.now(), actor="admin", bucket=0)
    caller.token = caller.ask_for_token().json()["access_token"]
    assert {caller.get("/users").status_code for _ in range(5)} == {200}


def test_an_answer_gives_its_place_back_when_it_is_complete(district):
    vendor = Caller(bucket=0, at_once=1)
    for path in ("/users", "/users/amy", "/users/nobody", "/users?limit=2&offset=2", "/nowhere"):
        vendor.get(path)
    assert vendor.get("/users").status_code == 200
