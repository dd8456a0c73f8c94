"""The Message Center: who is told what, once; what is unread; what is announced."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from interop.admin.roles import Role
from interop.dates import district_day
from interop.messages.models import EXPIRY, Message
from interop.messages.telling import purge, tell, unread
from interop.models import AuditEvent
from tests.interop.conftest import words

PAGE, ANNOUNCE = "admin:messages", "admin:announce"
KEY = "11111111-2222-4333-8444-555555555555"


def message(key="k1", *, roles=(Role.OFFICER,), **more):
    told = {"process": EXPIRY, "kind": "expiring", "title": f"Title {key}", "text": "Some text"}
    return Message(key=key, roles=list(roles), **(told | more))


@pytest.fixture
def olga(client, officer):
    client.force_login(officer)
    return client


def page(client, **query):
    return client.get(reverse(PAGE), query)


def test_a_message_is_told_once_and_only_to_those_it_is_for(officer, person):
    tell([message(), message(), message("k2", roles=(), person="eddi")])
    tell([message(title="told again")])
    assert list(Message.objects.order_by("key").values_list("key", "title")) == [("k1", "Title k1"), ("k2", "Title k2")]
    eddi, vera = person("eddi", Role.EDITOR), person("vera", Role.VIEWER)
    assert [unread(each) for each in (officer, eddi, vera)] == [1, 1, 0]
    boss = User.objects.create_superuser("boss")
    assert unread(boss) == 1


def test_the_page_shows_what_is_new_by_day_with_its_button_and_counts_it_in_the_header(olga):
    tell([message(link="/admin/applications/", button="Renew"), message("k2", roles=(Role.EDITOR,))])
    Message.objects.filter(key="k1").update(at=timezone.now() - dt.timedelta(days=1))
    answer = page(olga)
    said = words(answer)
    assert "1 unread. You see what you may act on." in said
    assert "Yesterday Unread: Title k1 Some text Renew" in said
    assert "Title k2" not in said
    assert "Messages 1 1 unread" in words(olga.get(reverse("admin:applications")))
    assert 'href="/admin/applications/"' in answer.content.decode()


def test_what_was_shown_is_marked_as_read_and_what_came_later_is_not(olga, officer):
    tell([message()])
    newest = page(olga).context["newest"]
    tell([message("k2")])
    answer = olga.post(reverse(PAGE), {"newest": newest}, follow=True)
    assert "1 unread" in words(answer)
    assert unread(officer) == 1
    olga.post(reverse(PAGE), {"newest": page(olga).context["newest"]})
    assert "All read." in words(page(olga))
    for nonsense in ("", "x", "9" * 40):
        assert olga.post(reverse(PAGE), {"newest": nonsense}).status_code == 302


def test_it_is_found_by_name_process_and_days(olga):
    tell([message(), message("k2", process="announcement", kind="paused", author="Priya", text="Buses 50%")])
    Message.objects.filter(key="k1").update(at=dt.datetime(2026, 3, 8, 18, tzinfo=dt.UTC))
    for query, found in (
        ({"words": "title K1"}, ["k1"]),
        ({"words": "priya"}, ["k2"]),
        ({"words": "50%"}, ["k2"]),
        ({"process": "announcement"}, ["k2"]),
        ({"until": "2026-03-08"}, ["k1"]),
        ({"since": "2026-03-09"}, ["k2"]),
        ({"since": "2026-03-08", "until": "2026-03-08"}, ["k1"]),
        ({"words": "nobody"}, []),
    ):
        answer = page(olga, **query)
        assert [each.key for _day, told in answer.context["days"] for each in told] == found, query
    assert "No message fits." in words(answer)


def test_older_messages_are_a_page_away(olga):
    tell([message(f"k{number:02}") for number in range(51)])
    first = page(olga)
    assert "Title k00" not in words(first)
    older = page(olga, before=first.context["older"])
    assert "Title k00" in words(older)
    assert "Back to the newest" in words(older)


def test_an_announcement_stays_on_top_until_its_day_and_is_audited_once(olga, officer, person):
    today = district_day(timezone.now())
    told = {"key": KEY, "title": "No new connections", "text": "Before December", "sticky_until": today.isoformat()}
    for _ in range(2):
        answer = olga.post(reverse(ANNOUNCE), told, follow=True)
    assert [each.title for each in answer.context["sticky"]] == ["No new connections"]
    assert answer.context["days"] == []
    assert "Stays on top until today" in words(answer)
    assert AuditEvent.objects.get(act="announced").actor == "olga"
    assert unread(person("vera", Role.VIEWER)) == 1
    Message.objects.update(sticky_until=today - dt.timedelta(days=2))
    assert page(olga).context["sticky"] == []
    assert len(page(olga).context["days"]) == 1


def test_an_announcement_needs_a_title_and_viewers_make_none(olga, client, person):
    answer = olga.post(reverse(ANNOUNCE), {"key": KEY, "title": "", "sticky_until": "soon"})
    assert "Say what you announce." in words(answer)
    assert "Enter a day such as 11/22/2026." in words(answer)
    assert not Message.objects.exists()
    client.force_login(person("vera", Role.VIEWER))
    assert reverse(ANNOUNCE) not in page(client).content.decode()
    assert client.post(reverse(ANNOUNCE), {"key": KEY, "title": "x"}).status_code == 403


def test_messages_more_than_a_year_old_go(officer):
    tell([message()])
    at = Message.objects.get().at
    purge(at + Message.KEPT)
    assert Message.objects.exists()
    purge(at + Message.KEPT + dt.timedelta(seconds=1))
    assert not Message.objects.exists()
