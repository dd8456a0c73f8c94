import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from connections import expiry
from connections.models import Application, Connection
from interop.models import AuditEvent


def run(*options):
    out, err = io.StringIO(), io.StringIO()
    call_command("create_connection", *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def make(*options):
    return json.loads(run("--application", "Acme", "--version", "1.2", "--json", *options)[0])


@pytest.mark.parametrize(("version", "path"), [("1.1", "/ims/oneroster/v1p1"), ("1.2", "/ims/oneroster")])
def test_it_prints_exactly_one_json_object_that_a_vendor_can_use(db, settings, ask, version, path):
    out, err = run("--application", "Acme", "--version", version, "--json")
    answer = json.loads(out)
    assert out.count("\n") == 1
    assert err == ""
    assert list(answer) == ["connection", "client_id", "client_secret", "token_url", "base_url", "version", "oauth"]
    assert answer["token_url"] == f"{settings.PUBLIC_URL}/oauth2/token"
    assert answer["base_url"] == settings.PUBLIC_URL + path
    assert (answer["version"], answer["oauth"]) == (version, 2)
    assert Connection.objects.get(pk=answer["connection"]).application.name == "Acme"
    assert ask(answer["client_id"], answer["client_secret"]).status_code == 200


def test_a_known_application_is_found_whatever_its_case(db):
    make()
    run("--application", "ACME", "--version", "1.2", "--json")
    assert [application.name for application in Application.objects.all()] == ["Acme"]
    assert Connection.objects.count() == 2


def test_without_share_the_screen_s_defaults_hold(db):
    stranger = Connection.objects.get(pk=make()["connection"])
    assert (stranger.share_gradebook, stranger.share_demographics) == (False, False)
    assert (stranger.share_guardians, stranger.share_relatives, stranger.all_schools) == (True, True, True)
    partner = Connection.objects.get(pk=make("--partner")["connection"])
    assert partner.share_gradebook
    assert partner.application.partner


def test_share_is_the_whole_choice(db):
    connection = Connection.objects.get(pk=make("--partner", "--share", "demographics,secondary-email")["connection"])
    assert (connection.share_demographics, connection.use_secondary_email) == (True, True)
    assert (connection.share_gradebook, connection.share_guardians, connection.share_relatives) == (False, False, False)


def test_schools_limit_the_connection(lincoln, washington):
    connection = Connection.objects.get(pk=make("--school", "lincoln")["connection"])
    assert not connection.all_schools
    assert list(connection.schools.all()) == [lincoln]
    both = Connection.objects.get(pk=make("--school", "lincoln", "--school", "washington")["connection"])
    assert both.schools.count() == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--school", "nowhere"], "There is no school nowhere"),
        (["--share", "everything"], "--share does not know everything"),
        (["--share", "gradebook"], "Grade book can be shared with partners only"),
        (["--oauth", "1"], "OAuth 1 is for OneRoster 1.1 only"),
        (["--sha1"], "HMAC-SHA1 belongs to OAuth 1"),
        (["--application", " "], "blank"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_is_made(lincoln, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("--application", "Acme", "--version", "1.2", "--json", *options)
    assert Application.objects.count() == Connection.objects.count() == AuditEvent.objects.count() == 0


def test_it_is_audited_without_the_secret(db):
    answer = make()
    acts = list(AuditEvent.objects.order_by("id").values_list("actor", "act"))
    assert acts == [
        ("create_connection", "created"),
        ("create_connection", "created"),
        ("create_connection", "generated credentials"),
    ]
    told = json.dumps(list(AuditEvent.objects.values("before", "after", "object_name")))
    assert answer["client_id"] in told
    assert answer["client_secret"] not in told


def test_an_oauth_1_connection_has_consumer_key_and_secret_and_ends_after_a_year(db):
    options = ("--application", "Acme", "--version", "1.1", "--oauth", "1", "--sha1", "--json")
    out, err = run(*options)
    answer = json.loads(out)
    assert err == ""
    assert list(answer) == ["connection", "consumer_key", "consumer_secret", "base_url", "version", "oauth"]
    assert (answer["version"], answer["oauth"]) == ("1.1", 1)
    made = Connection.objects.get(pk=answer["connection"])
    assert made.allow_sha1
    assert made.expires_at == expiry.year_from(timezone.now())
    assert AuditEvent.objects.get(act="created", object_id=str(made.pk)).after["oauth"] == 1
