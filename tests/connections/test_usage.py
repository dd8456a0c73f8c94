import datetime as dt
import threading

import pytest
from django.db import connection as database
from django.db import transaction

from connections import services, usage
from connections.models import AccessLog, DailyUse, UsageMark

AT = dt.datetime(2026, 11, 22, 5, 30, tzinfo=dt.UTC)  # November 21 in Chicago
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def chicago(settings):
    settings.DISTRICT_TIME_ZONE = "America/Chicago"


def row(connection, at=AT, *, status=200, operation="getAllUsers", records=None, **more):
    return AccessLog.objects.create(
        connection=connection, at=at, status=status, operation=operation, records=records, **more
    )


def days():
    return list(
        DailyUse.objects.order_by("connection", "day").values_list(
            "connection__name", "day", "calls", "refused", "records"
        )
    )


def test_calls_sign_ins_and_records_are_added_up_by_the_district_s_day(vendor):
    acme, rival = vendor("Acme")[0], vendor("Rival")[0]
    row(acme, records=100)
    row(acme, AT + HOUR, records=40)
    row(acme, AT + HOUR, status=404)
    row(acme, AT + 2 * HOUR, operation="token")
    row(acme, AT + 3 * HOUR, operation="token", status=401)
    row(rival, status=401, operation="token")
    row(None, status=401)
    assert usage.roll_up()
    assert days() == [
        ("Acme", dt.date(2026, 11, 21), 1, 0, 100),
        ("Acme", dt.date(2026, 11, 22), 1, 1, 40),
        ("Rival", dt.date(2026, 11, 21), 0, 1, 0),
    ]
    latest = DailyUse.objects.get(connection=acme, day="2026-11-22")
    assert (latest.last_call_at, latest.last_refusal_at) == (AT + HOUR, AT + 3 * HOUR)


def test_every_row_counts_once_however_often_it_is_called(acme):
    connection, _ = acme
    row(connection, records=1)
    usage.roll_up()
    usage.roll_up()
    row(connection, AT + HOUR / 4, records=2)
    usage.roll_up()
    usage.roll_up()
    assert days() == [("Acme", dt.date(2026, 11, 21), 2, 0, 3)]


def test_a_row_that_comes_after_a_later_number_is_not_lost(acme):
    connection, _ = acme
    first = row(connection, records=1).pk
    late = first + 1
    row(connection, records=10, id=first + 2)
    usage.roll_up()
    assert UsageMark.objects.get().missing[-1] == late
    row(connection, records=100, id=late)
    usage.roll_up()
    usage.roll_up()
    assert days()[0][4] == 111
    assert late not in UsageMark.objects.get().missing


def test_a_number_that_never_comes_is_forgotten_in_time(acme, monkeypatch):
    monkeypatch.setattr(usage, "LOOK_BACK", 3)
    connection, _ = acme
    first = row(connection).pk
    row(connection, id=first + 2)
    usage.roll_up()
    assert first + 1 in UsageMark.objects.get().missing
    for number in range(3, 7):
        row(connection, id=first + number)
    usage.roll_up()
    assert UsageMark.objects.get().missing == []


def test_rows_of_a_deleted_connection_are_passed_over(acme):
    connection, _ = acme
    row(connection)
    services.delete_connection(connection, actor="ada")
    assert usage.roll_up()
    assert days() == []


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_does_not_wait(vendor):
    row(vendor("Acme")[0])
    usage.roll_up()
    answers = []

    def other():
        try:
            answers.append(usage.roll_up())
        finally:
            database.close()

    with transaction.atomic():
        UsageMark.objects.select_for_update().get()
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
    assert answers == [False]


def test_a_token_and_its_refusal_are_in_the_log_of_a_client_we_know(acme, ask):
    connection, issued = acme
    assert ask(issued.credential.client_id, issued.secret).status_code == 200
    assert ask(issued.credential.client_id, "wrong").status_code == 401
    assert ask("orp_id_" + "0" * 22, "wrong").status_code == 401
    rows = AccessLog.objects.order_by("id").values_list("connection", "credential", "operation", "status", "address")
    known = (connection.pk, issued.credential.pk, "token")
    assert list(rows) == [(*known, 200, "192.0.2.1"), (*known, 401, "192.0.2.1")]


def test_refusals_are_noted_once_a_second(acme, ask):
    _, issued = acme
    for _ in range(4):
        ask(issued.credential.client_id, "wrong")
    noted = AccessLog.objects.filter(status=401)
    assert noted.count() < 4
    noted.update(at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    before = noted.count()
    ask(issued.credential.client_id, "wrong", address="198.51.100.7")
    assert noted.count() == before + 1
