import datetime as dt

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections import secret, services, state
from connections.advice import advice_for
from connections.models import Approval, Connection, Credential, DailyUse, TokenFailure
from connections.state import Facts, Keys, Kind, State, Use, facts_of, state_of, worst

NOW = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)  # Sunday noon in Chicago
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def chicago(settings):
    settings.DISTRICT_TIME_ZONE = "America/Chicago"


def told(*, enabled=True, expires_at=None, use=None, waits="", disabled="", **keys):
    keys = Keys(**{"made_at": NOW - 2 * DAY, "live": 1, **keys})
    found = state_of(Facts(enabled, expires_at, keys, use or Use(), waits, disabled), NOW)
    return found.kind, found.reason


def called(ago, *, days=14, gap=1, **refused):
    return Use(last_call_at=NOW - ago, days=days, gap=gap, **refused)


def refused(times=214, since=dt.date(2026, 11, 16), last=dt.timedelta(hours=1)):
    return {"last_refusal_at": NOW - last, "refused": times, "refused_since": since}


def test_never_connected_says_since_when_the_credentials_wait():
    assert told() == (Kind.NEVER, "Credentials made Nov 20. Not used yet.")


def test_a_sign_in_alone_is_no_connection_yet():
    assert told(used_at=NOW - DAY) == (
        Kind.NEVER,
        "Signed in yesterday, 12:00 pm, but has not asked for data yet.",
    )


def test_healthy_says_when_the_last_call_was():
    assert told(use=called(dt.timedelta(minutes=4))) == (Kind.HEALTHY, "Last call 4 minutes ago.")


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        (called(9 * DAY), "No call for 9 days. It usually calls every day."),
        (called(9 * DAY, gap=3), "No call for 9 days. It usually calls on school days."),
        (called(15 * DAY, gap=7, days=4), "No call for 15 days. It usually calls every week."),
        (called(31 * DAY, days=1), "No call for 31 days."),
    ],
)
def test_stale_is_silence_that_breaks_a_habit(use, reason):
    assert told(use=use) == (Kind.STALE, reason)


@pytest.mark.parametrize(
    "use", [called(2 * DAY), called(6 * DAY, gap=3), called(14 * DAY, gap=7, days=4), called(30 * DAY, days=3)]
)
def test_silence_within_the_habit_is_healthy(use):
    assert told(use=use)[0] == Kind.HEALTHY


def test_expiring_counts_the_days_and_names_the_last():
    end = dt.datetime(2026, 12, 4, 6, 0, tzinfo=dt.UTC)
    assert told(expires_at=end) == (Kind.EXPIRING, "Key ends in 12 days, on Dec 4.")
    assert told(ends_at=end) == (Kind.EXPIRING, "Key ends in 12 days, on Dec 4.")
    assert told(expires_at=NOW + dt.timedelta(hours=20)) == (Kind.EXPIRING, "Key ends tomorrow.")
    assert told(expires_at=NOW + 15 * DAY)[0] == Kind.NEVER


def test_expired_says_what_lets_it_in_again():
    end = dt.datetime(2026, 11, 4, 6, 0, tzinfo=dt.UTC)
    assert told(expires_at=end) == (Kind.EXPIRED, "Ended Nov 4. Renew to let it in.")
    assert told(live=0, ended_at=end) == (Kind.EXPIRED, "Its key ended Nov 4. Make a new one.")


def test_failing_counts_what_was_refused_since_the_last_good_call():
    assert told(use=called(6 * DAY, **refused())) == (
        Kind.FAILING,
        "Sign-in refused 214 times since Monday: wrong secret.",
    ), "the weekday is within a week, November 16 is six days ago"
    assert told(use=Use(**refused(3, dt.date(2026, 11, 22)))) == (
        Kind.FAILING,
        "Sign-in refused 3 times since today: wrong secret.",
    )
    assert told(use=Use(**refused(1200, dt.date(2026, 11, 2))))[1].startswith("Sign-in refused 1,200 times since Nov 2")


def test_where_a_key_was_removed_the_vendor_may_still_be_using_it():
    assert told(use=Use(**refused()), removed=True)[1].endswith(": wrong or removed secret.")


def test_two_slips_or_a_call_after_them_are_not_failing():
    assert told(use=Use(**refused(2)))[0] == Kind.NEVER
    assert told(use=called(dt.timedelta(minutes=5), **refused()))[0] == Kind.HEALTHY
    assert told(use=called(6 * DAY, **refused()), used_at=NOW)[0] == Kind.STALE


def test_held_says_what_waits():
    assert told(waits="Demographics wait.", use=called(DAY)) == (Kind.HELD, "Demographics wait.")


def test_disabled_hides_everything_else():
    ended = {"expires_at": NOW - DAY, "use": called(9 * DAY, **refused()), "waits": "x"}
    assert told(enabled=False, disabled="By ada, Oct 30.", **ended) == (Kind.DISABLED, "By ada, Oct 30.")


def test_without_credentials_it_says_so():
    assert told(live=0) == (Kind.NEVER, "It has no credentials. Generate them to let it in.")
    assert told(live=0, use=called(DAY)) == (Kind.DISABLED, "It has no credentials. Generate them to let it in.")


def test_the_worst_word_stands_for_the_application_in_the_fixed_order():
    order = "expired failing held expiring throttled stale paused never-connected healthy disabled"
    assert " ".join(kind.shape for kind in Kind) == order
    states = [State(kind, kind.shape) for kind in Kind]
    for place in range(len(states)):
        assert worst(reversed(states[place:])) == states[place]
    assert worst([]).reason == "No connection yet. Generate one to share data."
    assert {kind.shape for kind in Kind if State(kind, "").needs_someone} == {
        "expired", "failing", "held", "expiring", "stale",
    }  # fmt: skip


def day(connection, ago, *, calls=0, refused=0):
    at = NOW - ago * DAY
    DailyUse.objects.create(
        connection=connection, day=at.date(), calls=calls, refused=refused,
        last_call_at=at if calls else None, last_refusal_at=at if refused else None,
    )  # fmt: skip


def test_the_facts_are_read_from_days_keys_approvals_and_the_audit_trail(vendor):
    silent, _ = vendor("Silent")
    for ago in (9, 10, 13, 16, 40):
        day(silent, ago, calls=5)
    day(silent, 12, refused=7)
    day(silent, 8, refused=2)
    waiting, issued = vendor("Waiting")
    Approval.objects.create(connection=waiting, switch="share_demographics", asked_by="ada", asked_at=NOW - DAY)
    Credential.objects.filter(pk=issued.credential.pk).update(created_at=NOW, last_used_at=NOW, expires_at=NOW + DAY)
    off, issued = vendor("Off")
    services.disable(off, actor="eve")
    services.revoke(issued.credential, actor="eve")
    found = facts_of(Connection.objects.all(), NOW)
    assert found[silent.pk].use == Use(NOW - 9 * DAY, NOW - 8 * DAY, 2, dt.date(2026, 11, 14), days=4, gap=3)
    assert found[waiting.pk].waits == "Demographics wait for a second approval, asked for by ada yesterday."
    assert found[waiting.pk].keys == Keys(NOW, NOW, 1, ends_at=NOW + DAY)
    assert found[off.pk].disabled.startswith("By eve, ")
    assert found[off.pk].keys == Keys(removed=True)


def test_one_of_two_keys_without_an_end_keeps_the_door_open(vendor):
    connection, issued = vendor("Acme")
    services.add_credential(connection, actor="ada")
    Credential.objects.filter(pk=issued.credential.pk).update(expires_at=NOW + DAY)
    keys = facts_of([connection], NOW)[connection.pk].keys
    assert (keys.live, keys.ends_at) == (2, None)


def test_whose_sign_in_had_to_wait_is_slowed_down_from_there_and_goes_on_elsewhere(vendor):
    slowed, issued = vendor("Slowed")
    other, theirs = vendor("Other")
    wrong = [(issued, 10, "192.0.2.7", 2), (issued, 9, "192.0.2.8", 2), (theirs, 12, "192.0.2.7", 61)]
    for key, times, address, minutes in wrong:
        client = secret.sha256(key.credential.client_id)
        last = NOW - dt.timedelta(minutes=minutes)
        for number in range(times):
            TokenFailure.objects.create(address=address, client=client, at=last - dt.timedelta(seconds=5 * number))
    DailyUse.objects.create(connection=slowed, day=NOW.date(), calls=5, last_call_at=NOW)
    facts = facts_of([slowed, other], NOW)
    said = "Too many wrong sign-ins from 192.0.2.7, last at 11:58 am: it has to wait a minute each time."
    assert state_of(facts[slowed.pk], NOW) == State(Kind.THROTTLED, said)
    assert facts[other.pk].slowed == ""
    assert "wrong secret" in advice_for(slowed, State(Kind.THROTTLED, said)).told


def test_every_state_that_needs_somebody_says_what_to_do_and_where(acme):
    connection, _ = acme
    for kind in Kind:
        todo = advice_for(connection, State(kind, "because"))
        assert (todo is not None) == (kind in {*state.NEED_SOMEONE, Kind.THROTTLED}), kind
        assert todo is None or todo.url.startswith("/admin/applications/connections/")


def test_any_number_of_connections_takes_five_queries(vendor):
    def queries():
        found = list(Connection.objects.all())
        with CaptureQueriesContext(database) as captured:
            assert len(state.facts_of(found, NOW)) == len(found)
        return len(captured)

    for number in range(3):
        connection, _ = vendor(f"Vendor {number}")
        services.disable(connection, actor="ada")
        assert queries() == 5
