"""Rows that several tests find in the database: written once below the transactions of tests, gone with the last."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db import connection, transaction

T = TypeVar("T")


def made_once(blocker: Any, make: Callable[[], T]) -> Iterator[T]:
    """Yield what `make` returns, and leave what it wrote until the fixture ends; each test's own rows go with the test.

    Objects it returns are everybody's: a test that changes one in memory takes a copy. `blocker` is the fixture
    django_db_blocker. The time of the database's now() stands still meanwhile, as it does in every test.
    """
    around = transaction.atomic()
    around._from_testcase = True  # code that must not be inside another transaction works as it does in a test
    with contextlib.ExitStack() as stack, blocker.unblock():
        stack.enter_context(around)
        made = make()
        connection.check_constraints()  # once, and not again after each test
        undone = stack.pop_all()
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        undone.close()
