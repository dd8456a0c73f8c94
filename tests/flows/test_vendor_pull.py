"""Acme asks for a token and pulls Lincoln's roster over HTTP; Washington is not enabled."""

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from connections import services
from connections.models import AccessLog, Connection
from interop.oneroster import answers
from roster.endpoints import ENDPOINTS
from roster.models import District, Edition, Record, School, Withheld
from roster.reading import trimmed
from tests.reading.published import LINCOLN, MOMENT, WASHINGTON, publish_district, user
from tests.shared import made_once

ROSTERING = "/ims/oneroster/rostering/v1p2"


def connected() -> tuple[int, str]:
    """Publish the district; return the number of Acme's connection and a token taken the way vendors do."""
    publish_district()
    district = District.objects.create(sourced_id="d", name="District")
    for number, name in ((LINCOLN, "lincoln"), (WASHINGTON, "washington")):
        School.objects.create(id=number, sourced_id=name, name=name.title(), district=district)
    application = services.application_named("Acme", partner=False, actor="admin")
    made = services.create_connection(application, actor="admin", schools=[LINCOLN], choices={"share_guardians": True})
    issued = services.add_credential(made, actor="admin")
    who = {"client_id": issued.credential.client_id, "client_secret": issued.secret}
    answer = Client().post("/oauth2/token", {"grant_type": "client_credentials", **who})
    return made.pk, answer.json()["access_token"]


@pytest.fixture(scope="module")
def common(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[int, str]]:
    """What all tests of this file begin with."""
    yield from made_once(django_db_blocker, connected)


@pytest.fixture
def connection(common: tuple[int, str], db: None) -> Connection:
    return Connection.objects.get(pk=common[0])


@pytest.fixture
def acme(common: tuple[int, str], db: None, client: Client) -> Any:
    """Ask as Acme."""
    token = common[1]

    def get(path: str, *, base: str = ROSTERING, method: str = "get", **headers: str) -> Any:
        return getattr(client, method)(base + path, headers={"authorization": f"Bearer {token}", **headers})

    return get


def ids(answer: Any, collection: str = "users") -> list[str]:
    assert answer.status_code == 200, answer.content
    return [doc["sourcedId"] for doc in answer.json()[collection]]


def test_a_vendor_follows_the_links_and_has_every_user_once(acme: Any) -> None:
    seen, path = [], "/users?limit=2&filter=givenName!='nobody'"
    for _ in range(5):
        answer = acme(path)
        assert answer["X-Total-Count"] == "5"
        seen += ids(answer)
        found = re.search(r'<([^>]+)>; rel="next"', answer["Link"])
        if not found:
            break
        assert "filter=givenName%21%3D%27nobody%27" in found[1]
        assert found[1].startswith("http")
        path = found[1].partition(ROSTERING)[2]
    assert sorted(seen) == ["amy", "gone", "mix", "mum", "two"]
    assert 'rel="prev"' in answer["Link"]


def test_every_endpoint_answers_and_none_tells_of_washington(acme: Any) -> None:
    names = {"school": "lincoln", "class": "c-l", "course": "algebra", "student": "amy", "teacher": "mix",
             "term": "t1", "user": "amy"}  # fmt: skip
    for endpoint in ENDPOINTS:
        if endpoint.kind == "single" or "demographics" in endpoint.path:
            continue
        path = endpoint.path
        for name in endpoint.parameters:
            path = path.replace(f"{{{name}}}", names[name])
        answer = acme(path)
        assert answer.status_code == 200, endpoint.operation
        assert list(answer.json()) == [endpoint.declaration.collection]
        for secret in (b'"washington"', b'"ben"', b'"c-w"', b'"p2"', b'"e2"'):
            assert secret not in answer.content, endpoint.operation


def test_singles_carry_a_total_and_their_fields_can_be_chosen(acme: Any) -> None:
    answer = acme("/users/amy?fields=sourcedId,email")
    assert answer.json() == {"user": {"sourcedId": "amy", "email": "amy@x.example"}}
    assert answer["X-Total-Count"] == "1"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("sourced_id", ["a/b", "a@b.c", "mit leer", "ünï", "x/classes", "/lead", "trail/", "a//b"])
def test_sourced_ids_may_hold_what_paths_may_not(acme: Any, sourced_id: str) -> None:
    user(sourced_id, ("student", "lincoln"), schools=(LINCOLN,))
    assert acme(f"/users/{quote(sourced_id, safe='')}").json()["user"]["sourcedId"] == sourced_id
    assert acme(f"/students/{quote(sourced_id, safe='')}/classes").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"{ROSTERING}/schools/lincoln/classes", f"{ROSTERING}/schools/lincoln/classes/",
        f"{ROSTERING}//schools//lincoln/classes",
        "/ims/oneroster/schools/lincoln/classes", f"/ims/oneroster{ROSTERING}/schools/lincoln/classes",
        "/ims/oneroster/resources/v1p2/schools/lincoln/classes",
    ],
)  # fmt: skip
def test_every_base_a_client_may_build_finds_the_service(acme: Any, path: str) -> None:
    assert ids(acme(path, base=""), "classes") == ["c-l"]


@pytest.mark.parametrize("path", ["/users/ben", "/users/nobody", "/classes/c-w/students", "/nothing", "/users/a%00b"])
def test_unseen_unknown_and_unrouted_are_refused_alike(acme: Any, path: str) -> None:
    answer = acme(path)
    assert answer.status_code == 404
    assert answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "unknownobject"


def test_no_token_or_one_in_the_address_is_401(client: Client, acme: Any) -> None:
    token = acme("/users").wsgi_request.META["HTTP_AUTHORIZATION"].partition(" ")[2]
    for path in ("/users", f"/users?access_token={token}"):
        answer = client.get(ROSTERING + path)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_demographics_need_their_own_scope(acme: Any) -> None:
    assert acme("/demographics").status_code == 403


def test_other_methods_are_refused_and_options_tells_which(acme: Any) -> None:
    for method in ("post", "put", "delete", "patch"):
        answer = acme("/users", method=method)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert acme("/users", method="options")["Allow"] == "GET, HEAD, OPTIONS"
    head = acme("/users", method="head")
    assert (head.status_code, head["X-Total-Count"], head.content) == (200, "5", b"")


@pytest.mark.parametrize(("in_one_piece", "in_memory"), [(100, 100), (3, 100), (3, 3)])
def test_long_answers_come_in_pieces_and_any_is_packed_when_asked(
    acme: Any, in_one_piece: int, in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "IN_ONE_PIECE", in_one_piece)
    monkeypatch.setattr(answers, "IN_MEMORY", in_memory)
    plain, packed = acme("/users"), acme("/users", **{"accept-encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip"
    sent = [answer.getvalue() for answer in (plain, packed)]
    assert gzip.decompress(sent[1]) == sent[0]
    assert len(json.loads(sent[0])["users"]) == 5
    for answer, body in zip((plain, packed), sent, strict=True):
        assert answer.streaming is (in_one_piece == 3)
        assert answer.get("Content-Length") == (None if in_memory == 3 else str(len(body)))


def test_a_page_the_client_has_already_is_not_sent_again(acme: Any, connection: Connection) -> None:
    services.set_schools(connection, None, actor="admin")
    page = "/users?limit=2&offset=1"
    first = acme(page)
    tag, private = first["ETag"], "private, no-cache"
    assert first["Cache-Control"] == private
    again = acme(page, **{"if-none-match": f'"other", W/{tag}', "x-request-id": "unchanged"})
    assert (again.status_code, again.content, again["ETag"], again["Cache-Control"]) == (304, b"", tag, private)
    assert again["Link"] == first["Link"]
    told = AccessLog.objects.get(request_id="unchanged")
    assert (told.status, told.records, told.total) == (304, 0, int(first["X-Total-Count"]))
    others = {
        acme(page, **{"accept-encoding": "gzip"})["ETag"],
        *(acme(f"/users?{rest}")["ETag"] for rest in ("limit=2&offset=1&fields=givenName", "limit=2&offset=2")),
    }
    assert len(others - {tag}) == 3, "other bytes have another tag"
    Withheld.objects.create(id=Record.objects.get(sourced_id=ids(first)[1], version=12, object="user").pk, at=MOMENT)
    shorter = acme(page, **{"if-none-match": tag})
    assert (ids(shorter), shorter["Cache-Control"]) == (ids(first)[:1], private)
    assert shorter["ETag"] not in {tag, *others}
    assert acme(page, **{"if-none-match": shorter["ETag"]}).status_code == 304


@pytest.mark.parametrize("few", [1, 50], ids=["kept in files", "put together each time"])
def test_a_page_that_looks_different_to_a_connection_has_a_name_that_outlives_the_edition(
    few: int, acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimmed, "FEW", few)
    page = "/users?limit=2&filter=familyName!='nobody'"
    first = acme(page)
    tag = first["ETag"]
    assert acme(page)["ETag"] == tag
    assert acme(page, **{"if-none-match": tag}).status_code == 304
    assert acme(page + "&fields=sourcedId", **{"if-none-match": tag}).status_code == 200
    Edition.objects.create(number=2, published_at=MOMENT, counts={}, fingerprint="y")
    assert acme(page, **{"if-none-match": tag}).status_code == 304
    Withheld.objects.create(id=Record.objects.get(sourced_id=ids(first)[1], version=12, object="user").pk, at=MOMENT)
    changed = acme(page, **{"if-none-match": tag})
    assert (changed.status_code, changed["Cache-Control"]) == (200, "private, no-cache")
    assert changed["ETag"] != tag


def test_the_request_id_is_the_callers_or_a_new_one_and_the_read_is_recorded(acme: Any) -> None:
    assert acme("/users?filter=status='active'", **{"x-request-id": "trace-0001"})["X-Request-Id"] == "trace-0001"
    assert re.fullmatch(r"[0-9a-f]{32}", acme("/nothing", **{"x-request-id": "bad id\t"})["X-Request-Id"])
    row = AccessLog.objects.get(request_id="trace-0001")
    assert (row.operation, row.filter_fields, row.total, row.status) == ("getAllUsers", "status", 4, 200)


def test_a_disabled_connection_is_cut_off_at_the_next_request(acme: Any, connection: Connection) -> None:
    assert acme("/users").status_code == 200
    services.change_connection(connection, actor="admin", enabled=False)
    assert acme("/users").status_code == 401


def test_a_page_of_a_pull_costs_a_fixed_number_of_statements(
    acme: Any, connection: Connection, django_assert_num_queries: Any
) -> None:
    # the slice and the log; where records are trimmed once also what the connection had and has, and what trims them
    for schools, again, once in ((None, 2, 2), ([LINCOLN], 2, 11)):
        services.set_schools(connection, schools, actor="admin")
        acme("/users")  # copies the bodies
        acme("/users?sort=familyName&orderBy=desc&limit=2")
        for size in (1, 3):
            for statements in (once, again):
                with django_assert_num_queries(statements):
                    acme(f"/users?sort=familyName&orderBy=desc&limit={size}")


def test_what_cannot_be_read_is_400_and_a_fault_is_500_both_in_the_standards_shape(
    acme: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acme("/users?limit=x").status_code == 400
    assert acme("/users?filter=nope='1'").json()["imsx_codeMajor"] == "failure"
    monkeypatch.setattr("roster.reading.pull.read_list", lambda *_: 1 / 0)
    broken = acme("/users")
    assert broken.status_code == 500
    assert broken.json()["imsx_codeMajor"] == "failure"
    assert b"ZeroDivision" not in broken.content


def test_the_portal_tells_that_it_lives(client: Client, db: None) -> None:
    assert client.get("/livez").status_code == client.get("/readyz/").status_code == 200


def test_a_server_that_tells_the_raw_path_is_believed(acme: Any, client: Client) -> None:
    user("a/classes", ("student", "lincoln"), schools=(LINCOLN,))
    token = acme("/users").wsgi_request.META["HTTP_AUTHORIZATION"]
    raw = f"{ROSTERING}/users/a%2Fclasses?fields=sourcedId"
    answer = client.get(
        f"{ROSTERING}/users/a/classes", {"fields": "sourcedId"}, headers={"authorization": token}, RAW_URI=raw
    )
    assert answer.json() == {"user": {"sourcedId": "a/classes"}}
