"""Whose address a request is counted and logged under."""

import pytest
from django.test import RequestFactory

from interop.oneroster.middleware import address_of, with_one_slash


@pytest.mark.parametrize(
    ("https", "forwarded", "address"),
    [
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (True, "2001:db8::1", "2001:db8::1"),
        (True, "not an address", "127.0.0.1"),
        (True, "", "127.0.0.1"),
        (False, "203.0.113.9", "127.0.0.1"),
    ],
)
def test_behind_a_proxy_the_callers_own_address_counts_and_elsewhere_nobody_can_claim_one(
    settings,
    https: bool,  # noqa: FBT001
    forwarded: str,
    address: str,
) -> None:
    settings.HTTPS = https
    assert address_of(RequestFactory().get("/", headers={"x-forwarded-for": forwarded})) == address


@pytest.mark.parametrize("path", ["/ims/oneroster/v1p1/users", "//ims/oneroster/v1p1/users"])
def test_a_program_that_calls_another_host_is_answered_as_a_program_however_many_slashes_it_builds(db, client, path):
    answer = client.generic("GET", "/", PATH_INFO=path, HTTP_HOST="elsewhere.example")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")


def test_a_program_s_path_begins_with_one_slash_and_a_person_s_is_left_alone():
    assert with_one_slash("///ims/oneroster//users/") == "/ims/oneroster//users/"
    assert with_one_slash("//oauth2/token") == "/oauth2/token"
    assert with_one_slash("//admin/") == "//admin/"
