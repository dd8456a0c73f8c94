"""What the forms of a connection offer, refuse and keep; and who may do what."""

import datetime as dt
from types import SimpleNamespace

import pytest

from connections import expiry, offers, rights, schools, services
from connections.forms import ConnectionForm, GenerateForm
from connections.models import Application, Approval, Connection, SharingSettings
from interop.admin.roles import Role

NOW = dt.datetime(2026, 11, 22, 15, tzinfo=dt.UTC)
ANSWERS = {"version": "12", "oauth": "2", "name": "Acme reading", "purpose": "Reading in grades 1 to 5"}


def application(name="Acme", *, partner=True, catalogue=""):
    return Application.objects.create(name=name, slug=name.lower(), partner=partner, catalogue=catalogue)


def generating(app, **answers):
    form = GenerateForm(app, SharingSettings(), ANSWERS | answers)
    return form, form.is_valid()


def supported(monkeypatch, versions):
    """Let the catalogue say so of every application: {version: (OAuth kinds, functions)}."""
    entry = SimpleNamespace(
        versions={
            version: SimpleNamespace(oauth=kinds, functions=functions)
            for version, (kinds, functions) in versions.items()
        }
    )
    monkeypatch.setattr("connections.catalogue.entry_of", lambda _application: entry)


def test_an_unlisted_vendor_is_offered_every_version_by_oauth_2(db):
    offer = offers.offer(application(), SharingSettings())
    assert [choice.value for choice in offer.versions] == [12, 11]
    assert [choice.value for choice in offer.oauth] == [2]
    assert [refusal.title for refusal in offer.refusals] == ["OAuth 1"]


def test_only_what_the_catalogue_says_is_offered_and_the_rest_is_explained(db, monkeypatch):
    supported(monkeypatch, {11: ((1,), ()), 12: ((2,), ())})
    offer = offers.offer(application(), SharingSettings())
    assert [choice.value for choice in offer.versions] == [12]
    assert {refusal.title: refusal.reason for refusal in offer.refusals}["OneRoster 1.1"] == (
        "Acme offers it with OAuth 1 only."
    )
    form, valid = generating(application("Two"), version="11")
    assert not valid
    assert "version" in form.errors


def test_the_district_decides_whether_oauth_1_is_offered(db):
    app = application()
    closed = offers.offer(app, SharingSettings(allow_oauth1=False))
    assert [choice.value for choice in closed.oauth] == [2]
    assert "Off in this district" in closed.refusals[0].reason
    opened = offers.offer(app, SharingSettings(allow_oauth1=True))
    assert [choice.value for choice in opened.oauth] == [2, 1]
    assert opened.pairs == {12: {2}, 11: {1, 2}}
    form = GenerateForm(app, SharingSettings(allow_oauth1=True), ANSWERS | {"oauth": "1"})
    assert form.errors["oauth"] == ["Not with this version. Choose the other way to sign in, or another version."]


def test_a_vendor_that_cannot_do_oauth_1_is_the_reason_why_it_is_not_offered(db, monkeypatch):
    supported(monkeypatch, {11: ((2,), ()), 12: ((2,), ())})
    offer = offers.offer(application(), SharingSettings(allow_oauth1=True))
    assert [(refusal.title, refusal.reason) for refusal in offer.refusals] == [("OAuth 1", "Acme does not offer it.")]


@pytest.mark.parametrize(
    ("field", "sentence"), [("name", "Name the connection"), ("purpose", "Say what the connection")]
)
def test_name_and_purpose_are_asked(db, field, sentence):
    form, valid = generating(application(), **{field: " "})
    assert not valid
    assert sentence in form.errors[field][0]


def test_a_name_tells_connections_of_one_application_apart(db):
    app = application()
    services.create_connection(app, actor="ada", name="Acme")
    assert GenerateForm(app, SharingSettings()).initial["name"] == "Acme 2"
    form, valid = generating(app, name="ACME")
    assert not valid
    assert form.errors["name"] == ["A connection of this name exists. Open it, or use another name."]
    assert generating(application("Other"), name="Acme")[1]


def switch(connection, name, *, officer=True, **district):
    found = offers.switches(connection, SharingSettings(**district), officer=officer)
    return next(each for each in found if each.field == name)


@pytest.mark.parametrize(
    ("facts", "name", "locked"),
    [
        ({"partner": False}, "share_gradebook", "Partners only. Acme is not a partner."),
        ({"partner": False}, "share_assessments", "Partners only. Acme is not a partner."),
        ({"version": 11}, "share_assessments", "OneRoster 1.2 only."),
        ({"oauth": 1}, "share_demographics", "OAuth 2 only."),
    ],
)
def test_what_a_connection_can_never_share_says_why(db, facts, name, locked):
    app = application(partner=facts.pop("partner", True))
    found = switch(Connection(application=app, **{"version": 12, "oauth": 2, **facts}), name)
    assert (found.locked, found.never) == (locked, True)


def test_a_switch_is_locked_for_those_who_may_not_and_while_the_district_has_it_off(db):
    connection = Connection(application=application(), version=12)
    assert switch(connection, "share_gradebook").locked == ""
    assert "Settings" in switch(connection, "share_gradebook", gradebook_sync=False).locked
    assert switch(connection, "share_demographics").locked == ""
    assert "security officer" in switch(connection, "share_demographics", officer=False).locked


def test_a_function_the_vendor_does_not_offer_is_locked_unless_it_is_on(db, monkeypatch):
    supported(monkeypatch, {12: ((2,), ())})
    app = application()
    off, on = Connection(application=app, version=12), Connection(application=app, version=12, share_gradebook=True)
    assert switch(off, "share_gradebook").locked == "Acme does not offer grade book sync."
    assert switch(on, "share_gradebook").locked == ""


OFFICER = rights.Person("olga", frozenset({Role.OFFICER}))
EDITOR = rights.Person("eddy", frozenset({Role.EDITOR}))
VIEWER = rights.Person("vera", frozenset({Role.VIEWER}))


def editing(connection, person=OFFICER, **answers):
    switches = offers.switches(connection, SharingSettings(), officer=person.is_officer)
    told = {"revision": connection.revision, "name": "Acme", "purpose": "Reading", "which_schools": "all", **answers}
    form = ConnectionForm(connection, switches=switches, schools=schools.choices(connection), person=person, data=told)
    return form, form.is_valid()


@pytest.fixture
def connection(lincoln, washington):
    return services.create_connection(application(), actor="eddy", name="Acme")


def test_choosing_no_school_blocks_saving(connection):
    form, valid = editing(connection, which_schools="chosen")
    assert not valid
    assert form.errors["schools"] == ["Choose at least one school, or All schools."]


def test_chosen_schools_are_what_is_saved_and_all_schools_are_none_by_name(connection, lincoln):
    form, _ = editing(connection, which_schools="chosen", schools=[str(lincoln.pk)])
    assert (form.changes()["all_schools"], form.chosen_schools()) == (False, [lincoln.pk])
    form, _ = editing(connection, schools=[str(lincoln.pk)])
    assert (form.changes()["all_schools"], form.chosen_schools()) == (True, [])


def test_a_school_of_nowhere_is_refused(connection):
    assert not editing(connection, which_schools="chosen", schools=["987654"])[1]


def test_the_form_alone_never_turns_demographics_on(connection):
    form, valid = editing(connection, share_demographics="on")
    assert valid
    assert form.wants_demographics()
    assert form.changes()["share_demographics"] is False


def test_an_editor_s_form_leaves_demographics_as_they_are(connection):
    connection.share_demographics = True
    form, _ = editing(connection, EDITOR)
    assert form.changes()["share_demographics"] is True
    assert not form.wants_demographics()
    connection.share_demographics = False
    form, _ = editing(connection, EDITOR, share_demographics="on")
    assert form.changes()["share_demographics"] is False


def test_what_a_connection_can_never_share_is_turned_off_whatever_is_sent(connection):
    Application.objects.update(partner=False)
    Connection.objects.update(share_gradebook=True)
    connection = Connection.objects.select_related("application").get(pk=connection.pk)
    form, _ = editing(connection, share_gradebook="on")
    assert form.changes()["share_gradebook"] is False


@pytest.mark.parametrize(("version", "oauth", "kept"), [(11, 1, True), (11, 2, False), (12, 2, False)])
def test_hmac_sha1_can_be_accepted_by_connections_of_oauth_1_alone(connection, version, oauth, kept):
    connection.version, connection.oauth = version, oauth
    form, valid = editing(connection, allow_sha1="on")
    assert valid
    assert form.changes()["allow_sha1"] is kept


def test_schools_are_listed_by_name_with_the_kind_their_name_speaks_of(connection, lincoln):
    for name in ("Zion High", "Adair Elementary", "Junior High of Adair", "Cedar K-8 Academy"):
        type(lincoln).objects.create(sourced_id=name, district=lincoln.district, name=name, identifier="7")
    found = schools.choices(connection)
    assert [(school.name, school.kind) for school in found] == [
        ("Adair Elementary", "elementary"),
        ("Cedar K-8 Academy", "other"),
        ("Junior High of Adair", "middle"),
        ("Lincoln", "other"),
        ("Washington", "other"),
        ("Zion High", "high"),
    ]
    assert [(kind, number) for kind, _title, number in schools.counted(found)] == [
        ("elementary", 1), ("middle", 1), ("high", 1), ("other", 3),
    ]  # fmt: skip


def test_a_school_that_ended_is_listed_only_while_it_is_chosen(connection, lincoln, washington):
    type(lincoln).objects.update(ended_at=NOW)
    services.set_schools(connection, [lincoln.pk], actor="ada")
    assert [(school.name, school.chosen) for school in schools.choices(connection)] == [("Lincoln", True)]


def test_renewing_goes_to_the_beginning_of_the_same_day_next_year_in_the_district(settings):
    settings.DISTRICT_TIME_ZONE = "America/Chicago"
    late = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)
    assert expiry.year_from(late).isoformat() == "2027-11-22T00:00:00-06:00"
    leap = dt.datetime(2028, 2, 29, 18, tzinfo=dt.UTC)
    assert expiry.year_from(leap).date() == dt.date(2029, 2, 28)


def test_oauth_1_ends_always_and_oauth_2_where_the_district_says_so():
    assert expiry.expires(1, SharingSettings())
    assert not expiry.expires(2, SharingSettings())
    assert expiry.expires(2, SharingSettings(oauth2_expires=True))


def test_editors_hold_the_secrets_of_connections_they_made_and_officers_all():
    mine, other = Connection(created_by="eddy"), Connection(created_by="ada")
    assert [rights.may_handle_secrets(EDITOR, each) for each in (mine, other)] == [True, False]
    assert [rights.may_handle_secrets(OFFICER, each) for each in (mine, other)] == [True, True]
    assert not rights.may_handle_secrets(VIEWER, Connection(created_by="vera"))
    assert [rights.may_delete(EDITOR, each) for each in (mine, other)] == [True, False]


def test_everybody_but_viewers_changes_connections_and_only_officers_demographics():
    people = (VIEWER, EDITOR, OFFICER)
    assert [rights.may_change(person) for person in people] == [False, True, True]
    assert [rights.may_share_demographics(person) for person in people] == [False, False, True]


def test_nobody_approves_what_they_asked_for():
    asked = Approval(asked_by="olga", switch="share_demographics")
    second = rights.Person("otto", frozenset({Role.OFFICER}))
    assert [rights.may_approve(person, asked) for person in (OFFICER, second, EDITOR)] == [False, True, False]
