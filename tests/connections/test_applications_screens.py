import datetime as dt

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connections import catalogue, services
from connections.grants import Refused, grant_for_token
from connections.models import AccessLog, Application, Connection, Credential, DailyUse, SharingSettings, Suggestion
from connections.services.adding import add_application
from interop.admin.roles import Role
from interop.dates import district_day
from interop.models import AuditEvent


@pytest.fixture
def screen(client, db):
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def people(client, db):
    """Signs somebody with one role in."""

    def sign_in(role):
        user = User.objects.create_user(str(role), is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def fernwood(db):
    entry = catalogue.entry("fernwood-reading")
    return add_application(name=entry.name, purpose="Reading", actor="ada", entry=entry)


def at(name, *args):
    return reverse(f"admin:{name}", args=args)


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:2000]
    return " ".join(answer.content.decode().split())


def names(answer):
    return [tile.application.name for tile in answer.context["shown"].object_list]


def test_the_first_day_teaches_the_next_step(screen):
    told = text(screen.get(at("applications")))
    assert "No application receives data from this district yet." in told
    assert "Connect your first vendor" in told
    assert f'href="{at("add")}"' in told
    assert "Never published" in told


def test_who_needs_someone_comes_first_and_the_opening_counts_them(screen, vendor):
    vendor("Zeta")
    vendor("Alpha")
    failing, _ = vendor("Mid")
    DailyUse.objects.create(
        connection=failing, day=district_day(timezone.now()), refused=9, last_refusal_at=timezone.now()
    )
    expired, _ = vendor("Old")
    services.change_connection(expired, actor="ada", expires_at=timezone.now() - dt.timedelta(days=1))
    answer = screen.get(at("applications"))
    told = text(answer)
    assert names(answer) == ["Old", "Mid", "Alpha", "Zeta"]
    assert "4 applications are set up in this district. <strong>Two need someone.</strong>" in told
    assert "Sign-in refused 9 times since today: wrong secret." in told
    assert told.index("Need someone</h2>") < told.index("Mid") < told.index("Everything else") < told.index("Alpha")


def test_the_page_adds_up_the_access_log_itself(screen, acme):
    connection, _issued = acme
    for _ in range(2):
        AccessLog.objects.create(connection=connection, operation="getAllUsers", status=200, records=5)
    told = text(screen.get(at("applications")))
    assert "Last call just now." in told
    assert "10 records today" in told
    assert "Calls on 1 of the last 14 days." in told


def test_partners_have_their_drawing_and_check_and_others_their_letter(screen, fernwood, vendor):
    services.create_connection(fernwood, actor="ada")
    vendor("Zeta")
    told = text(screen.get(at("applications")))
    assert "connections/logos/fernwood-reading" in told
    assert told.count('class="partner"') == 1
    assert '<span class="logo letter " aria-hidden="true">Z</span>' in told


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({"q": "FERN"}, ["Fernwood Reading"]),
        ({"q": "harrison"}, ["Acme"]),
        ({"q": "orp_id_acme"}, ["Acme"]),
        ({"partner": "True"}, ["Fernwood Reading"]),
        ({"partner": "False"}, ["Rival", "Acme"]),
        ({"state": "need"}, ["Rival"]),
        ({"state": "expired"}, ["Rival"]),
        ({"state": "never-connected", "partner": "True"}, ["Fernwood Reading"]),
        ({"state": "nonsense"}, ["Rival", "Acme", "Fernwood Reading"]),
        ({"q": "nobody"}, []),
    ],
)
def test_applications_are_found_by_name_connection_key_state_and_support(screen, vendor, fernwood, asked, left):
    acme, issued = vendor("Acme")
    services.change_connection(acme, actor="ada", name="Harrison High")
    Credential.objects.filter(pk=issued.credential.pk).update(client_id="orp_id_acme")
    rival, _ = vendor("Rival")
    services.change_connection(rival, actor="ada", expires_at=timezone.now() - dt.timedelta(days=1))
    answer = screen.get(at("applications"), asked)
    assert names(answer) == left
    if not left:
        assert "No application matches “nobody”." in text(answer)


def test_a_school_finds_the_applications_it_is_enabled_in(screen, vendor, lincoln, washington):
    limited, _ = vendor("Limited")
    services.set_schools(limited, [lincoln.pk], actor="ada")
    vendor("Everywhere")
    assert names(screen.get(at("applications"), {"school": lincoln.pk})) == ["Everywhere", "Limited"]
    assert names(screen.get(at("applications"), {"school": washington.pk})) == ["Everywhere"]


def test_many_applications_come_in_pages_and_as_a_list(screen):
    Application.objects.bulk_create(Application(name=f"A{n:03}", slug=f"a{n:03}") for n in range(61))
    first = screen.get(at("applications"))
    assert len(names(first)) == 60
    assert "As a list" in text(first)
    assert names(screen.get(at("applications"), {"page": 2})) == ["A060"]
    told = text(screen.get(at("applications"), {"view": "list"}))
    assert "As tiles" in told
    assert "Applications, those that need someone first" in told


def queries(screen, url):
    screen.get(url)
    with CaptureQueriesContext(database) as captured:
        assert screen.get(url).status_code == 200
    return len(captured)


def test_any_number_of_applications_and_connections_takes_the_same_queries(screen, vendor):
    def one(number):
        connection, _ = vendor(f"Vendor {number}")
        services.disable(connection, actor="ada")
        services.create_connection(connection.application, actor="ada", name="Second")
        orphan, _ = vendor(f"Orphan {number}")
        Connection.objects.filter(pk=orphan.pk).update(application=None)
        DailyUse.objects.create(
            connection=connection, day=district_day(timezone.now()), calls=5, last_call_at=timezone.now()
        )
        return connection.application

    application = one(1)
    list_page, app_page, catalogue_page = at("applications"), at("application", application.slug), at("add")
    before = [queries(screen, url) for url in (list_page, app_page, catalogue_page)]
    one(2)
    one(3)
    services.create_connection(application, actor="ada", name="Third")
    assert [queries(screen, url) for url in (list_page, app_page, catalogue_page)] == before


def test_the_catalogue_shows_what_partners_can_and_what_this_district_has_on(screen, fernwood):
    services.create_connection(fernwood, actor="ada", choices={"share_gradebook": False})
    SharingSettings(learning_tool=False).save()
    answer = screen.get(at("add"))
    told = {row.entry.slug: row for row in answer.context["rows"]}
    assert [(each.title, each.enabled) for each in told["fernwood-reading"].lozenges] == [
        ("Roster sync", True),
        ("Grade book sync", False),
    ]
    assert [each.off for each in told["quillhaven-writing"].lozenges] == [False, True, False]
    page = text(answer)
    assert "(available, not enabled)" in page
    assert "(switched off for the whole district)" in page
    assert f'href="{at("application", "fernwood-reading")}"' in page
    assert f'href="{at("add_partner", "atlas-social-studies")}"' in page


def test_the_catalogue_is_searched_by_name_and_by_what_it_can_do(screen):
    found = screen.get(at("add"), {"q": "tests three times"}).context["rows"]
    assert [row.entry.slug for row in found] == ["copperfield-assessments"]
    able = screen.get(at("add"), {"can": "assessments_sync"}).context["rows"]
    assert {row.entry.slug for row in able} == {"copperfield-assessments", "tangent-harbor-math"}
    assert "No partner matches “xyz”." in text(screen.get(at("add"), {"q": "xyz"}))


def test_adding_a_partner_cautions_asks_for_the_purpose_and_goes_on_to_generate(screen):
    url = at("add_partner", "fernwood-reading")
    asked = text(screen.get(url))
    assert "Before you share student data" in asked
    assert "It needs:</strong> email, grade levels." in asked
    assert "Say what it is for" in text(screen.post(url, {"purpose": " "}))
    assert not Application.objects.exists()
    answer = screen.post(url, {"purpose": "Reading in grades 1 to 5"})
    assert answer["Location"] == at("generate", "fernwood-reading")
    made = Application.objects.get()
    assert (made.partner, made.catalogue, made.purpose) == (True, "fernwood-reading", "Reading in grades 1 to 5")
    assert made.contact == "support@fernwood.example"
    assert AuditEvent.objects.get(act="created").after["purpose"] == "Reading in grades 1 to 5"
    assert screen.get(url)["Location"] == at("application", "fernwood-reading")


def test_an_unlisted_application_is_named_and_its_name_is_free(screen, acme):
    url = at("add_other")
    taken = text(screen.post(url, {"name": " acme ", "purpose": "x"}))
    assert "An application with this name exists. Open it, or use another name." in taken
    assert f'href="{at("application", "acme")}"' in taken
    answer = screen.post(url, {"name": "Bus  Passes", "purpose": "Routes", "contact": "help@bus.example"})
    made = Application.objects.get(name="Bus Passes")
    assert answer["Location"] == at("generate", made.slug)
    assert (made.partner, made.catalogue, made.contact) == (False, "", "help@bus.example")


def test_typing_a_partner_s_name_leads_to_the_catalogue(screen):
    told = text(screen.post(at("add_other"), {"name": "Fernwod Reading", "purpose": ""}))
    assert "Fernwood Reading is a partner." in told
    assert f'href="{at("add_partner", "fernwood-reading")}"' in told


@pytest.mark.parametrize("name", ["Add", "Suggest"])
def test_an_application_may_be_called_like_a_page(screen, name):
    screen.post(at("add_other"), {"name": name, "purpose": "x"})
    made = Application.objects.get()
    assert f"{name}</span></span></h1>" in text(screen.get(at("application", made.slug))).replace("</span> ", "</span>")


def test_a_partner_the_district_has_outside_the_catalogue_is_switched_not_doubled(screen, vendor):
    vendor("Fernwood Reading")
    url = at("add_partner", "fernwood-reading")
    assert f'href="{at("switch", "fernwood-reading")}"' in text(screen.get(url))
    assert screen.post(url, {"purpose": "x"}).status_code == 200
    assert Application.objects.count() == 1


def test_a_suggestion_is_kept_and_shown(screen):
    assert "Give the name of the product" in text(screen.post(at("suggest"), {"name": ""}))
    screen.post(at("suggest"), {"name": "Nice Tool", "website": "https://nice.example", "reason": "Maps"})
    assert Suggestion.objects.get().suggested_by == "ada"
    assert "Nice Tool" in text(screen.get(at("suggest")))


def test_a_district_may_take_suggestions_elsewhere(screen):
    SharingSettings(suggestions_url="https://district.example/form").save()
    assert screen.get(at("suggest"))["Location"] == "https://district.example/form"


def test_an_application_shows_its_connections_support_and_answers(screen, fernwood, lincoln, washington):
    limited = services.create_connection(fernwood, actor="ada", name="Pilot", schools=[lincoln.pk])
    services.create_connection(fernwood, actor="ada", name="Everywhere", choices={"version": 11})
    services.disable(limited, actor="eve")
    told = text(screen.get(at("application", fernwood.slug)))
    assert told.index("Everywhere") < told.index("Pilot")
    assert "1 of 2" in told
    assert "All 2" in told
    assert "By eve, today." in told
    assert "Fernwood Reading is a partner: its connections are supported." in told
    assert "(enabled)" in told
    assert "LTI or OneRoster?" in told
    assert at("generate", fernwood.slug) in told


def test_an_unlisted_application_shows_no_lozenges_and_no_support(screen, acme):
    told = text(screen.get(at("application", "acme")))
    assert 'class="lozenges"' not in told
    assert "Acme is not a partner: its connections are not supported." in told
    assert "LTI connections" not in told


def test_turning_on_acts_at_once_and_turning_off_asks_first(screen, acme):
    connection, _ = acme
    url = at("application", "acme")
    assert screen.post(url, {"connection": connection.pk})["Location"] == at("disable_connection", connection.pk)
    connection.refresh_from_db()
    assert connection.enabled
    services.disable(connection, actor="ada")
    assert "Acme enabled. The vendor’s next request is answered." in text(
        screen.post(url, {"connection": connection.pk}, follow=True)
    )
    connection.refresh_from_db()
    assert connection.enabled
    assert screen.post(url, {"connection": "x"}).status_code == 404


def test_joining_the_partners_is_a_replacement_in_four_steps(screen, vendor):
    old, _ = vendor("Fernwood Reading")
    Connection.objects.update(created_at=timezone.now() - dt.timedelta(days=90))
    page = at("application", "fernwood-reading")
    assert "Fernwood Reading is a partner now." in text(screen.get(page))
    answer = screen.post(at("switch", "fernwood-reading"))
    assert answer["Location"] == at("generate", "fernwood-reading")
    old.application.refresh_from_db()
    assert (old.application.partner, old.application.catalogue) == (True, "fernwood-reading")

    def steps():
        return [step.done for step in screen.get(page).context["replacement"].steps]

    assert steps() == [False, False, False, False]
    new = services.create_connection(old.application, actor="ada", name="Supported")
    issued = services.add_credential(new, actor="ada")
    assert steps() == [True, False, False, False]
    Credential.objects.filter(pk=issued.credential.pk).update(last_used_at=timezone.now())
    assert steps() == [True, True, False, False]
    AccessLog.objects.create(connection=new, operation="getAllUsers", status=200)
    assert steps() == [True, True, True, False]
    assert f'href="{at("disable_connection", old.pk)}"' in text(screen.get(page))
    services.disable(old, actor="ada")
    assert screen.get(page).context["replacement"] is None


def test_leaving_the_partners_ends_what_only_partners_may_have(screen, fernwood, ask):
    connection = services.create_connection(fernwood, actor="ada")
    issued = services.add_credential(connection, actor="ada")
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    assert any("gradebook" in scope for scope in grant_for_token(token).scopes)
    page = at("switch", fernwood.slug)
    assert "Grade book and assessments end on the vendor’s next request." in text(screen.get(page))
    screen.post(page)
    assert not any("gradebook" in scope for scope in grant_for_token(token).scopes)
    connection.refresh_from_db()
    assert (connection.share_gradebook, connection.partner) == (False, False)
    assert services.disable(connection, actor="ada").enabled is False


def test_what_the_catalogue_counts_no_more_is_said(screen, fernwood, monkeypatch):
    monkeypatch.setattr(catalogue, "entries", lambda: ())
    assert "Fernwood Reading is no longer among the partners." in text(screen.get(at("application", fernwood.slug)))


def test_there_is_nothing_to_switch_to_for_a_stranger(screen, acme):
    answer = screen.get(at("switch", "acme"), follow=True)
    assert "Acme is in no catalogue of partners" in text(answer)


def test_deleting_takes_the_typed_name_and_ends_every_connection(screen, acme, ask):
    connection, issued = acme
    token = ask(issued.credential.client_id, issued.secret).json()["access_token"]
    url = at("delete_application", "acme")
    assert "What ends: one connection" in text(screen.get(url))
    assert "Type the name as it stands above: Acme." in text(screen.post(url, {"typed": "Rival"}))
    assert grant_for_token(token)
    answer = screen.post(url, {"typed": " acme "}, follow=True)
    assert "Acme deleted. The vendor’s next request is refused." in text(answer)
    with pytest.raises(Refused):
        grant_for_token(token)
    assert not Application.objects.exists()
    assert AccessLog.objects.filter(connection=connection.pk).exists()
    assert AuditEvent.objects.filter(act="deleted").count() == 2


def test_an_editor_does_not_delete_an_application_with_somebody_else_s_secrets(people, acme):
    client = people(Role.EDITOR)
    assert client.get(at("delete_application", "acme")).status_code == 403
    assert "Delete application" not in text(client.get(at("application", "acme")))
    assert client.get(at("delete_application", "acme")).status_code == 403


def test_a_viewer_sees_everything_and_changes_nothing(people, acme):
    client = people(Role.VIEWER)
    for url in (at("applications"), at("add"), at("application", "acme"), at("suggest")):
        told = text(client.get(url))
        for act in ("generate/", "add/other/", "switch/", "delete/", "cache/refresh/"):
            assert act not in told, url
    assert client.post(at("application", "acme"), {"connection": acme[0].pk}).status_code == 403
