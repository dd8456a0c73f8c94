"""The data office is told 14 and 7 days before a connection ends, and on the day: each once."""

import datetime as dt

import pytest

from connections import services
from connections.ending import tell_of_ends
from connections.models import Connection
from interop.dates import zone
from interop.messages.models import Message

DAY = dt.timedelta(days=1)


def noon(day):
    return dt.datetime(2026, 11, day, 12, tzinfo=zone())


ENDS = dt.datetime(2026, 11, 22, tzinfo=zone())


@pytest.fixture
def old(vendor):
    return vendor("Acme", version=11, oauth=1, expires_at=ENDS)


def told():
    return [(each.title, each.button) for each in Message.objects.order_by("pk")]


def test_each_day_is_told_once_however_often_the_job_runs(old):
    found = {}
    for day in range(1, 31):
        for _ in range(2):
            before = Message.objects.count()
            tell_of_ends(noon(day))
            if Message.objects.count() > before:
                found[day] = Message.objects.latest("pk").title
    assert found == {
        8: "Acme: access ends on Nov 22, 2026",
        15: "Acme: access ends on Nov 22, 2026",
        22: "Acme: access ended on Nov 22, 2026",
    }


def test_days_on_which_nothing_ran_are_made_up_for_and_long_ago_is_not_told(old):
    tell_of_ends(noon(11))
    tell_of_ends(noon(20))
    tell_of_ends(noon(24))
    assert len(told()) == 3
    Message.objects.all().delete()
    tell_of_ends(noon(30))
    assert told() == []


def test_who_may_renew_is_told_and_what_it_means(old):
    tell_of_ends(noon(8))
    message = Message.objects.get()
    assert message.roles == ["editor", "security officer"]
    assert message.link.endswith("#expiration")
    assert message.text.startswith("OneRoster 1.1, OAuth 1. Renew lets it go on for a year")


def test_a_renewed_connection_is_told_of_again_before_its_new_end(old):
    connection, _ = old
    tell_of_ends(noon(8))
    services.renew(connection, actor="admin", until=dt.datetime(2026, 11, 29, tzinfo=zone()))
    tell_of_ends(noon(15))
    assert told() == [("Acme: access ends on Nov 22, 2026", "Renew"), ("Acme: access ends on Nov 29, 2026", "Renew")]


def test_a_key_that_ends_is_told_to_who_may_make_another_unless_another_lives(vendor):
    connection, issued = vendor("Acme")
    issued.credential.expires_at = ENDS
    issued.credential.save()
    other = services.add_credential(connection, actor="admin")
    tell_of_ends(noon(15))
    assert told() == []
    services.revoke(other.credential, actor="admin")
    tell_of_ends(noon(15))
    message = Message.objects.get()
    assert (message.roles, message.person, message.button) == (["security officer"], "admin", "Open the secrets")


def test_what_has_no_end_or_no_credentials_is_not_told_of(vendor, old):
    vendor("Rival")
    services.remove_credentials(old[0], actor="admin")
    Connection.objects.filter(pk=old[0].pk).update(expires_at=ENDS + 300 * DAY)
    tell_of_ends(noon(15))
    assert told() == []


def test_any_number_of_connections_takes_the_same_statements(vendor, old, django_assert_num_queries):
    with django_assert_num_queries(6):
        tell_of_ends(noon(8))
    vendor("Rival", version=11, oauth=1, expires_at=ENDS)
    with django_assert_num_queries(6):
        tell_of_ends(noon(15))
