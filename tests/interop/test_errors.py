"""Dead ends: people are told what to do, programs are answered without a page, nothing secret is shown."""

import pytest
from django.test import Client, RequestFactory

from interop.admin import errors
from interop.admin.roles import Role
from tests.interop.conftest import words


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_a_page_that_is_not_there(client, person, role):
    client.force_login(person(role=role))
    answer = client.get("/nowhere", headers={"x-request-id": "number-1234"})
    assert answer.status_code == 404
    assert "We can’t find that page" in words(answer)
    assert "404 · request number-1234" in words(answer)
    assert ("Record keeping" in words(answer) or "Sharing" in words(answer)) is (role is not None)


def test_a_page_above_one_s_role(client, person):
    client.force_login(person(role=Role.VIEWER))
    answer = client.get("/admin/audit/")
    assert answer.status_code == 403
    assert "not open to your role" in words(answer)


def test_a_form_without_its_token(person):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/account/sign-in/", {"login": "dana"})
    assert answer.status_code == 403
    assert "That form is too old" in words(answer)


def test_a_fault_of_ours_says_so_without_asking_the_database():
    request = RequestFactory().get("/admin/", headers={"x-request-id": "number-1234"})
    answer = errors.broken(request)
    assert answer.status_code == 500
    assert "Something of ours broke" in words(answer)
    assert "number-1234" in words(answer)


def test_programs_get_no_pages(client, db):
    answer = client.get("/oauth2/nowhere")
    assert (answer.status_code, answer["Content-Type"], answer.content) == (404, "text/plain", b"404\n")
    assert errors.broken(RequestFactory().get("/oauth2/token")).content == b"500\n"


def test_every_page_of_people_carries_the_policy(client, db):
    for path in ("/account/sign-in/", "/nowhere", "/livez", "/admin/"):
        policy = client.get(path)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
