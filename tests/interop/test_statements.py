"""Statements of the hot path live on after one of them has failed, whatever the reason was."""

import os
import socket

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, transaction

from interop.statements import Failed, Question, Statement, planned_once, prepared, together

DIVIDE = Statement("test_divide", "SELECT 12 / $1::int4")
WIDE = Statement("test_wide", "SELECT * FROM test_widening")


def divided(by: int) -> int:
    return int.from_bytes(DIVIDE.run((str(by).encode(),), (0,)).get_value(0, 0), "big")


@pytest.fixture
def on_its_own(django_db_setup, django_db_blocker):
    """Run each statement in a transaction of its own; nothing of what is written here outlives the connection."""
    with django_db_blocker.unblock():
        yield
        connection.close()


def test_a_statement_that_failed_once_is_answered_the_next_time(on_its_own):
    for _ in range(3):
        with pytest.raises(Failed):
            divided(0)
        assert divided(4) == 3
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(Failed):
        divided(4)
    assert divided(4) == 3

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE test_widening (a int)")
        WIDE.run((), ())
        cursor.execute("ALTER TABLE test_widening ADD COLUMN b int")
    with pytest.raises(Failed):
        WIDE.run((), ())
    assert WIDE.run((), ()).nfields == 2


def test_statements_of_one_trip_are_answered_in_order_and_live_on_after_one_of_them_has_failed(on_its_own):
    def asked(*divisors: int) -> list[list[tuple[int]]]:
        return together(*[Question("SELECT 12 / %s::int4", [by]) for by in divisors])

    assert asked(4, 3, 2) == [[(3,)], [(4,)], [(6,)]]
    for _ in range(2):
        with pytest.raises(DataError):
            asked(4, 0, 2)
        with pytest.raises(DataError), transaction.atomic():
            asked(4, 0)
        with transaction.atomic():
            assert (asked(2), asked(3, 4)) == ([[(6,)]], [[(4,)], [(3,)]])
    [(own,)] = prepared("SELECT pg_backend_pid()", [])
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own])
    with pytest.raises(OperationalError):
        asked(4, 3)
    connection.close()
    assert asked(4, 3) == [[(3,)], [(4,)]]


def test_a_statement_planned_once_is_planned_so_whatever_its_values_and_leaves_others_to_postgresql(on_its_own):
    def asked(name: str) -> list[tuple[int]]:
        return planned_once("SELECT count(*) FROM pg_class WHERE relname = ANY(%s::text[])", [[name]])

    def plans() -> list[tuple[int, int]]:
        text = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE strpos(statement, %s::text) = 1"
        return prepared(text, ["SELECT count(*) FROM pg_class"])

    assert (asked("pg_class"), asked("nothing"), asked("pg_type")) == ([(1,)], [(0,)], [(1,)])
    assert plans() == [(0, 3)]
    with transaction.atomic():
        asked("pg_class")
        assert prepared("SHOW plan_cache_mode", []) == [("auto",)]


def test_a_server_that_goes_away_before_it_answers_is_told_as_one_that_is_away(on_its_own):
    for questions in ([Question("SELECT 12 / %s::int4", [by]) for by in divisors] for divisors in ([4], [4, 3])):
        together(*questions)
        with socket.socket(fileno=os.dup(connection.connection.pgconn.socket)) as wire:
            wire.shutdown(socket.SHUT_RD)
        with pytest.raises(OperationalError):
            together(*questions)
        connection.close()
