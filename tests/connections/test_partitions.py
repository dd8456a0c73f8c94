"""Months of the access log come ahead of their rows, and go when the district keeps them no longer."""

import datetime as dt

import pytest
from django.db import connection as database

from connections import jobs, partitions
from connections.models import AccessLog, KindUse, SharingSettings

NOW = dt.datetime(2031, 12, 15, tzinfo=dt.UTC)


def place_of(row):
    with database.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM connections_accesslog WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def log(vendor, at):
    return AccessLog.objects.create(connection=vendor, at=at, operation="getAllUsers", status=200)


@pytest.fixture
def acme(vendor):
    return vendor("Acme")[0]


def test_rows_lie_in_their_month_and_one_without_a_month_is_not_lost(acme):
    early = log(acme, NOW)
    assert place_of(early) == "connections_accesslog_other"
    assert partitions.turn(NOW)[0] == 3
    assert partitions.turn(NOW)[0] == 0
    assert place_of(early) == "connections_accesslog_2031_12"
    assert place_of(log(acme, dt.datetime(2032, 1, 31, 23, 59, tzinfo=dt.UTC))) == "connections_accesslog_2032_01"
    assert place_of(log(acme, dt.datetime(2032, 2, 1, tzinfo=dt.UTC))) == "connections_accesslog_2032_02"
    assert AccessLog.objects.count() == 3


def test_months_that_are_kept_no_longer_are_dropped_whole(acme):
    SharingSettings(log_months=2).save()
    partitions.turn(NOW - dt.timedelta(days=95))
    old, kept = log(acme, NOW - dt.timedelta(days=95)), log(acme, NOW - dt.timedelta(days=70))
    log(acme, dt.datetime(2001, 1, 1, tzinfo=dt.UTC))
    KindUse.objects.create(connection=acme, operation="getAllUsers", day=dt.date(2031, 9, 1))
    assert (place_of(old), place_of(kept)) == ("connections_accesslog_2031_09", "connections_accesslog_2031_10")
    made, dropped = partitions.turn(NOW)
    assert made == 3
    assert dropped >= 1
    assert list(AccessLog.objects.all()) == [kept]
    assert not KindUse.objects.exists()


def test_the_job_says_what_it_did(db):
    assert jobs.turn_access_log(None).endswith("dropped.")
