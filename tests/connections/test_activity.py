"""What one connection did: figures, a chart with its table, kinds of calls, refusals, and what will fail soon."""

import datetime as dt
import re
from itertools import pairwise

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connections import activity, chart, services
from connections.activity import Span
from connections.chart import Point
from connections.models import AccessLog, Connection, Credential, SharingSettings
from connections.screens.activity import operation_words
from connections.state import Facts, Keys, Kind, Use, facts_of, state_of
from interop.jobs.models import JobRun, State

NOW = timezone.now()
DAY = dt.timedelta(days=1)


def log(connection, ago, operation="getAllUsers", status=200, **more):
    AccessLog.objects.create(connection=connection, at=timezone.now() - ago, operation=operation, status=status, **more)


@pytest.fixture
def busy(vendor):
    """A connection with a fortnight behind it."""
    connection, _ = vendor("Tangent <b>Harbor</b>", partner=True)
    for ago in range(1, 10):
        log(connection, ago * DAY, "getAllUsers", records=1_000, bytes=850_000, milliseconds=38.4, version=12)
        log(connection, ago * DAY, "getAllClasses", records=50, milliseconds=20.0, version=12)
    for ago in (2, 3):
        log(connection, ago * DAY, "token", 401, address="203.0.113.7")
    log(connection, 2 * DAY, "getStudentsForClass", 404, times=3, address="203.0.113.7")
    log(connection, dt.timedelta(minutes=20), "getAllUsers", records=7, milliseconds=38.4)
    return connection


@pytest.fixture
def office(db):
    user = User.objects.create_user("olga", is_staff=True)
    user.groups.set([Group.objects.get_or_create(name="security officer")[0]])
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_page_tells_figures_kinds_refusals_and_limits(office, busy):
    answer = office.get(reverse("admin:connection_activity", args=[busy.pk]))
    said = text(answer)
    assert "Healthy — Last call 20 minutes ago." in said
    for told in ("Calls, 14 days 19", "Records delivered 9,457", "Refused 2", "and 3 other calls", "38 ms"):
        assert told in said, told
    assert "3,000 requests at a stretch, 20 a second after that; 5 at once." in said
    assert re.search(r"Users (Today|Yesterday), [^C]* (7|1,007) 0 Classes", said)
    assert re.search(r"Students for class never 0 3", said)
    assert re.search(r"Sign-in 401. The secret was wrong, or ended. 203.0.113.7 2", said)
    assert "<b>Harbor</b>" not in answer.content.decode()


def test_what_was_done_stands_in_the_chart_as_numbered_lines_and_below_it_in_words(office, busy):
    services.add_credential(busy, actor="ada")
    services.change_connection(busy, actor="ada", purpose="Reading")
    services.freeze(busy, actor="olga")
    services.unfreeze(busy, actor="olga")
    services.change_connection(busy, actor="ada", enabled=False)
    services.change_connection(busy, actor="ada", share_guardians=False)
    ended = NOW - 3 * DAY
    JobRun.objects.create(job="student-records", state=State.HELD, due_at=ended, started_at=ended, ended_at=ended)
    for span, held in (("14d", True), ("24h", False)):
        answer = office.get(reverse("admin:connection_activity", args=[busy.pk]), {"span": span})
        marks = [[mark.number for mark in drawn.marks] for _size, drawn in answer.context["charts"]]
        assert marks == [[1, 2], [1, 2]] if held else marks[0] == [1]
        assert ("refresh held" in text(answer)) is held
        words = "frozen (olga); goes on (olga); disabled (ada); other data shared, or other limits (ada)"
        assert words in text(answer)
        assert "new credentials (" in text(answer)
        assert answer.content.decode().count('<line class="event"') == sum(map(len, marks))


@pytest.mark.parametrize(("span", "points"), [("24h", 24), ("14d", 14), ("90d", 90), ("nonsense", 14)])
def test_every_span_has_its_points_in_the_chart_and_in_the_table(office, busy, span, points):
    answer = office.get(reverse("admin:connection_activity", args=[busy.pk]), {"span": span})
    shown = answer.context["points"]
    assert len(shown) == points
    assert sum(point.calls for point in shown) == (1 if span == "24h" else 19)
    assert sum(point.errors for point in shown) == (0 if span == "24h" else 5)
    html = answer.content.decode()
    assert html.count('<tr><th scope="row">') >= points
    assert [len(drawn.bars) for _size, drawn in answer.context["charts"]] == [points, 7]
    assert 'role="img"' in html
    assert "style=" not in html


def test_the_index_puts_first_who_needs_somebody_and_says_what_is_stopped(office, busy, vendor):
    vendor("Ended", expires_at=NOW - DAY)
    settings = SharingSettings.load()
    settings.writes_stopped = True
    settings.save()
    said = text(office.get(reverse("admin:activity")))
    assert "1 connection needs someone." in said
    assert said.index("Ended Expired") < said.index("Healthy")
    assert "All writes are stopped" in said
    assert "19 9,457 5" in said


def test_a_bar_is_as_high_as_its_share_and_what_happened_at_all_is_seen():
    points = [Point("a", "a", 100, 0, 0), Point("b", "b", 50, 1, 0), Point("c", "c", 0, 0, 0)]
    drawn = chart.chart(points, 920)
    assert [line.label for line in drawn.lines] == ["0", "25", "50", "75", "100"]
    assert [bar.height for bar in drawn.bars] == [chart.HEIGHT, chart.HEIGHT / 2, 0]
    assert [(bar.error_height, bar.number) for bar in drawn.bars] == [(0, ""), (2.2, "1"), (0, "")]
    assert all(bar.x + bar.width <= bar.error_x for bar in drawn.bars)
    assert chart.sentence(points) == "150 answered calls, most of them a: 100. 1 refused or failed."
    assert chart.sentence(points[2:]) == "No calls in this time."


@pytest.mark.parametrize("most", [0, 1, 3, 4, 5, 99, 101, 640, 1_001, 999_999, 4_100_000])
def test_the_scale_is_round_and_reaches_the_highest(most):
    top = chart._round_up(most)
    assert top >= max(most, 1)
    assert top <= max(2.5 * most, 8)
    assert top % 4 == 0


def test_labels_never_run_into_each_other_or_over_the_edge():
    for number in (7, 14, 24, 90):
        drawn = chart.chart([Point("Nov 22", "", 1, 0, 0)] * number, 920)
        places = [bar.middle for bar in drawn.bars if bar.label]
        assert places
        assert all(later - sooner >= 50 for sooner, later in pairwise(places))
        assert places[-1] <= 900


def test_what_will_fail_soon_is_told_with_what_to_do(busy):
    assert activity.ahead(busy, NOW) == []
    key = Credential.objects.get(connection=busy)
    Credential.objects.filter(pk=key.pk).update(expires_at=NOW + 3 * DAY, last_used_at=NOW)
    Connection.objects.filter(pk=busy.pk).update(expires_at=NOW + 9 * DAY)
    log(busy, DAY, "getAllDemographics", 403, version=12)
    told = [each.told for each in activity.ahead(Connection.objects.get(pk=busy.pk), NOW)]
    assert len(told) == 3
    assert told[0].startswith("The connection ends ")
    assert f"The secret ending in {key.secret_tail} works until" in told[1]
    assert "1 calls of two weeks asked for what this connection does not share" in told[2]


def test_operations_have_office_words():
    words = {"getAllUsers": "Users", "getStudentsForClass": "Students for class", "getUser": "One user",
             "token": "Sign-in", "": "Not known", "putLineItem": "Put line item",
             "getAllAcademicSessions": "Academic sessions"}  # fmt: skip
    assert {name: operation_words(name) for name in words} == words


def test_a_frozen_connection_and_a_stopped_district_are_paused_and_refused_calls_are_failing(vendor):
    frozen, _ = vendor("Frozen")
    services.freeze(frozen, actor="dana", why="Too much")
    other, _ = vendor("Other")
    log(other, dt.timedelta(minutes=3), status=429)

    def states():
        found = facts_of(Connection.objects.all(), timezone.now())
        return [state_of(found[each.pk], timezone.now()) for each in (frozen, other)]

    first, second = states()
    assert (first.kind, second.kind) == (Kind.PAUSED, Kind.THROTTLED)
    assert re.fullmatch(r"Frozen by dana, just now\. Too much", first.reason)
    assert second.reason.startswith("It called more often than it may, last at ")
    settings = SharingSettings.load()
    settings.stopped = True
    settings.save()
    assert {state.kind for state in states()} == {Kind.PAUSED}
    lost = Use(last_call_at=NOW - DAY, errors=1_240)
    told = state_of(Facts(enabled=True, expires_at=None, keys=Keys(made_at=NOW, live=1), use=lost), NOW)
    assert (told.kind, told.reason) == (
        Kind.FAILING, "1,240 calls were refused or failed since it last got data.",
    )  # fmt: skip


def test_the_spans_of_the_address_are_known_by_their_words():
    assert [activity.span_of(span.key) for span in Span] == list(Span)
