"""The district's own part of the catalogue, kept by security officers."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from connections import catalogue, offers
from connections.models import Application, CatalogueEntry, SharingSettings
from connections.services.adding import add_application
from interop.admin.roles import Role
from interop.models import AuditEvent

MAPLE = {
    "name": "Maple Math", "description": "Practice for grades 3 to 8.", "partner": "on",
    "has_12": "on", "functions_12": ["grade book sync"], "oauth_12": ["2"],
    "has_11": "on", "oauth_11": ["1", "2"], "lti": ["learning tool"], "needs": "email,  grade levels",
    "contact": "help@maple.example", "link_title": "Setup guide", "link_url": "https://maple.example/guide",
}  # fmt: skip


@pytest.fixture
def officer(client, db):
    user = User.objects.create_user("olga", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=Role.OFFICER)[0])
    client.force_login(user)
    return client


def at(name, *args):
    return reverse(f"admin:{name}", args=args)


def text(answer):
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return " ".join(answer.content.decode().split())


def test_a_product_is_added_and_offered_as_it_was_told(officer):
    assert officer.post(at("new_entry"), MAPLE)["Location"] == at("add")
    entry = catalogue.entry("maple-math")
    assert [catalogue.TITLES[each] for each in entry.functions] == ["Roster sync", "Grade book sync", "Learning tool"]
    assert (entry.partner, entry.logo, entry.needs, entry.contact) == (
        True, "", ("email", "grade levels"), "help@maple.example",
    )  # fmt: skip
    assert entry.links == (catalogue.Link("Setup guide", "https://maple.example/guide"),)
    assert entry.versions[11].oauth == (2, 1)
    page = text(officer.get(at("add")))
    assert '<span class="logo letter " aria-hidden="true">M</span>' in page
    assert at("add_partner", "maple-math") in page
    made = add_application(name=entry.name, purpose="Math", actor="olga", entry=entry)
    pairs = offers.offer(made, SharingSettings(allow_oauth1=True)).pairs
    assert set(pairs) == {11, 12}
    event = AuditEvent.objects.get(act="added to the catalogue")
    assert event.actor == "olga"
    assert event.after["OneRoster 1.2"] == "roster sync, grade book sync; OAuth 2"


def test_an_entry_is_shown_as_told_changed_and_removed(officer):
    officer.post(at("new_entry"), MAPLE)
    form = officer.get(at("entry", "maple-math")).context["form"]
    first = {name: form[name].value() for name in ("name", "partner", "has_11", "oauth_11", "needs", "link_url")}
    assert first == {
        "name": "Maple Math", "partner": True, "has_11": True, "oauth_11": [1, 2], "needs": "email, grade levels",
        "link_url": "https://maple.example/guide",
    }  # fmt: skip
    officer.post(at("entry", "maple-math"), MAPLE)
    assert not AuditEvent.objects.filter(act="changed the catalogue").exists()
    officer.post(at("entry", "maple-math"), {key: value for key, value in MAPLE.items() if key != "partner"})
    event = AuditEvent.objects.get(act="changed the catalogue")
    assert (event.before, event.after) == ({"partner": True}, {"partner": False})
    Application.objects.create(name="Maple Math", slug="maple-math", catalogue="maple-math", partner=True)
    asked = text(officer.get(at("remove_entry", "maple-math")))
    assert "Maple Math and its connections stay and go on working" in asked
    assert catalogue.entry("maple-math")
    officer.post(at("remove_entry", "maple-math"))
    assert catalogue.entry("maple-math") is None
    assert AuditEvent.objects.filter(act="removed from the catalogue").count() == 1


def test_the_district_s_word_replaces_ours_until_it_is_removed(officer):
    ours = catalogue.entry("cattail-music")
    assert "This entry comes with the portal." in text(officer.get(at("entry", "cattail-music")))
    officer.post(at("entry", "cattail-music"), {**MAPLE, "name": "Cattail Music"})
    told = catalogue.entry("cattail-music")
    assert (told.contact, told.logo) == ("help@maple.example", ours.logo)
    assert "The portal’s own entry is back at once." in text(officer.get(at("remove_entry", "cattail-music")))
    officer.post(at("remove_entry", "cattail-music"))
    assert catalogue.entry("cattail-music") == ours


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "Give the product’s name"),
        ({"name": "fernwood  READING"}, "The catalogue has an entry of this name."),
        ({"name": "Fernwood-Reading!"}, "The catalogue has an entry almost like it."),
        ({"name": "New"}, "The catalogue has an entry almost like it."),
        ({"name": "數學"}, "The catalogue has an entry almost like it."),
        ({"has_12": "", "has_11": ""}, "Choose at least one OneRoster version"),
        ({"oauth_11": []}, "Choose how the vendor signs in with this version."),
        ({"link_url": "http://maple.example"}, "Enter an address that begins with https://."),
        ({"link_url": "javascript:alert(1)"}, "Enter a full address"),
    ],
)
def test_what_is_missing_is_told_beside_its_field_and_nothing_is_saved(officer, changes, said):
    assert said in text(officer.post(at("new_entry"), MAPLE | changes))
    assert not CatalogueEntry.objects.exists()


def test_there_is_no_entry_of_an_unknown_name(officer):
    assert officer.get(at("entry", "nothing")).status_code == 404
    assert officer.get(at("remove_entry", "cattail-music")).status_code == 404
