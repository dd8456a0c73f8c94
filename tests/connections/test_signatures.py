"""A signed request opens what its connection may have, once, for some minutes, and tells strangers nothing."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection as database
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from connections import guessing, nonces, services, signatures
from connections.grants import still_valid
from connections.guessing import TooManyGuesses
from connections.models import AccessLog, Connection, Credential, Nonce, TokenFailure
from connections.oauth1 import Unsigned
from connections.secret import new_client_id
from connections.services import purge_expired
from connections.signatures import NOBODY, WINDOW, grant_for_signature
from tests.connections.signing import SHA1, SHA256, header, request

URL = "https://portal.example.org/ims/oneroster/v1p1/users?limit=10"
V11 = "https://purl.imsglobal.org/spec/or/v1p1/scope/"
LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
HERE = "192.0.2.1"


@pytest.fixture
def old(vendor):
    """Acme, by OAuth 1."""
    return vendor("Acme", version=11, oauth=1, expires_at=LATER)


@pytest.fixture
def clock(db):
    """The database's whole seconds since 1970."""
    with database.cursor() as cursor:
        cursor.execute("SELECT floor(extract(epoch FROM statement_timestamp()))::bigint")
        return cursor.fetchone()[0]


def signed(issued, *, secret=None, key=None, url=URL, **how):
    return request(header(key or issued.credential.client_id, secret or issued.secret, url, **how), url)


def ask(asked, address=HERE):
    return grant_for_signature(asked, address=address, request_id="r1")


def refusal(asked, address=HERE):
    with pytest.raises(Unsigned) as refused:
        ask(asked, address)
    return str(refused.value)


def test_a_signature_opens_what_the_connection_may_have(old):
    connection, issued = old
    grant = ask(signed(issued))
    assert (grant.connection, grant.credential, grant.version) == (connection.pk, issued.credential.pk, 11)
    assert grant.scopes == {V11 + name for name in ("roster.readonly", "roster-core.readonly", "resource.readonly")}
    assert not grant.demographics
    assert still_valid(grant)


def test_it_takes_three_statements_and_notes_the_credential_s_use_now_and_then(old, django_assert_num_queries):
    _, issued = old
    with django_assert_num_queries(3):
        ask(signed(issued))
    used = Credential.objects.get().last_used_at
    assert used is not None
    ask(signed(issued))
    assert Credential.objects.get().last_used_at == used


def test_demographics_are_never_in_it_whatever_the_row_says(old):
    Connection.objects.update(share_demographics=True)
    grant = ask(signed(old[1]))
    assert not grant.demographics
    assert V11 + "roster-demographics.readonly" not in grant.scopes


def test_the_secret_lies_encrypted_and_goes_with_the_credential(old):
    _, issued = old
    stored = bytes(Credential.objects.get().sealed)
    assert issued.secret.encode() not in stored
    services.revoke(issued.credential, actor="admin")
    assert Credential.objects.get().sealed is None


def test_secrets_of_oauth_2_are_not_kept_and_sign_nothing(acme):
    _, issued = acme
    assert Credential.objects.get().sealed is None
    assert refusal(signed(issued)) == NOBODY


@pytest.mark.parametrize("away", [-WINDOW - 1, WINDOW + 60, -86_400, 86_400 * 3650])
def test_any_other_timestamp_is_refused_and_says_by_how_much(old, clock, away):
    told = refusal(signed(old[1], at=clock + away))
    assert "seconds away from the portal's clock; 300 are accepted" in told
    assert not Nonce.objects.exists()


def test_the_edge_of_the_window_is_exact(old, clock, monkeypatch):
    consumer = signatures.consumer_of(old[1].credential.client_id)
    for away, good in ((-301, False), (-300, True), (300, True), (301, False)):
        monkeypatch.setattr(signatures, "consumer_of", lambda *_, away=away: replace(consumer, now=clock - away))
        asked = signed(old[1], at=clock)
        if good:
            assert ask(asked)
        else:
            assert f"{away:+d} seconds" in refusal(asked)


def test_a_request_is_good_once(old):
    asked = signed(old[1])
    assert ask(asked)
    assert "accepted before" in refusal(asked)
    assert "accepted before" in refusal(asked, "198.51.100.7")
    assert Nonce.objects.count() == 1
    assert TokenFailure.objects.count() == 0


def test_the_same_nonce_is_another_request_at_another_second_or_of_another_key(old, vendor, clock):
    _, rival = vendor("Rival", version=11, oauth=1, expires_at=LATER)
    for issued, at in ((old[1], clock), (old[1], clock + 1), (rival, clock)):
        assert ask(signed(issued, nonce="n", at=at))
    for issued, at in ((old[1], clock), (old[1], clock + 1), (rival, clock)):
        assert "accepted before" in refusal(signed(issued, nonce="n", at=at, url=URL + "&offset=10"))


def test_a_stranger_cannot_use_up_a_nonce(old):
    asked = signed(old[1], nonce="n")
    refusal(signed(old[1], nonce="n", secret="guessed"))
    assert ask(asked)


def test_an_accepted_request_waits_for_the_disk_whatever_the_server_is_set_to(old):
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        ask(signed(old[1]))
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)


def test_hmac_sha1_needs_the_connection_s_switch(old):
    connection, issued = old
    assert refusal(signed(issued, how=SHA1)) == NOBODY
    services.change_connection(connection, actor="admin", allow_sha1=True)
    assert ask(signed(issued, how=SHA1))
    assert ask(signed(issued, how=SHA256))


ENDS = {
    "disabled": lambda issued: services.disable(issued.credential.connection, actor="admin"),
    "expired": lambda issued: services.change_connection(issued.credential.connection, actor="admin", expires_at=PAST),
    "revoked": lambda issued: services.revoke(issued.credential, actor="admin"),
    "deleted": lambda issued: services.delete_connection(issued.credential.connection, actor="admin"),
    "credential expired": lambda _issued: Credential.objects.update(expires_at=PAST),
    "oauth 2": lambda issued: services.change_connection(issued.credential.connection, actor="admin", oauth=2),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_connection_that_has_ended_looks_like_an_unknown_key(old, end):
    grant = ask(signed(old[1]))
    end(old[1])
    assert refusal(signed(old[1])) == NOBODY == refusal(signed(old[1], key=new_client_id()))
    assert not still_valid(grant)


def test_an_unknown_key_and_a_wrong_signature_cost_the_same_statements_and_look_alike(old):
    refusal(signed(old[1], secret="warm up"))
    told, counts = set(), set()
    for key in (old[1].credential.client_id, new_client_id(), "brought-from-elsewhere"):
        with CaptureQueriesContext(database) as captured:
            told.add(refusal(signed(old[1], key=key, secret="wrong")))
        counts.add(len(captured))
    assert told == {NOBODY}
    assert len(counts) == 1


def test_guessing_is_slow_for_a_key_from_an_address_and_others_go_on(old, vendor):
    _, issued = old
    for _ in range(guessing.PAIR_LIMIT):
        assert refusal(signed(issued, secret="guessed")) == NOBODY
    with pytest.raises(TooManyGuesses) as waits:
        ask(signed(issued))
    assert 0 < waits.value.seconds <= guessing.WINDOW
    assert ask(signed(issued), "198.51.100.7")
    _, rival = vendor("Rival", version=11, oauth=1, expires_at=LATER)
    assert ask(signed(rival))
    logged = AccessLog.objects.get()  # the others came within the same second
    assert (logged.operation, logged.status, logged.credential_id) == ("signature", 401, issued.credential.pk)


def test_an_address_that_guesses_many_keys_waits_and_a_vendor_known_there_does_not(old, vendor):
    _, issued = old
    ask(signed(issued))
    TokenFailure.objects.bulk_create(
        TokenFailure(address=HERE, client=bytes([n]) * 32) for n in range(guessing.ADDRESS_LIMIT)
    )
    assert ask(signed(issued))
    _, rival = vendor("Rival", version=11, oauth=1, expires_at=LATER)
    with pytest.raises(TooManyGuesses):
        ask(signed(rival))


def test_the_daily_clean_up_forgets_requests_long_past_their_window(old):
    ask(signed(old[1]))
    now = Nonce.objects.get().at
    purge_expired(now + Nonce.KEPT)
    assert Nonce.objects.exists()
    nonces.purge(now + Nonce.KEPT + dt.timedelta(microseconds=1))
    assert not Nonce.objects.exists()
    assert dt.timedelta(seconds=10 * WINDOW) < Nonce.KEPT


def test_a_replaced_secret_signs_beside_the_old_one_until_its_end(old):
    connection, first = old
    second = services.rotate(connection, actor="admin", old_until=LATER)
    assert ask(signed(first))
    assert ask(signed(second))
    Credential.objects.filter(pk=first.credential.pk).update(expires_at=Now() - dt.timedelta(seconds=1))
    assert refusal(signed(first)) == NOBODY
    assert ask(signed(second))
