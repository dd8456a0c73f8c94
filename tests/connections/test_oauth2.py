import base64
import datetime as dt
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.db import connection as database
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from psycopg import sql

from connections import guessing, oauth2, services
from connections.grants import client_of
from connections.models import AccessLog, AccessToken, Credential, TokenFailure
from connections.secret import has_checksum, sha256

OAUTH1 = {"version": 11, "oauth": 1, "expires_at": dt.datetime(2099, 1, 1, tzinfo=dt.UTC)}
V12 = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
ROSTER = {
    V12 + name for name in ("roster.readonly", "roster-core.readonly", "resource.readonly", "resource-core.readonly")
}


def test_a_vendor_gets_a_token_for_an_hour_with_all_its_scopes_when_it_asks_for_none(acme, ask):
    _, issued = acme
    answer = ask(issued.credential.client_id, issued.secret)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert set(body["scope"].split()) == ROSTER
    assert has_checksum(body["access_token"])
    assert "refresh_token" not in body
    assert answer["Cache-Control"] == "no-store"
    issued.credential.refresh_from_db()
    assert issued.credential.last_used_at is not None


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/token/"])
@pytest.mark.parametrize("form", [True, False])
def test_header_and_form_work_with_and_without_a_trailing_slash(acme, ask, form, path):
    _, issued = acme
    assert ask(issued.credential.client_id, issued.secret, form=form, path=path).status_code == 200


def test_percent_encoded_credentials_in_the_header_work(acme, ask):
    _, issued = acme
    encoded = [quote(text, safe="").replace("_", "%5F") for text in (issued.credential.client_id, issued.secret)]
    assert ask(*encoded).status_code == 200


def test_the_header_with_the_same_client_id_in_the_form_works_and_with_another_does_not(acme, ask):
    _, issued = acme
    client_id = issued.credential.client_id
    assert ask(client_id, issued.secret, client_id=client_id).status_code == 200
    assert ask(client_id, issued.secret, client_id="another").status_code == 401


def test_scopes_asked_for_are_reduced_to_those_allowed_and_http_is_tolerated(acme, ask):
    _, issued = acme
    asked = f"{V12.replace('https', 'http')}roster.readonly {V12}roster-demographics.readonly {V12}gradebook.readonly"
    answer = ask(issued.credential.client_id, issued.secret, scope=asked)
    assert answer.json()["scope"] == V12 + "roster.readonly"


def test_blank_scope_means_all(acme, ask):
    _, issued = acme
    assert set(ask(issued.credential.client_id, issued.secret, scope="  ").json()["scope"].split()) == ROSTER


def test_nothing_left_of_the_scopes_is_invalid_scope(acme, ask):
    _, issued = acme
    answer = ask(issued.credential.client_id, issued.secret, scope=V12 + "gradebook.readonly")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_partner_gets_what_its_connection_shares(vendor, ask):
    _, issued = vendor("Acme", partner=True, share_assessments=True, share_demographics=True)
    scopes = {
        scope.removeprefix(V12) for scope in ask(issued.credential.client_id, issued.secret).json()["scope"].split()
    }
    assert scopes >= {
        "gradebook.createput",
        "gradebook.createpost",
        "assessment.createput",
        "roster-demographics.readonly",
    }


def headers_but_its_id(answer):
    return {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}


@pytest.mark.parametrize("form", [True, False])
def test_an_unknown_client_and_a_wrong_secret_are_answered_alike(acme, ask, form):
    _, issued = acme
    wrong = ask(issued.credential.client_id, "orp_sk_wrong", form=form)
    unknown = ask("orp_id_" + "0" * 22, issued.secret, form=form)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert headers_but_its_id(wrong) == headers_but_its_id(unknown)
    assert wrong["WWW-Authenticate"].startswith("Basic")
    assert wrong["Cache-Control"] == "no-store"


def test_a_token_costs_seven_statements_and_a_burst_notes_one_use(acme, ask, django_assert_num_queries):
    _, issued = acme
    ask(issued.credential.client_id, issued.secret)
    Credential.objects.update(last_used_at=Now() + dt.timedelta(minutes=1))
    used = Credential.objects.get().last_used_at
    with django_assert_num_queries(7):
        assert ask(issued.credential.client_id, issued.secret).status_code == 200
    assert Credential.objects.get().last_used_at == used
    assert AccessLog.objects.filter(operation="token", status=200, credential=issued.credential.pk).count() == 2
    long_ago = used - dt.timedelta(minutes=2)
    Credential.objects.update(last_used_at=long_ago)
    ask(issued.credential.client_id, issued.secret)
    assert long_ago < Credential.objects.get().last_used_at < used


def test_a_credential_that_goes_while_its_token_is_made_gets_none(acme, ask, monkeypatch):
    _, issued = acme

    def deleted(*told):
        found = client_of(*told)
        Credential.objects.all().delete()
        return found

    monkeypatch.setattr(oauth2, "client_of", deleted)
    answer = ask(issued.credential.client_id, issued.secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic")
    assert not AccessToken.objects.exists()
    assert not TokenFailure.objects.exists(), "the secret was right"


def test_an_unknown_client_and_a_wrong_secret_cost_the_same_statements(acme, ask):
    _, issued = acme
    ask(issued.credential.client_id, "warm up")
    counts = []
    for client_id in (issued.credential.client_id, "orp_id_" + "0" * 22, "no such thing"):
        with CaptureQueriesContext(database) as captured:
            ask(client_id, "wrong")
        counts.append(len(captured))
    assert len(set(counts)) == 1
    assert counts[0] > 0


@pytest.mark.parametrize(
    "end",
    [
        lambda issued: services.disable(issued.credential.connection, actor="admin"),
        lambda issued: services.revoke(issued.credential, actor="admin"),
        lambda issued: services.change_connection(
            issued.credential.connection, actor="admin", expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        ),
        lambda issued: Credential.objects.update(expires_at=Now() - dt.timedelta(seconds=1)),
        lambda issued: services.change_connection(issued.credential.connection, actor="admin", **OAUTH1),
    ],
    ids=["disabled", "revoked", "connection expired", "credential expired", "oauth 1"],
)
def test_a_connection_that_has_ended_is_an_invalid_client(acme, ask, end):
    _, issued = acme
    wrong = ask(issued.credential.client_id, "wrong")
    end(issued)
    answer = ask(issued.credential.client_id, issued.secret)
    assert (answer.status_code, answer.content) == (401, wrong.content)


def test_two_secrets_work_side_by_side_and_the_first_goes_alone(acme, ask):
    connection, first = acme
    second = services.add_credential(connection, actor="admin")
    with pytest.raises(services.TooManyCredentials):
        services.add_credential(connection, actor="admin")
    assert {ask(i.credential.client_id, i.secret).status_code for i in (first, second)} == {200}
    services.revoke(first.credential, actor="admin")
    assert ask(first.credential.client_id, first.secret).status_code == 401
    assert ask(second.credential.client_id, second.secret).status_code == 200


def test_earlier_tokens_stay_when_another_is_issued(acme, ask):
    _, issued = acme
    tokens = [ask(issued.credential.client_id, issued.secret).json()["access_token"] for _ in range(3)]
    assert AccessToken.objects.filter(token_sha256__in=[sha256(token) for token in tokens]).count() == 3


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"scope": ["a", "b"]}, "invalid_request"),
    ],
)
def test_other_requests_are_refused_in_the_words_of_the_rfc(acme, ask, data, error):
    _, issued = acme
    answer = ask(issued.credential.client_id, issued.secret, **data)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"grant_type": "client_credentials"}'),
        ("multipart/form-data", b"no boundary"),
        ("application/x-www-form-urlencoded", b"grant_type=client_credentials&client_id=%00%ff&client_secret=%00"),
        (
            "application/x-www-form-urlencoded",
            b"client=x&scopes=y&user=z&extra_credentials=1&grant_type=client_credentials",
        ),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(2000))),
        ("application/x-www-form-urlencoded", b"\xff\xfe=%zz"),
    ],
)
def test_hostile_bodies_are_a_plain_refusal(db, client, content_type, body):
    answer = client.post("/oauth2/token", body, content_type=content_type)
    assert answer.status_code in {400, 401}
    assert answer.json()["error"] in {"invalid_request", "invalid_client"}


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Bearer x"]
)
def test_hostile_headers_are_an_invalid_client(db, client, header):
    answer = client.post("/oauth2/token", {"grant_type": "client_credentials"}, headers={"authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_credentials_in_the_url_are_refused(acme, client):
    _, issued = acme
    url = f"/oauth2/token?client_id={issued.credential.client_id}&client_secret={issued.secret}"
    answer = client.post(url, {"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_get_is_not_allowed(db, client):
    answer = client.get("/oauth2/token")
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]


def test_guessing_is_slowed_for_the_pair_and_a_vendor_elsewhere_is_not_locked_out(acme, ask):
    _, issued = acme
    codes = [ask(issued.credential.client_id, f"guess {n}").status_code for n in range(guessing.PAIR_LIMIT + 3)]
    assert codes == [401] * guessing.PAIR_LIMIT + [429] * 3
    blocked = ask(issued.credential.client_id, issued.secret)
    assert blocked.status_code == 429
    assert 1 <= int(blocked["Retry-After"]) <= guessing.WINDOW
    assert TokenFailure.objects.count() == guessing.PAIR_LIMIT
    assert ask(issued.credential.client_id, issued.secret, address="198.51.100.7").status_code == 200


def test_a_blocked_unknown_client_is_answered_like_a_blocked_known_one(acme, ask):
    _, issued = acme
    answers = []
    for client_id in (issued.credential.client_id, "orp_id_" + "0" * 22):
        for _ in range(guessing.PAIR_LIMIT):
            ask(client_id, "guess")
        answers.append(ask(client_id, "guess"))
    assert {answer.status_code for answer in answers} == {429}
    assert answers[0].content == answers[1].content


def test_after_the_window_the_vendor_may_try_again(acme, ask):
    _, issued = acme
    for n in range(guessing.PAIR_LIMIT):
        ask(issued.credential.client_id, f"guess {n}")
    TokenFailure.objects.update(at=Now() - dt.timedelta(seconds=guessing.WINDOW + 1))
    assert ask(issued.credential.client_id, issued.secret).status_code == 200


def test_an_address_that_guesses_many_clients_is_slowed_but_not_the_vendor_already_seen_there(acme, vendor, ask):
    _, issued = acme
    _, rival = vendor("Rival")
    assert ask(issued.credential.client_id, issued.secret).status_code == 200
    codes = [ask(f"client {n}", "guess").status_code for n in range(guessing.ADDRESS_LIMIT + 2)]
    assert codes[-3:] == [401, 429, 429]
    assert ask(rival.credential.client_id, rival.secret).status_code == 429
    assert ask(rival.credential.client_id, rival.secret, address="198.51.100.7").status_code == 200
    assert ask(issued.credential.client_id, issued.secret).status_code == 200


def test_neither_secret_nor_token_is_anywhere_in_the_database_in_clear(acme, ask):
    _, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    ask(issued.secret, "a secret pasted into the wrong box")
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
        dump = ""
        for table in tables:
            cursor.execute(
                sql.SQL("SELECT coalesce(string_agg(t::text, chr(10)), '') FROM {} t").format(sql.Identifier(table))
            )
            dump += cursor.fetchone()[0]
    assert issued.credential.client_id in dump
    for word in (issued.secret, token):
        assert word not in dump
        assert word.encode().hex() not in dump


def test_while_the_database_is_away_the_vendor_is_told_to_come_again(acme, ask, monkeypatch):
    def gone(*_args):
        raise OperationalError

    _, issued = acme
    monkeypatch.setattr(guessing, "wait_for", gone)
    answer = ask(issued.credential.client_id, issued.secret)
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "30", "no-store")
    assert answer.json()["error"] == "temporarily_unavailable"


def test_the_toolkit_s_other_pages_are_not_there(client, db):
    for path in ("/oauth2/authorize", "/oauth2/register/", "/oauth2/applications/", "/o/token/", "/oauth2/introspect/"):
        assert client.get(path).status_code == 404
    assert reverse("token") == "/oauth2/token"
