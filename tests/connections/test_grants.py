import datetime as dt

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from connections import services
from connections.grants import Refused, grant_for_token, still_valid
from connections.models import AccessToken, Connection, Credential
from connections.secret import sha256

V12 = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
OAUTH1 = {"version": 11, "oauth": 1, "expires_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}


@pytest.fixture
def token(acme, ask):
    _, issued = acme
    return ask(issued.credential.client_id, issued.secret).json()["access_token"]


def test_a_token_carries_the_connection_s_choices_in_one_statement(acme, token, django_assert_num_queries):
    connection, issued = acme
    with django_assert_num_queries(1):
        grant = grant_for_token(token)
    assert (grant.connection, grant.credential, grant.version) == (connection.pk, issued.credential.pk, 12)
    assert grant.schools is None
    assert (grant.guardians, grant.relatives, grant.secondary_email, grant.demographics) == (True, True, False, False)
    assert V12 + "roster.readonly" in grant.scopes
    assert grant.expires_at - timezone.now() > dt.timedelta(minutes=59)
    with django_assert_num_queries(1):
        assert still_valid(grant)


@pytest.mark.parametrize(
    "cut",
    [
        lambda issued: services.disable(issued.credential.connection, actor="admin"),
        lambda issued: services.change_connection(issued.credential.connection, actor="admin", expires_at=PAST),
        lambda issued: services.change_connection(issued.credential.connection, actor="admin", **OAUTH1),
        lambda issued: services.revoke(issued.credential, actor="admin"),
        lambda issued: services.remove_credentials(issued.credential.connection, actor="admin"),
        lambda issued: services.delete_connection(issued.credential.connection, actor="admin"),
        lambda issued: Credential.objects.update(expires_at=PAST),
    ],
    ids=["disabled", "expired", "oauth 1", "revoked", "removed", "deleted", "credential expired"],
)
def test_a_cut_acts_on_the_held_token_and_on_the_open_stream(acme, token, cut):
    grant = grant_for_token(token)
    cut(acme[1])
    with pytest.raises(Refused):
        grant_for_token(token)
    assert not still_valid(grant)


def test_enabled_again_the_held_token_works_again(acme, token):
    connection, _ = acme
    services.disable(connection, actor="admin")
    services.enable(connection, actor="admin")
    assert grant_for_token(token).connection == connection.pk


@pytest.mark.parametrize("bad", ["", "x", "orp_at_unknown", "\0", "é" * 5000, "\udc80"])
def test_an_unknown_token_is_refused(db, bad):
    with pytest.raises(Refused):
        grant_for_token(bad)


def test_a_token_past_its_hour_is_refused(token):
    AccessToken.objects.update(expires_at=Now())
    with pytest.raises(Refused, match="expired"):
        grant_for_token(token)


def test_unticked_schools_act_on_the_next_request(acme, token, lincoln, washington):
    connection, _ = acme
    services.set_schools(connection, [lincoln.pk, washington.pk], actor="admin")
    grant = grant_for_token(token)
    assert grant.schools == {lincoln.pk, washington.pk}
    services.set_schools(connection, [lincoln.pk], actor="admin")
    assert not still_valid(grant)
    assert grant_for_token(token).schools == {lincoln.pk}
    services.set_schools(connection, [], actor="admin")
    assert grant_for_token(token).schools == frozenset()
    services.set_schools(connection, None, actor="admin")
    assert grant_for_token(token).schools is None


@pytest.mark.parametrize("change", ["add", "remove", "clear", "save"])
def test_any_change_of_a_connection_bumps_its_revision(acme, lincoln, washington, change):
    connection, _ = acme
    connection.schools.set([lincoln])
    connection.refresh_from_db()
    before = connection.revision
    {
        "add": lambda: connection.schools.add(washington),
        "remove": lambda: connection.schools.remove(lincoln),
        "clear": connection.schools.clear,
        "save": connection.save,
    }[change]()
    connection.refresh_from_db()
    assert connection.revision == before + 1


def test_demographics_switched_off_leave_a_held_token(vendor, ask):
    connection, issued = vendor("Acme", share_demographics=True)
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    assert V12 + "roster-demographics.readonly" in grant_for_token(token).scopes
    services.change_connection(connection, actor="admin", share_demographics=False)
    grant = grant_for_token(token)
    assert V12 + "roster-demographics.readonly" not in grant.scopes
    assert not grant.demographics


def test_a_function_switched_on_later_is_not_in_a_token_that_did_not_get_it(acme, token):
    connection, _ = acme
    services.change_connection(connection, actor="admin", share_demographics=True)
    assert V12 + "roster-demographics.readonly" not in grant_for_token(token).scopes


def test_a_vendor_that_is_no_partner_any_more_loses_the_grade_book_at_once(vendor, ask):
    connection, issued = vendor("Acme", partner=True)
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    grant = grant_for_token(token)
    assert V12 + "gradebook.createput" in grant.scopes
    connection.application.partner = False
    connection.application.save()
    assert not still_valid(grant)
    assert V12 + "gradebook.createput" not in grant_for_token(token).scopes


def test_a_version_changed_to_1_1_opens_nothing_to_a_1_2_token(acme, token):
    services.change_connection(acme[0], actor="admin", version=11)
    assert grant_for_token(token).scopes == frozenset()


def test_equal_choices_have_equal_scope_keys_and_other_choices_have_not(vendor, ask, lincoln):
    grants = []
    for name, choices in (("Acme", {}), ("Rival", {}), ("Third", {"share_guardians": False})):
        _, issued = vendor(name, **choices)
        grants.append(grant_for_token(ask(issued.credential.client_id, issued.secret).json()["access_token"]))
    services.set_schools(Connection.objects.get(pk=grants[1].connection), [lincoln.pk], actor="admin")
    acme, rival, third = (grant.scope_key for grant in grants)
    assert acme == rival != third
    rival_token = ask(*_credentials(grants[1].connection)).json()["access_token"]
    assert grant_for_token(rival_token).scope_key not in {acme, third}


def _credentials(connection):
    issued = services.add_credential(Connection.objects.get(pk=connection), actor="admin")
    return issued.credential.client_id, issued.secret


def test_the_grant_is_frozen_and_does_not_hold_the_token(token):
    grant = grant_for_token(token)
    with pytest.raises(AttributeError):
        grant.schools = None
    assert token not in repr(grant)


def test_tokens_long_expired_are_cleared_when_another_is_issued(acme, token, ask):
    _, issued = acme
    AccessToken.objects.update(expires_at=PAST)
    ask(issued.credential.client_id, issued.secret)
    assert not AccessToken.objects.filter(token_sha256=sha256(token)).exists()
    assert AccessToken.objects.count() == 1
