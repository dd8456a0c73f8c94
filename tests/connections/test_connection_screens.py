"""Generate, the secret shown once, Edit OneRoster Connection, demographics, Test connection."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connections import checking, information, services
from connections.grants import grant_for_token
from connections.models import Application, Approval, Connection, Credential, SharingSettings, TokenFailure
from connections.secret import sha256
from interop.admin.roles import Role
from interop.models import AuditEvent
from tests.connections.logged import record_read
from tests.signin import confirm

ANSWERS = {"version": 12, "oauth": 2, "name": "Acme reading", "purpose": "Reading in grades 1 to 5"}


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


def person(name, *roles):
    """Somebody of the data office in a browser of their own."""
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer(db):
    return person("olga", Role.OFFICER)


@pytest.fixture
def editor(db):
    return person("eddy", Role.EDITOR)


@pytest.fixture
def partner(db):
    return services.application_named("Acme", partner=True, actor="ada")


@pytest.fixture
def connection(partner, lincoln, washington):
    return services.create_connection(partner, actor="eddy", name="Acme", choices={"purpose": "Reading"})


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def saved(client, connection, **changes):
    """Send the form of a connection as its page has it, but for the changes."""
    now = Connection.objects.get(pk=connection.pk)
    switches = [field for field in services.connections.FACTS if field.startswith(("share_", "use_"))]
    told = {
        "revision": now.revision, "name": now.name, "purpose": now.purpose, "enabled": now.enabled,
        "which_schools": "all" if now.all_schools else "chosen",
        "schools": list(now.schools.values_list("pk", flat=True)),
        **{field: getattr(now, field) for field in switches},
    } | changes  # fmt: skip
    return client.post(
        url("connection", connection.pk), {name: value for name, value in told.items() if value not in (False, None)}
    )


class TestGenerating:
    def test_it_makes_connection_and_credentials_that_work_and_shows_the_secret_in_that_answer_alone(
        self, editor, partner, ask
    ):
        page = url("generate", partner.slug)
        assert "Which version does Acme use?" in text_of(editor.get(page))
        answer = editor.post(page, ANSWERS)
        shown = text_of(answer)
        secret, client_id = (re.search(pattern, shown)[0] for pattern in (r"orp_sk_\w{49}", r"orp_id_\w{22}"))
        assert "no-store" in answer["Cache-Control"]
        assert ask(client_id, secret).status_code == 200
        assert secret not in str(dict(editor.session))
        made = Connection.objects.get()
        assert (made.name, made.created_by, made.share_gradebook) == ("Acme reading", "eddy", True)
        for after in (page, url("connection", made.pk), url("new_secret", made.pk)):
            assert secret not in text_of(editor.get(after))

    def test_sending_the_form_again_neither_shows_the_secret_again_nor_makes_a_second_connection(self, editor, partner):
        editor.post(url("generate", partner.slug), ANSWERS)
        again = text_of(editor.post(url("generate", partner.slug), ANSWERS))
        assert "A connection of this name exists" in again
        assert "orp_sk_" not in again
        assert (Connection.objects.count(), Credential.objects.count()) == (1, 1)

    def test_without_a_purpose_nothing_is_made_and_what_was_typed_stays(self, editor, partner):
        answer = text_of(editor.post(url("generate", partner.slug), ANSWERS | {"purpose": ""}))
        assert "Say what the connection is for" in answer
        assert 'value="Acme reading"' in answer
        assert not Connection.objects.exists()

    def test_a_vendor_that_is_no_partner_comes_with_a_caution(self, editor, partner):
        caution = "is not a partner"
        assert caution not in text_of(editor.get(url("generate", partner.slug)))
        stranger = services.application_named("Unlisted", partner=False, actor="ada")
        assert caution in text_of(editor.get(url("generate", stranger.slug)))
        editor.post(url("generate", stranger.slug), ANSWERS)
        assert not Connection.objects.get().share_gradebook

    def test_it_ends_after_a_year_where_the_district_says_so(self, editor, partner):
        SharingSettings(oauth2_expires=True).save()
        editor.post(url("generate", partner.slug), ANSWERS)
        left = Connection.objects.get().expires_at - timezone.now()
        assert dt.timedelta(days=363) < left < dt.timedelta(days=367)


class TestSaving:
    def test_the_whole_page_is_saved_as_one_change_and_holds_at_once(self, editor, connection, lincoln, ask):
        issued = services.add_credential(connection, actor="eddy")
        token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
        changes = {"name": "Lincoln", "share_guardians": False, "which_schools": "chosen", "schools": [lincoln.pk]}
        answer = saved(editor, connection, **changes)
        assert answer.status_code == 302, text_of(answer)
        grant = grant_for_token(token)
        assert (grant.schools, grant.guardians) == ({lincoln.pk}, False)
        event = AuditEvent.objects.get(actor="eddy", act="changed")
        assert event.after == {
            "name": "Lincoln", "all_schools": False, "share_guardians": False, "schools": ["lincoln"],
        }  # fmt: skip

    def test_saving_what_is_there_changes_nothing_and_says_so(self, editor, connection):
        revision = Connection.objects.get().revision
        answer = saved(editor, connection)
        assert "Nothing was changed." in text_of(editor.get(answer["Location"]))
        assert Connection.objects.get().revision == revision
        assert not AuditEvent.objects.filter(act="changed").exists()

    def test_who_comes_second_is_told_and_overwrites_nothing(self, editor, officer, connection):
        old = connection.revision
        saved(officer, connection, name="Changed by Olga")
        answer = saved(editor, connection, revision=old, name="Changed by Eddy")
        assert re.search(r"Not saved\. Somebody else changed this connection at \d+:\d\d [ap]m\.", text_of(answer))
        assert 'value="Changed by Eddy"' in text_of(answer)
        assert Connection.objects.get().name == "Changed by Olga"

    def test_no_school_chosen_blocks_saving(self, editor, connection):
        answer = saved(editor, connection, which_schools="chosen")
        assert "Choose at least one school, or All schools." in text_of(answer)
        assert Connection.objects.get().all_schools

    def test_a_viewer_reads_the_page_and_changes_nothing(self, connection):
        viewer = person("vera", Role.VIEWER)
        page = text_of(viewer.get(url("connection", connection.pk)))
        assert "Data to Share" in page
        assert "Save changes" not in page
        assert saved(viewer, connection, name="Other").status_code == 403

    def test_turning_it_off_and_on_says_what_it_does(self, editor, connection):
        off = saved(editor, connection, enabled=False)
        assert "Connection disabled. The vendor’s next request is refused." in text_of(editor.get(off["Location"]))
        on = saved(editor, connection, enabled=True)
        assert "Connection enabled." in text_of(editor.get(on["Location"]))

    def test_renew_sets_one_year_from_today_and_keeps_the_secret(self, editor, connection, ask):
        issued = services.add_credential(connection, actor="eddy")
        services.change_connection(connection, actor="eddy", expires_at=timezone.now() + dt.timedelta(days=1))
        page = url("connection", connection.pk)
        assert "Renew to" in text_of(editor.get(page))
        assert editor.get(url("renew_connection", connection.pk)).status_code == 302
        assert Connection.objects.get().expires_at < timezone.now() + dt.timedelta(days=2)
        editor.post(url("renew_connection", connection.pk))
        assert Connection.objects.get().expires_at > timezone.now() + dt.timedelta(days=363)
        assert ask(issued.credential.client_id, issued.secret).status_code == 200

    def test_without_an_end_there_is_nothing_to_renew(self, editor, connection):
        assert "Renew to" not in text_of(editor.get(url("connection", connection.pk)))
        editor.post(url("renew_connection", connection.pk))
        assert Connection.objects.get().expires_at is None

    def test_the_page_asks_the_database_the_same_number_of_questions_however_much_there_is(
        self, officer, connection, lincoln, django_assert_num_queries
    ):
        services.add_credential(connection, actor="olga")
        page = url("connection", connection.pk)
        officer.get(page)
        few = count_queries(officer, page)
        services.add_credential(connection, actor="olga")
        for number in range(3):
            type(lincoln).objects.create(sourced_id=f"s{number}", district=lincoln.district, name=f"School {number}")
            Application.objects.create(name=f"Other {number}", slug=f"other-{number}")
        services.set_schools(connection, [lincoln.pk], actor="olga")
        with django_assert_num_queries(few):
            officer.get(page)


def count_queries(client, page):
    with CaptureQueriesContext(database) as asked:
        client.get(page)
    return len(asked)


class TestInformation:
    @pytest.mark.parametrize(
        ("oauth", "version", "labels", "base"),
        [
            (2, 12, ["Client ID", "Client Secret", "Token URL", "Base URL"], "/ims/oneroster"),
            (2, 11, ["Client ID", "Client Secret", "Token URL", "Base URL"], "/ims/oneroster/v1p1"),
            (1, 11, ["Consumer Key", "Consumer Secret", "Base URL"], "/ims/oneroster/v1p1"),
        ],
    )
    def test_a_vendor_is_given_what_its_kind_of_sign_in_needs(self, oauth, version, labels, base, settings):
        told = information.values(Connection(oauth=oauth, version=version), client_id="key", secret="orp_sk_1")
        assert [value.label for value in told] == labels
        assert told[-1].text == settings.PUBLIC_URL + base
        assert information.as_text(told).splitlines()[1] == f"{labels[1]}: orp_sk_1"
        assert "orp_sk_1" not in repr(told)


class TestSecrets:
    def test_a_connection_whose_vendor_nobody_knows_has_the_same_page(self, officer, connection):
        Connection.objects.update(application=None, share_gradebook=False, purpose="")
        assert "Information to Share with Acme" in text_of(officer.get(url("connection", connection.pk)))
        assert saved(officer, connection, purpose="Found in the old system").status_code == 302
        assert Connection.objects.get().purpose == "Found in the old system"

    def test_a_new_secret_works_beside_the_old_one_until_the_day_chosen(self, editor, connection, ask):
        old = services.add_credential(connection, actor="eddy")
        page = url("new_secret", connection.pk)
        revision = re.search(r'name="revision" value="(\d+)"', text_of(editor.get(page)))[1]
        before = timezone.now()
        shown = text_of(editor.post(page, {"revision": revision, "days": 7}))
        secret, client_id = (re.search(pattern, shown)[0] for pattern in (r"orp_sk_\w{49}", r"orp_id_\w{22}"))
        assert ask(client_id, secret).status_code == 200
        assert ask(old.credential.client_id, old.secret).status_code == 200
        old.credential.refresh_from_db()
        assert abs(old.credential.expires_at - before - dt.timedelta(days=7)) < dt.timedelta(minutes=1)
        told = text_of(editor.get(url("connection", connection.pk)))
        assert "being replaced" in told
        again = editor.post(page, {"revision": revision, "days": 7}, follow=True)
        assert "Two secrets work already" in text_of(again)
        assert connection.credentials.count() == 2

    def test_the_page_says_whether_the_old_one_can_go(self, editor, connection, ask):
        old = services.add_credential(connection, actor="eddy")
        new = services.rotate(connection, actor="eddy", old_until=timezone.now() + dt.timedelta(days=7))
        page = url("connection", connection.pk)
        assert "has not used the new one yet" in text_of(editor.get(page))
        ask(new.credential.client_id, new.secret)
        assert "so the old one can go" in text_of(editor.get(page))
        ask(old.credential.client_id, old.secret)
        assert "last used the old one" in text_of(editor.get(page))

    def test_the_same_form_sent_twice_makes_one_secret(self, editor, connection):
        page = url("new_secret", connection.pk)
        revision = connection.revision
        assert "orp_sk_" in text_of(editor.post(page, {"revision": revision, "days": 7}))
        again = text_of(editor.post(page, {"revision": revision, "days": 7}, follow=True))
        assert "made from this page already" in again
        assert "orp_sk_" not in again
        assert connection.credentials.count() == 1

    def test_an_editor_replaces_only_the_secrets_of_connections_they_made(self, editor, connection):
        page = url("new_secret", connection.pk)
        assert editor.get(page).status_code == 200
        Connection.objects.update(created_by="ada")
        assert editor.get(page).status_code == 403
        assert editor.post(page, {"revision": connection.revision, "days": 7}).status_code == 403
        assert "belong to ada and to security officers" in text_of(editor.get(url("connection", connection.pk)))


class TestDemographics:
    def test_turning_them_on_asks_who_it_is_and_then_once_more(self, officer, connection):
        answer = saved(officer, connection, share_demographics=True, name="Renamed")
        assert answer["Location"] == url("share_demographics", connection.pk)
        found = Connection.objects.get()
        assert (found.name, found.share_demographics) == ("Renamed", False)
        unsure = officer.get(answer["Location"])
        assert unsure.status_code == 302
        assert "next=" in unsure["Location"]
        assert officer.post(answer["Location"], {"act": "share"}).status_code == 302
        assert not Connection.objects.get().share_demographics
        confirm(officer)
        assert "Share demographics with Acme?" in text_of(officer.get(answer["Location"]))
        officer.post(answer["Location"], {"act": "share"})
        assert Connection.objects.get().share_demographics
        assert AuditEvent.objects.first().after == {"share_demographics": True}

    def test_turning_them_off_is_a_change_like_any_other(self, officer, connection):
        services.change_connection(connection, actor="ada", share_demographics=True)
        saved(officer, connection, share_demographics=False)
        assert not Connection.objects.get().share_demographics

    def test_an_editor_neither_turns_them_on_nor_off(self, editor, connection):
        saved(editor, connection, share_demographics=True)
        assert not Connection.objects.get().share_demographics
        assert editor.post(url("share_demographics", connection.pk), {"act": "share"}).status_code == 403
        services.change_connection(connection, actor="ada", share_demographics=True)
        saved(editor, connection, share_demographics=False)
        assert Connection.objects.get().share_demographics

    def test_where_the_district_says_two_the_second_officer_decides(self, officer, connection):
        SharingSettings(two_for_demographics=True).save()
        page = url("share_demographics", connection.pk)
        confirm(officer)
        officer.post(page, {"act": "share"})
        assert not Connection.objects.get().share_demographics
        assert "Waits for a second security officer" in text_of(officer.get(url("connection", connection.pk)))
        assert officer.post(page, {"act": "share"}).status_code == 403
        assert "somebody else must approve" in text_of(officer.get(url("approvals")))
        second = person("otto", Role.OFFICER)
        confirm(second)
        assert page in text_of(second.get(url("approvals")))
        second.post(page, {"act": "share"})
        assert Connection.objects.get().share_demographics
        assert not Approval.objects.exists()
        event = AuditEvent.objects.get(act="approved")
        assert (event.actor, event.after["asked_by"]) == ("otto", "olga")

    def test_what_was_asked_for_can_be_declined_and_taken_back(self, officer, connection):
        page = url("share_demographics", connection.pk)
        services.ask_approval(connection, actor="olga")
        officer.post(page, {"act": "decline"})
        assert not Approval.objects.exists()
        services.ask_approval(connection, actor="somebody")
        officer.post(page, {"act": "decline"})
        assert not Approval.objects.exists()
        assert not Connection.objects.get().share_demographics
        assert AuditEvent.objects.filter(act="declined").count() == 2

    def test_a_connection_by_oauth_1_has_no_such_page(self, officer, connection):
        Connection.objects.update(oauth=1, version=11)
        confirm(officer)
        assert officer.post(url("share_demographics", connection.pk), {"act": "share"}).status_code == 302
        assert not Connection.objects.get().share_demographics


def told_of(connection, *, passed):
    found = checking.findings(Connection.objects.get(pk=connection.pk), timezone.now())
    return [finding.told for finding in found if finding.passed is passed]


class TestChecking:
    def test_a_fresh_connection_has_only_its_first_sign_in_ahead(self, editor, acme):
        assert told_of(acme[0], passed=False) == ["The vendor has not signed in yet."]
        assert "The vendor has not signed in yet." in text_of(editor.get(url("check_connection", acme[0].pk)))

    def test_what_stops_every_call_comes_first(self, acme):
        connection, _ = acme
        Connection.objects.update(enabled=False, expires_at=timezone.now() - dt.timedelta(days=1))
        services.remove_credentials(connection, actor="ada")
        assert told_of(connection, passed=False)[:3] == [
            "It is disabled: every call is refused.",
            "It ended yesterday: every call is refused.",
            "There are none: the vendor cannot sign in.",
        ]

    def test_refused_sign_ins_are_told_with_their_number(self, acme):
        client = sha256(acme[1].credential.client_id)
        for _ in range(2):
            TokenFailure.objects.create(address="192.0.2.1", client=client)
        assert "Sign-in was refused 2 times: wrong secret." in told_of(acme[0], passed=False)

    def test_the_last_token_call_and_error_are_told_in_words(self, editor, acme, ask):
        connection, issued = acme
        token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
        grant = grant_for_token(token)
        record_read(grant, "getAllUsers", status=200, request_id="r1")
        assert told_of(connection, passed=False) == []
        assert "Acme can call, and did." in text_of(editor.get(url("check_connection", connection.pk)))
        record_read(grant, "getDemographics", status=403, request_id="r2")
        said = told_of(connection, passed=False)
        assert said == ["Last error just now: getDemographics. This connection does not share what was asked for."]
        assert "r2" in text_of(editor.get(url("check_connection", connection.pk)))
        record_read(grant, "getAllUsers", status=200, request_id="r3")
        assert told_of(connection, passed=False) == []

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 418, 422, 429, 500, 503])
    def test_every_status_has_a_sentence(self, status):
        assert checking.words_for(status).endswith(".")


class TestSteps:
    def test_the_five_steps_fill_themselves(self, editor, connection, ask):
        issued = services.add_credential(connection, actor="eddy")
        page = url("connection", connection.pk)
        assert "Hand the credentials to the vendor." in text_of(editor.get(page))
        ask(issued.credential.client_id, issued.secret)
        told = text_of(editor.get(page))
        for sentence in ("Acme is a partner", "purpose are noted", "Enabled, with credentials.", "has signed in"):
            assert sentence in told
