"""The address a vendor signed, found again from a path that the web server handed on decoded."""

import pytest
from django.test import RequestFactory

from connections.spellings import MOST, addresses, spellings

USERS = "/ims/oneroster/v1p1/users/"


def of(path, *readings):
    return list(spellings(USERS + path, readings))


@pytest.mark.parametrize("plain", ["", "a-1_b.c~d", "0123456789"])
def test_a_plain_path_has_one_spelling(plain):
    assert of(plain, [plain]) == [USERS + plain]


@pytest.mark.parametrize(
    ("decoded", "written"),
    [
        ("a@b", "a%40b"),  # RFC 3986, encodeURIComponent, EscapeDataString
        ("a@b", "a@b"),  # as typed into a browser or curl
        ("a b", "a%20b"),
        ("ö", "%C3%B6"),
        ("ö", "%c3%b6"),  # small letters
        ("o'neill (2)", "o'neill%20(2)"),  # JavaScript leaves ' ( ) * !
        ("o'neill (2)", "o%27neill%20%282%29"),
        ("a:b;c", "a:b;c"),
        ("a%b?c#d", "a%25b%3Fc%23d"),
    ],
)
def test_unusual_characters_are_tried_as_programs_write_them(decoded, written):
    assert USERS + written in of(decoded, [decoded])


def test_a_slash_within_an_id_was_written_encoded():
    assert of("a/b", ["a/b"]) == [USERS + "a/b", USERS + "a%2Fb", USERS + "a%2fb"]
    school = of("s/1/classes/c/2", ["s/1", "c/2"])
    assert USERS + "s%2F1/classes/c%2F2" in school
    assert of("s/1/classes/s/1", ["s/1", "s/1"])[-1] == USERS + "s%2f1/classes/s%2f1"


@pytest.mark.parametrize("odd", ["/", "//", "a//", "users/"])
def test_slashes_beside_an_id_stay_what_they_are(odd):
    assert all(form.startswith(USERS) for form in of(odd, [odd])), "the host is not part of an id"


def test_there_are_never_many():
    worst = "/".join("a@b'ö" for _ in range(30))
    tried = of(worst, *([worst[:cut]] for cut in range(4, 90, 6)))
    assert len(tried) == len(set(tried)) == MOST


@pytest.fixture
def ask(settings):
    settings.PUBLIC_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["portal.example.org", "alias.example.org", "127.0.0.1"]

    def addresses_of(path, **extra):
        return addresses(RequestFactory().get(path, **extra))

    return addresses_of


def test_scheme_and_host_are_the_public_ones_and_the_host_as_it_was_called(ask):
    path = USERS + "u1"
    assert ask(path, HTTP_HOST="portal.example.org") == (f"https://portal.example.org{path}",)
    behind = ask(path, HTTP_HOST="127.0.0.1:8000")
    assert behind == (f"https://portal.example.org{path}", f"https://127.0.0.1:8000{path}")
    assert f"https://alias.example.org{path}" in ask(path, HTTP_HOST="alias.example.org")


def test_the_raw_path_comes_first_where_the_server_hands_it_on(ask):
    raw = "/ims/oneroster/v1p1//users/a%2fB%40c"
    found = ask("/ims/oneroster/v1p1//users/a/B@c", HTTP_HOST="portal.example.org", RAW_URI=raw + "?limit=1")
    assert found[0] == "https://portal.example.org" + raw
    proxied = ask(USERS + "u1", HTTP_HOST="portal.example.org", REQUEST_URI="http://elsewhere/x")
    assert proxied == (f"https://portal.example.org{USERS}u1",)


def test_ids_with_slashes_are_those_the_address_of_an_endpoint_may_hold(ask):
    found = ask("/ims/oneroster/rostering/v1p2/schools/s%2F1/classes", HTTP_HOST="portal.example.org")
    assert "https://portal.example.org/ims/oneroster/rostering/v1p2/schools/s%2F1/classes" in found
