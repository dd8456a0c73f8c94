from pathlib import Path

import pytest
from django.conf import settings as django_settings

from connections import catalogue
from connections.catalogue import Function, Malformed
from connections.models import Application, CatalogueEntry, Connection, SharingSettings

LOGOS = Path(django_settings.BASE_DIR) / "static"


@pytest.fixture
def added(db):
    """Adds what a district tells to the catalogue."""

    def add(*rows):
        CatalogueEntry.objects.all().delete()
        for row in rows:
            CatalogueEntry.objects.create(slug=row["slug"], told=row)

    return add


def one(**changes):
    return {
        "slug": "own-tool",
        "name": "Own Tool",
        "description": "",
        "oneroster": {"1.2": {"functions": ["roster sync"], "oauth": [2]}},
    } | changes


def test_every_entry_of_ours_has_a_drawing_a_sentence_and_something_to_offer():
    found = catalogue.own_entries()
    assert len(found) >= 16
    for entry in found:
        assert (LOGOS / entry.logo).is_file(), entry.slug
        assert entry.description.endswith("."), entry.slug
        assert entry.versions, entry.slug
        assert entry.functions[0] == Function.ROSTER
        assert 2 in {kind for offer in entry.versions.values() for kind in offer.oauth}, entry.slug
        assert all(link.url.split("/")[2].endswith(".example") for link in entry.links)


def test_our_drawings_hold_no_script_and_nothing_from_outside():
    for drawing in (LOGOS / "connections" / "logos").glob("*.svg"):
        text = drawing.read_text()
        assert not [word for word in ("<script", "href", "style=", " on") if word in text], drawing.name
        assert text.count("http") == 1, drawing.name


@pytest.mark.django_db
def test_functions_stand_in_the_order_of_lozenges():
    assert catalogue.entry("tangent-harbor-math").functions == (
        Function.ROSTER, Function.GRADEBOOK, Function.ASSESSMENTS,
    )  # fmt: skip
    assert catalogue.entry("loomwood-classroom").functions == (
        Function.ROSTER, Function.GRADEBOOK, Function.TOOL, Function.SCORES,
    )  # fmt: skip


def test_the_district_adds_and_replaces_entries(added):
    ours = catalogue.entry("cattail-music")
    added(one(), one(slug="cattail-music", name="Cattail", partner=False))
    assert catalogue.entry("own-tool").logo == ""
    assert catalogue.entry("cattail-music").partner is False
    assert catalogue.entry("cattail-music").logo == ours.logo
    added(one(name="Renamed and longer"))
    assert catalogue.entry("own-tool").name == "Renamed and longer"
    assert catalogue.entry("cattail-music") == ours


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"slug": "Not One"}, "is no slug"),
        ({"slug": "other"}, "is no slug"),
        ({"slug": "new"}, "is no slug"),
        ({"name": ""}, "'name' is missing"),
        ({"oneroster": {"1.3": {"functions": [], "oauth": [2]}}}, "'1.3' is missing or not known"),
        ({"oneroster": {"1.2": {"functions": ["everything"], "oauth": [2]}}}, "'everything' is missing or not known"),
        ({"oneroster": {"1.1": {"functions": ["assessments sync"], "oauth": [2]}}}, "assessments need OneRoster 1.2"),
        ({"oneroster": {"1.2": {"functions": [], "oauth": [3]}}}, "oauth is a list of 1 and 2"),
        ({"links": [{"title": "x", "url": "javascript:alert(1)"}]}, "does not begin with https://"),
        ({"colour": "red"}, "'colour' is not known"),
    ],
)
def test_what_makes_no_entry_is_told_with_the_reason(row, reason):
    with pytest.raises(Malformed, match=reason):
        catalogue.parsed(one() | row)


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("Fernwood Reading", "fernwood-reading"),
        ("FERNWOOD  READING, Inc.", "fernwood-reading"),
        ("Fernwod Readng", "fernwood-reading"),
        ("Fernwood Reading - Harrison High", "fernwood-reading"),
        ("Tangentharbor Math", "tangent-harbor-math"),
        ("lms-prod-2 (old vendor login)", None),
        ("TEST do not delete!!", None),
        ("Reading", None),
        ("", None),
    ],
)
@pytest.mark.django_db
def test_a_name_is_matched_tolerant_of_spelling_and_not_by_guess(typed, slug):
    found = catalogue.likeness(typed)
    assert (found.slug if found else None) == slug


def test_two_that_are_equally_alike_are_none():
    assert catalogue.closest("Atlas", {"Atlas": 1, "The Atlas": 2}) is None


def connection(**choices):
    return Connection(application=None, name="x", **{"share_gradebook": False} | choices)


def shown(functions, connections, switches=None):
    told = catalogue.lozenges(functions, connections, switches or SharingSettings())
    return [(lozenge.title, lozenge.enabled, lozenge.off) for lozenge in told]


def test_a_lozenge_is_enabled_by_a_connection_that_is_on():
    functions = (Function.ROSTER, Function.GRADEBOOK, Function.ASSESSMENTS)
    off, on = connection(enabled=False, share_assessments=True), connection(share_gradebook=True)
    assert shown(functions, [off, on]) == [
        ("Roster sync", True, False),
        ("Grade book sync", True, False),
        ("Assessments sync", False, False),
    ]
    assert [enabled for _, enabled, _ in shown(functions, [])] == [False, False, False]


def test_what_the_district_has_switched_off_is_off_whatever_connections_say():
    switches = SharingSettings(gradebook_sync=False)
    assert shown((Function.GRADEBOOK,), [connection(share_gradebook=True)], switches) == [
        ("Grade book sync", False, True)
    ]


@pytest.mark.django_db
def test_nothing_is_said_of_an_application_that_is_no_partner():
    entry = catalogue.entry("fernwood-reading")
    assert catalogue.available(Application(partner=False), entry) == ()
    assert catalogue.available(Application(partner=True), entry) == entry.functions
    assert catalogue.available(Application(partner=True), None) == (
        Function.ROSTER, Function.GRADEBOOK, Function.ASSESSMENTS,
    )  # fmt: skip
