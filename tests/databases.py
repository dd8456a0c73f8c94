"""A database for each process that tests: one makes the tables by the migrations, the others copy them."""

import contextlib
import gc
import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from psycopg import sql

SEVERAL = "PYTEST_XDIST_TESTRUNUID"
"""What xdist tells each of its processes: a name for the run that no other run has."""


@contextlib.contextmanager
def made(blocker: Any, *, keep: bool, anew: bool) -> Iterator[None]:
    """Make this process's database and point Django to it; remove it at the end, unless it is to be kept.

    A kept database is brought up to date by the migrations, unless it is to be made anew.
    """
    if settings.EMBEDDED is None or keep or SEVERAL not in os.environ:
        with blocker.unblock():
            before = _by_migrations(keepdb=keep and not anew)
        yield
        with blocker.unblock():
            if not keep:
                teardown_databases(before, verbosity=0)
        return
    name = connection.settings_dict["NAME"]
    with blocker.unblock(), _server() as server:
        _made_or_copied(server, _tables(os.environ[SEVERAL]))
    yield
    with blocker.unblock():
        connection.creation.destroy_test_db(name, verbosity=0)


def begin(blocker: Any, run: str) -> int:
    """Have a process of its own make the tables while the others look for their tests; return it.

    `run` is what xdist tells all of them. Where it fails, the first that needs a database makes the tables.
    """
    if process := os.fork():
        return process
    gc.disable()
    try:
        with blocker.unblock(), _server() as server:
            _made_or_copied(server, _tables(run))
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    except Exception:  # noqa: BLE001 - whatever it is, it is told
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(0)  # nothing that the original began is its to end


def _tables(run: str) -> str:
    return f"tables_{run}"


def _by_migrations(**how: bool) -> Any:
    return setup_databases(verbosity=0, interactive=False, aliases=["default"], serialized_aliases=set(), **how)


@contextlib.contextmanager
def _server() -> Iterator[psycopg.Connection]:
    """Connect to the server for what is done outside of any database of the tests."""
    told = {**connection.get_connection_params(), "dbname": "postgres", "options": ""}  # and without their time limits
    with psycopg.connect(**told, autocommit=True) as server:
        yield server


def _made_or_copied(server: psycopg.Connection, tables: str) -> None:
    """Copy the database of tables alone, or be the first and make it; the other processes wait for that."""
    mine = connection.creation._get_test_db_name()
    server.execute("SELECT pg_advisory_lock(hashtext(%s))", [tables])
    if server.execute("SELECT FROM pg_database WHERE datname = %s", [tables]).fetchone() is None:
        _by_migrations()
        connection.close()
        _copy(server, mine, tables)
        return
    _copy(server, tables, mine)
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = mine
    with connection.cursor() as cursor:  # the portal tells databases apart by the moment they were made
        cursor.execute("UPDATE django_migrations SET applied = clock_timestamp()")


def _copy(server: psycopg.Connection, source: str, target: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(target)))
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (target, source))))
