from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection as database
from django.db import transaction

from connections import guessing
from connections.models import TokenFailure


@pytest.mark.django_db(transaction=True)
def test_attempts_side_by_side_do_not_slip_past_the_limit():
    attempt = guessing.Attempt("orp_id_acme", "192.0.2.1")

    def guess(_):
        try:
            with transaction.atomic():
                if guessing.wait_for(attempt) is None:
                    guessing.failed(attempt)
        finally:
            database.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(guess, range(40)))
    assert TokenFailure.objects.count() == guessing.PAIR_LIMIT


def test_what_is_counted_does_not_hold_what_was_typed(db):
    guessing.failed(guessing.Attempt("a secret in the wrong box", "192.0.2.1"))
    assert b"secret" not in bytes(TokenFailure.objects.get().client)
