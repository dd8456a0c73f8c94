"""The daily clean-up deletes what has long expired and nothing that still counts."""

import datetime as dt

import pytest

from connections import services
from connections.models import AccessToken, TokenFailure

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
INSTANT = dt.timedelta(microseconds=1)


@pytest.fixture
def token(acme):
    _, issued = acme

    def make(expires_at):
        number = AccessToken.objects.count()
        return AccessToken.objects.create(
            token_sha256=bytes([number]) * 32, credential=issued.credential, scope="", expires_at=expires_at
        )

    return make


def test_a_token_goes_a_day_after_it_expired(token):
    kept = {token(NOW + dt.timedelta(hours=1)).pk, token(NOW).pk, token(NOW - AccessToken.KEPT).pk}
    token(NOW - AccessToken.KEPT - INSTANT)
    services.purge_expired(NOW)
    assert set(AccessToken.objects.values_list("pk", flat=True)) == kept


def test_a_refused_attempt_goes_after_an_hour(db):
    kept = TokenFailure.objects.create(address="192.0.2.1", client=b"c" * 32, at=NOW - TokenFailure.KEPT)
    TokenFailure.objects.create(address="192.0.2.1", client=b"c" * 32, at=NOW - TokenFailure.KEPT - INSTANT)
    services.purge_expired(NOW)
    assert [*TokenFailure.objects.all()] == [kept]
