"""What real clients send and expect, learned from servers that cost them dearly; asked over real HTTP.

One test for each thing a known client needs. OAuth 1 and the grade book have their own when they are served.
"""

import gzip
import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from roster.endpoints import ENDPOINTS
from tests.live import Portal

ROSTERING = "/ims/oneroster/rostering/v1p2"
SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"
CORE = {f"{SCOPE}{name}" for name in ("roster.readonly", "roster-core.readonly", "resource.readonly")}
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def token(portal: Portal) -> str:
    return portal.token()


@pytest.fixture
def ask(portal: Portal, token: str) -> Iterator[Ask]:
    """Ask as Acme; the path is sent as it is written."""
    with requests.Session() as session:

        def send(path: str, *, method: str = "GET", **headers: str) -> requests.Response:
            whole = {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): headers[name] for name in headers}}
            return session.request(method, portal.url + path, headers=whole, timeout=30, allow_redirects=False)

        yield send


@pytest.fixture
def raw(portal: Portal, token: str) -> Callable[[str], tuple[int, dict[str, str], bytes]]:
    """Send a request line that no library would write."""

    def send(target: str) -> tuple[int, dict[str, str], bytes]:
        where = urlsplit(portal.url)
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=30)
        connection._validate_path = lambda _path: None  # type: ignore[attr-defined]
        connection.request("GET", target, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    return send


def ids(answer: requests.Response, collection: str = "users") -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["sourcedId"] for each in answer.json()[collection]]


def token_answer(portal: Portal, *, basic: bool, **form: str) -> requests.Response:
    """Ask for a token, the credentials in a Basic header or in the form."""
    data = {"grant_type": "client_credentials", **form}
    if basic:
        return requests.post(f"{portal.url}/oauth2/token", data, auth=(portal.client_id, portal.secret), timeout=30)
    data |= {"client_id": portal.client_id, "client_secret": portal.secret}
    return requests.post(f"{portal.url}/oauth2/token", data, timeout=30)


@pytest.mark.parametrize("basic", [True, False], ids=["in a Basic header", "in the form"])
def test_a_token_without_scope_opens_everything_with_credentials(portal: Portal, *, basic: bool) -> None:
    answer = token_answer(portal, basic=basic)
    assert answer.status_code == 200
    told = answer.json()
    assert set(told["scope"].split()) >= CORE
    assert told["token_type"].lower() == "bearer"
    assert told["expires_in"] == 3600


@pytest.mark.parametrize("scope", [f"{SCOPE}roster.readonly", f"{SCOPE}roster.readonly {SCOPE}made-up.readonly"])
def test_a_scope_asked_for_is_cut_to_what_the_connection_has(portal: Portal, scope: str) -> None:
    assert token_answer(portal, basic=True, scope=scope).json()["scope"] == f"{SCOPE}roster.readonly"


def test_scopes_spelt_with_http_are_understood(portal: Portal) -> None:
    answer = token_answer(portal, basic=True, scope=f"{SCOPE}roster.readonly".replace("https", "http"))
    assert answer.json()["scope"] == f"{SCOPE}roster.readonly"


def test_the_token_endpoint_takes_a_trailing_slash(portal: Portal) -> None:
    answer = requests.post(
        f"{portal.url}/oauth2/token/",
        {"grant_type": "client_credentials"},
        auth=(portal.client_id, portal.secret),
        timeout=30,
        allow_redirects=False,
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
def test_the_word_bearer_may_be_written_in_any_case(portal: Portal, token: str, word: str) -> None:
    answer = requests.get(f"{portal.url}{ROSTERING}/orgs", headers={"Authorization": f"{word} {token}"}, timeout=30)
    assert answer.status_code == 200


def test_every_200_tells_the_total_singles_too(ask: Ask) -> None:
    names = {"school": "lincoln", "class": "c-l", "course": "algebra", "student": "amy", "teacher": "mix",
             "term": "t1", "user": "amy"}  # fmt: skip
    asked = 0
    for endpoint in ENDPOINTS:
        path = f"/ims/oneroster/{endpoint.service}/v1p2{endpoint.path}"
        for name in endpoint.parents:
            path = path.replace(f"{{{name}}}", names[name])
        if endpoint.kind == "single":
            collection = ask(path.rpartition("/")[0])
            if collection.status_code != 200 or not (found := next(iter(collection.json().values()))):
                continue
            path = path.replace("{sourcedId}", found[0]["sourcedId"])
        answer = ask(path)
        if answer.status_code == 403:
            assert "demographics" in path
            continue
        assert answer.status_code == 200, path
        assert answer.headers["X-Total-Count"].isdigit(), path
        asked += 1
    assert asked >= 42


def test_links_are_absolute_and_keep_filter_sort_and_fields(ask: Ask, portal: Portal) -> None:
    query = "limit=2&filter=givenName!='nobody'&sort=sourcedId&orderBy=desc&fields=sourcedId"
    seen, path = [], f"{ROSTERING}/users?{query}"
    for _ in range(5):
        answer = ask(path)
        seen += ids(answer)
        assert all(list(each) == ["sourcedId"] for each in answer.json()["users"])
        if "next" not in answer.links:
            break
        following = answer.links["next"]["url"]
        assert following.startswith(f"{portal.url}{ROSTERING}/users?")
        path = following.removeprefix(portal.url)
    assert seen == ["two", "mum", "mix", "gone", "ben", "amy"]
    assert {"first", "prev", "last"} <= set(answer.links)


def test_hrefs_are_absolute_and_lead_to_the_object(ask: Ask, portal: Portal) -> None:
    for reference in references(ask(f"{ROSTERING}/enrollments").json()):
        assert reference["href"].startswith(f"{portal.url}/ims/oneroster/")
        found = ask(reference["href"].removeprefix(portal.url)).json()
        assert found[reference["type"]]["sourcedId"] == reference["sourcedId"]


def references(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if "href" in value:
            yield value
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_a_filter_that_matches_nothing_is_200_and_an_empty_list(ask: Ask) -> None:
    answer = ask(f"{ROSTERING}/users?filter=username='nobody'")
    assert (answer.status_code, answer.headers["X-Total-Count"]) == (200, "0")
    assert answer.json() == {"users": []}


@pytest.mark.parametrize("limit", [10000, 50000, 1000000])
def test_large_limits_are_honoured(ask: Ask, limit: int) -> None:
    assert len(ids(ask(f"{ROSTERING}/users?limit={limit}"))) == 6


@pytest.mark.parametrize(
    "query",
    [
        "filter=username='amy'", "filter=username=%27amy%27", "filter=username%3D%27amy%27",
        "filter=username='amy'%20AND%20status='active'", "filter=username='amy'+AND+status='active'",
        "filter=dateLastModified%3E'2026-08-01'%20AND%20username='amy'",
        "filter=username='amy'%20AND%20dateLastModified%3E='2026-08-01T00:00:00.000Z'",
    ],
)  # fmt: skip
def test_quotes_may_stand_raw_in_the_query(raw: Callable[[str], tuple[int, dict[str, str], bytes]], query: str) -> None:
    status, headers, body = raw(f"{ROSTERING}/users?{query}&fields=sourcedId")
    assert (status, headers["x-total-count"]) == (200, "1")
    assert json.loads(body) == {"users": [{"sourcedId": "amy"}]}


@pytest.mark.parametrize("sign", ["<", ">"])
def test_only_angle_brackets_must_be_encoded_because_the_web_server_refuses_the_line(
    raw: Callable[[str], tuple[int, dict[str, str], bytes]], sign: str
) -> None:
    assert raw(f"{ROSTERING}/users?filter=username{sign}'a'")[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        f"{ROSTERING}//classes", f"/{ROSTERING}/classes", "/ims/oneroster//rostering/v1p2/classes",
        f"{ROSTERING}/schools//lincoln/classes/", f"{ROSTERING}/classes/", f"/ims/oneroster{ROSTERING}/classes",
        "/ims/oneroster/classes",
    ],
)  # fmt: skip
def test_doubled_slashes_trailing_slashes_and_doubled_bases_find_the_list(
    raw: Callable[[str], tuple[int, dict[str, str], bytes]], path: str
) -> None:
    status, _, body = raw(path)
    assert status == 200
    assert "c-l" in [each["sourcedId"] for each in json.loads(body)["classes"]]


@pytest.mark.parametrize("path", ["academicsessions", "gradingperiods", "ACADEMICSESSIONS"])
def test_paths_may_be_written_in_any_case(ask: Ask, path: str) -> None:
    assert ask(f"{ROSTERING}/{path}").status_code == 200


def test_a_delta_tells_of_removals(ask: Ask) -> None:
    answer = ask(f"{ROSTERING}/enrollments?filter=dateLastModified>='2026-09-01'")
    told = {each["sourcedId"]: each["status"] for each in answer.json()["enrollments"]}
    assert told["e7"] == "tobedeleted"
    assert told["e1"] == "active"
    assert ids(ask(f"{ROSTERING}/enrollments?filter=dateLastModified>'2026-09-02'"), "enrollments") == []


def test_head_is_get_without_a_body(ask: Ask) -> None:
    for path in (f"{ROSTERING}/users?limit=2", f"{ROSTERING}/users/amy"):
        head, get = ask(path, method="HEAD"), ask(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["X-Total-Count"] == get.headers["X-Total-Count"]
        assert head.headers.get("Link") == get.headers.get("Link")


def test_options_tells_the_methods_and_others_are_405(ask: Ask) -> None:
    for path in (f"{ROSTERING}/users", f"{ROSTERING}/users/amy", f"{ROSTERING}/schools/lincoln/classes"):
        assert "GET" in ask(path, method="OPTIONS").headers["Allow"]
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = ask(path, method=method)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
            assert answer.json()["imsx_codeMajor"] == "unsupported"


@pytest.mark.parametrize("limit", ["1", "-1"])
def test_gzip_is_sent_when_asked_and_only_then(portal: Portal, token: str, limit: str) -> None:
    for asked, packed in (("gzip", True), ("gzip;q=0", False), ("identity", False)):
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": asked}
        url = f"{portal.url}{ROSTERING}/users?limit={limit}"
        with requests.get(url, headers=headers, stream=True, timeout=30) as answer:
            body = answer.raw.read(decode_content=False)
        assert (answer.headers.get("Content-Encoding") == "gzip") is packed
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert json.loads(gzip.decompress(body) if packed else body)["users"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json;charset=utf-8", "text/plain, */*"])
def test_any_accept_header_that_leaves_room_for_json_gets_json(ask: Ask, accept: str) -> None:
    answer = ask(f"{ROSTERING}/orgs", Accept=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


def test_unknown_parameters_are_passed_over(ask: Ask) -> None:
    assert len(ids(ask(f"{ROSTERING}/users?_=1700000000&apiVersion=1.2"))) == 6


def test_an_unknown_sort_field_is_passed_over_and_an_unknown_filter_field_is_not(ask: Ask) -> None:
    assert ask(f"{ROSTERING}/users?sort=shoeSize").status_code == 200
    assert ask(f"{ROSTERING}/users?filter=shoeSize='9'").status_code == 400


def test_a_refusal_has_the_standards_shape_and_an_id_to_ask_about(ask: Ask) -> None:
    answer = ask(f"{ROSTERING}/users/nobody", X_Request_Id="trace-000001")
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (404, "trace-000001")
    assert answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "unknownobject"


def test_a_missing_token_is_401_with_a_challenge(portal: Portal) -> None:
    answer = requests.get(f"{portal.url}{ROSTERING}/users", timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_several_tokens_of_one_vendor_work_side_by_side(portal: Portal, token: str, ask: Ask) -> None:
    assert portal.token() != token
    assert ask(f"{ROSTERING}/orgs").status_code == 200
