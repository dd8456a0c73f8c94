"""The page of the audit trail: what it shows, finds, and hands out."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from interop import audit
from interop.models import AuditEvent
from tests.interop.conftest import words

PAGE = "admin:audit"


@pytest.fixture
def reader(client, officer):
    client.force_login(officer)
    return client


def act(actor="dana", what="changed", name="Acme", before=None, after=None):
    return audit.record(actor, what, User(pk=7, username=name), before=before, after=after)


def rows(answer):
    return re.findall(r'<th scope="row">(.*?)</th>', answer.content.decode())


def test_each_act_shows_who_what_and_the_difference(reader):
    act(before={"enabled": True, "purpose": "", "schools": ["lincoln"]}, after={"enabled": False, "purpose": "Math"})
    shown = words(reader.get(reverse(PAGE)))
    for part in (
        "dana changed Acme user",
        "± enabled: before yes now no",
        "+ purpose: now Math",
        "− schools: before lincoln",
    ):
        assert part in shown


def test_nothing_secret_is_written_so_nothing_is_shown(reader):
    act(after={"client_secret": "hidden-value", "token": "hidden-value", "name": "x"})
    assert "hidden-value" not in reader.get(reverse(PAGE)).content.decode()


def test_texts_of_vendors_stay_texts(reader):
    act(name="<script>alert(1)</script>")
    assert "<script>alert" not in reader.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"person": "OLG"}, ["deleted"]),
        ({"act": "delet"}, ["deleted"]),
        ({"thing": "acme"}, ["changed"]),
        ({"thing": "auth.user"}, ["deleted", "changed"]),
        ({"person": "nobody"}, []),
        ({"person": "dana", "act": "deleted"}, []),
        ({"since": "not a day"}, ["deleted", "changed"]),
    ],
)
def test_the_filter_leaves_what_fits(reader, query, found):
    act()
    act("olga", "deleted", "Bolt")
    assert rows(reader.get(reverse(PAGE), query)) == found


def at(event, moment):
    """Move an event in time, past the trigger that keeps the trail as it is."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE interop_auditevent SET at = %s WHERE id = %s", [moment, event.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_days_are_those_of_the_district(reader, settings):
    settings.DISTRICT_TIME_ZONE = "America/Chicago"
    at(act(what="late at night"), dt.datetime(2026, 11, 22, 5, 59, tzinfo=dt.UTC))
    at(act(what="after midnight"), dt.datetime(2026, 11, 22, 6, 0, tzinfo=dt.UTC))
    assert rows(reader.get(reverse(PAGE), {"since": "2026-11-22"})) == ["after midnight"]
    assert rows(reader.get(reverse(PAGE), {"until": "2026-11-21"})) == ["late at night"]


def test_older_acts_follow_without_gap_or_repetition(reader):
    for number in range(120):
        act(what=f"act {number}")
    seen, where, pages = [], reverse(PAGE) + "?person=dana", 0
    while where:
        answer = reader.get(where)
        seen += rows(answer)
        pages += 1
        act(what="newer than all")
        further = re.search(r'href="([^"]*before=\d+)"', answer.content.decode())
        where = further[1].replace("&amp;", "&") if further else None
    assert seen == [f"act {number}" for number in reversed(range(120))]
    assert pages == 3


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "٣"])
def test_a_place_that_is_none_begins_at_the_newest(reader, before):
    act()
    assert rows(reader.get(reverse(PAGE), {"before": before})) == ["changed"]


@pytest.mark.parametrize("acts", [1, 3, 60])
def test_the_page_asks_as_often_for_many_acts_as_for_one(reader, acts, django_assert_num_queries):
    for _each in range(acts):
        act(before={"a": 1}, after={"a": 2})
    with django_assert_num_queries(8):
        reader.get(reverse(PAGE))


def test_the_download_holds_what_the_filter_leaves_and_runs_in_no_spreadsheet(reader):
    act(name="=1+1")
    act("olga", "deleted")
    answer = reader.get(reverse("admin:audit_export"), {"person": "dana"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].startswith("at,actor,act,object_type")
    assert len(lines) == 2
    assert "'=1+1" in lines[1]
    assert answer["Content-Disposition"] == 'attachment; filename="audit-trail.csv"'


def test_an_empty_trail_says_what_will_stand_there(reader):
    assert "Every change made here will stand in this list" in words(reader.get(reverse(PAGE)))
    assert not AuditEvent.objects.exists()
