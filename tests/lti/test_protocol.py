"""The protocol's documents: what is told, what is read, and what is refused."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from lti.protocol import claims, content, custom, grades, keys, login, members, moments, names, registration, tokens
from lti.protocol.claims import Context, Launch, Link, Person, Services
from lti.protocol.keys import OVERLAP, SIGNS_FOR, Span
from lti.protocol.login import Unanswerable, Wrong
from lti.protocol.names import CLAIM, CONTENT, Role
from lti.protocol.tokens import Refused
from tests.lti import crafted

NOW = dt.datetime(2026, 10, 1, 15, 0, tzinfo=dt.UTC)
AT = int(NOW.timestamp())
US = "https://portal.example.org"
ASKED = {
    "scope": ["openid"], "response_type": ["id_token"], "response_mode": ["form_post"], "prompt": ["none"],
    "client_id": ["tool"], "redirect_uri": ["https://tool.example/launch"], "login_hint": ["who"],
    "lti_message_hint": ["what"], "state": ["s"], "nonce": ["n"], "id_token_signed_response_alg": ["RS256"],
}  # fmt: skip


def launch(**more: Any) -> Launch:
    told = {
        "issuer": US, "client_id": "tool", "deployment_id": "d", "nonce": "n", "person": Person("p1"),
        "role": Role.LEARNER, "target": "https://tool.example/launch", "framed": True, "platform": "Test District",
    }  # fmt: skip
    return Launch(**{**told, **more})


def test_a_request_for_a_launch_is_read_and_extras_are_passed_over() -> None:
    request = login.asked(ASKED)
    login.check(ASKED, request)
    login.check({**ASKED, "scope": ["openid profile"]}, request)
    login.check_redirect(request.redirect_url, ["https://tool.example/launch"])
    assert (request.state, request.nonce, request.message_hint) == ("s", "n", "what")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": []}, {"scope": ["profile"]}, {"response_type": ["code"]}, {"response_mode": ["query"]},
        {"prompt": ["login"]}, {"prompt": []}, {"nonce": []}, {"login_hint": [""]}, {"lti_message_hint": []},
        {"response_type": ["id_token", "code"]},
    ],
)  # fmt: skip
def test_a_request_for_anything_else_is_answered_with_an_error(wrong: dict[str, list[str]]) -> None:
    told = {**ASKED, **wrong}
    with pytest.raises(Wrong) as refused:
        login.check(told, login.asked(told))
    assert refused.value.error == "invalid_request"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": []}, {"redirect_uri": []}, {"client_id": ["a", "b"]}, {"nonce": ["a", "b"]},
        {"state": ["x" * 3000]}, {"login_hint": ["a\0"]},
    ],
)  # fmt: skip
def test_a_request_that_names_nobody_is_not_answered_to_the_tool(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(Unanswerable):
        login.asked({**ASKED, **wrong})


@pytest.mark.parametrize(
    "url",
    [
        "https://tool.example/launch/", "https://tool.example/launch?x=1", "https://TOOL.example/launch",
        "https://tool.example:443/launch", "https://tool.example/launch#f", "https://tool.example.evil.example/launch",
        "http://tool.example/launch", "https://tool.example/launch%2f", "//tool.example/launch", "",
    ],
)  # fmt: skip
def test_a_redirect_address_is_the_registered_one_sign_by_sign(url: str) -> None:
    with pytest.raises(Unanswerable):
        login.check_redirect(url, ["https://tool.example/launch"])


@pytest.mark.parametrize(
    ("url", "sound"),
    [
        ("https://tool.example/a?b=c", True), ("https://tool.example:8443", True), ("http://tool.example", False),
        ("http://127.0.0.1:9000/x", False), ("javascript:alert(1)", False), ("data:text/html,x", False),
        ("https://", False), ("https://a@tool.example", False), ("https://tool.example/#x", False),
        ("https://tool.example/ x", False), ("https://tool.example/;form-action *", False),
        ('https://tool.example/"><script>', False), ("https://[::1", False), ("https://tool.example:x/", False),
    ],
)  # fmt: skip
def test_an_address_of_a_tool_is_https_and_plain(url: str, *, sound: bool) -> None:
    assert login.is_sound(url, loopback=False) is sound
    assert login.is_sound("http://localhost:9000/x", loopback=True)
    assert not login.is_sound("http://tool.example", loopback=True)


def test_an_origin_is_as_browsers_compare_it() -> None:
    assert login.origin("https://Tool.example:443/x") == "https://tool.example"
    assert login.origin("http://[::1]:9000/x") == "http://[::1]:9000"
    assert login.origin("ftp://tool.example") == ""


def test_a_launch_of_a_link_tells_what_the_standard_demands_and_nothing_of_the_person() -> None:
    told = claims.resource(launch(), Link("link-1", "Quiz"), NOW)
    assert told["exp"] - told["iat"] == 300
    assert {told["iss"], told["aud"], told["sub"], told["nonce"]} == {US, "tool", "p1", "n"}
    assert told[f"{CLAIM}message_type"] == "LtiResourceLinkRequest"
    assert told[f"{CLAIM}version"] == "1.3.0"
    assert told[f"{CLAIM}resource_link"] == {"id": "link-1", "title": "Quiz"}
    assert told[f"{CLAIM}roles"][0].endswith("membership#Learner")
    absent = {"name", "given_name", "family_name", "email", f"{CLAIM}lis", f"{CLAIM}custom", f"{CLAIM}context"}
    assert absent.isdisjoint(told)
    assert names.AGS_CLAIM not in told
    assert names.NRPS_CLAIM not in told


def test_what_is_shared_and_allowed_is_told_under_the_standard_names() -> None:
    person = Person("p1", "Maya", "Hart", "maya@example.org", "sis-1")
    services = Services(f"{US}/items", f"{US}/items/1", names.GRADE_SCOPES, f"{US}/members")
    context = Context("c", "ALG-1", "Algebra", "sis-c")
    whole = launch(
        person=person, services=services, context=context, role=Role.MENTOR, mentored=["kid"], custom={"a": "b"},
        return_url=f"{US}/back",
    )  # fmt: skip
    told = claims.resource(whole, Link("l", "Quiz", "Words"), NOW)
    assert (told["name"], told["email"]) == ("Maya Hart", "maya@example.org")
    assert told[f"{CLAIM}lis"] == {"person_sourcedid": "sis-1", "course_section_sourcedid": "sis-c"}
    assert told[f"{CLAIM}role_scope_mentor"] == ["kid"]
    assert told[f"{CLAIM}context"]["label"] == "ALG-1"
    assert told[names.AGS_CLAIM]["lineitem"] == f"{US}/items/1"
    assert told[names.NRPS_CLAIM] == {"context_memberships_url": f"{US}/members", "service_versions": ["2.0"]}
    assert told[f"{CLAIM}launch_presentation"]["return_url"] == f"{US}/back"


def test_a_launch_for_choosing_content_says_where_to_bring_it_and_which() -> None:
    told = claims.content(
        launch(role=Role.INSTRUCTOR), answer_url=f"{US}/content", data="d", several=True, graded=True, now=NOW
    )
    wanted = told[f"{CONTENT}deep_linking_settings"]
    assert told[f"{CLAIM}message_type"] == "LtiDeepLinkingRequest"
    assert wanted["accept_types"] == ["ltiResourceLink"]
    assert (wanted["deep_link_return_url"], wanted["data"], wanted["accept_multiple"]) == (f"{US}/content", "d", True)
    assert f"{CLAIM}resource_link" not in told


def chosen(**more: Any) -> dict[str, Any]:
    item = {
        "type": "ltiResourceLink", "title": "Fractions", "url": "https://tool.example/q/1", "text": "<b>x</b>",
        "custom": {"quiz": 1, "deep": {"no": 1}}, "available": {"endDateTime": "2026-10-09T12:00:00Z"},
        "submission": {"endDateTime": "2026-10-08T12:00:00+02:00"},
        "lineItem": {"scoreMaximum": 12.5, "label": "F", "resourceId": "r", "tag": "t"},
    }  # fmt: skip
    return {
        "iss": "tool", "aud": US, "iat": AT, "exp": AT + 60, "nonce": "n2", f"{CLAIM}version": "1.3.0",
        f"{CLAIM}message_type": "LtiDeepLinkingResponse", f"{CLAIM}deployment_id": "d", f"{CONTENT}data": "mark",
        f"{CONTENT}content_items": [item], f"{CONTENT}msg": "Done", **more,
    }  # fmt: skip


def taken(told: dict[str, Any]) -> content.Chosen:
    known = tokens.keys_of(crafted.key_set())
    return content.check(
        crafted.signed(told), known, client_id="tool", deployment_id="d", issuer=US, loopback=False, now=NOW
    )


def test_what_a_teacher_chose_comes_back_as_plain_facts() -> None:
    answer = taken(chosen())
    [item] = answer.items
    assert (answer.data, answer.message, answer.passed_over) == ("mark", "Done", 0)
    assert (item.title, item.text, item.custom) == ("Fractions", "<b>x</b>", {"quiz": "1"})
    assert item.graded == content.Graded(Decimal("12.5"), "F", "r", "t")
    assert item.due_until == dt.datetime(2026, 10, 8, 10, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {f"{CLAIM}message_type": "LtiResourceLinkRequest"}, {f"{CLAIM}version": "1.1"}, {f"{CLAIM}deployment_id": "x"},
        {f"{CONTENT}data": None}, {f"{CONTENT}data": ["mark"]}, {"nonce": ""}, {"nonce": None},
        {f"{CONTENT}content_items": {}}, {f"{CONTENT}content_items": [{}] * 101}, {"aud": "https://elsewhere.example"},
        {"aud": [US, "https://elsewhere.example"]}, {"iss": "other"},
    ],
)  # fmt: skip
def test_what_belongs_to_no_request_of_ours_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        taken(chosen(**wrong))


@pytest.mark.parametrize(
    "item",
    [
        {"type": "html", "html": "<script>"}, {"type": "link", "url": "https://tool.example"}, {"type": "file"}, "x", 7,
        {"type": "ltiResourceLink", "url": "javascript:alert(1)"}, {"type": "ltiResourceLink", "url": "http://a.example"},
        {"type": "ltiResourceLink", "url": ["https://tool.example"]},
    ],
)  # fmt: skip
def test_content_that_is_no_safe_link_is_passed_over(item: Any) -> None:
    answer = taken(chosen(**{f"{CONTENT}content_items": [item, {"type": "ltiResourceLink", "title": "Good"}]}))
    assert [each.title for each in answer.items] == ["Good"]
    assert answer.passed_over == 1


SCORE = {
    "userId": "p1", "timestamp": "2026-10-01T14:00:00.123456Z", "activityProgress": "Completed",
    "gradingProgress": "FullyGraded", "scoreGiven": 9, "scoreMaximum": 12, "comment": "Well done",
}  # fmt: skip


def test_a_score_is_told_on_the_scale_of_the_grade_book() -> None:
    score = grades.read_score(SCORE)
    assert (score.is_final, score.is_handed_in) == (True, True)
    assert score.scaled(Decimal(20)) == 15
    assert grades.read_score({**SCORE, "scoreGiven": 15}).scaled(Decimal(20)) == 25


@pytest.mark.parametrize("grading", ["Pending", "PendingManual", "Failed", "NotReady"])
def test_what_is_not_fully_graded_is_no_score(grading: str) -> None:
    assert not grades.read_score({**SCORE, "gradingProgress": grading}).is_final


def test_handed_in_without_a_score_is_no_zero() -> None:
    bare = {name: value for name, value in SCORE.items() if name not in {"scoreGiven", "scoreMaximum"}}
    score = grades.read_score({**bare, "activityProgress": "Submitted"})
    assert (score.given, score.is_final, score.is_handed_in) == (None, False, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"userId": None}, {"userId": 5}, {"timestamp": None}, {"timestamp": "yesterday"},
        {"timestamp": "2026-10-01T14:00:00"}, {"activityProgress": "Done"}, {"gradingProgress": None},
        {"scoreMaximum": None}, {"scoreMaximum": 0}, {"scoreGiven": -1}, {"scoreGiven": "9"}, {"scoreGiven": True},
        {"scoreGiven": float("inf")}, {"scoreGiven": 1e300}, {"comment": 4},
    ],
)  # fmt: skip
def test_a_score_that_is_not_as_the_standard_wants_it_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(grades.Malformed):
        grades.read_score({**SCORE, **wrong})


def test_a_line_item_reads_as_it_is_told() -> None:
    told = {
        "label": "Quiz", "scoreMaximum": 12.5, "resourceId": "r", "tag": "t", "resourceLinkId": "l",
        "startDateTime": "2026-10-01T08:00:00.000Z", "endDateTime": "2026-10-09T08:00:00.000Z", "gradesReleased": True,
    }  # fmt: skip
    assert grades.line_item("https://x/1", grades.read_line_item(told)) == {"id": "https://x/1", **told}


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""}, {"label": None}, {"label": "x" * 300}, {"scoreMaximum": 0}, {"scoreMaximum": None},
        {"scoreMaximum": "10"}, {"tag": 5}, {"endDateTime": "soon"}, {"gradesReleased": "yes"}, {"resourceId": "a\0"},
    ],
)  # fmt: skip
def test_a_line_item_that_is_not_as_the_standard_wants_it_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(grades.Malformed):
        grades.read_line_item({"label": "Quiz", "scoreMaximum": 10, **wrong})
    with pytest.raises(grades.Malformed):
        grades.read_line_item([])


def test_members_are_told_with_what_is_shared_and_no_more() -> None:
    member = members.Member(Person("p1", "Maya", "Hart", "", "sis"), Role.LEARNER)
    assert member.told == {
        "status": "Active", "user_id": "p1", "roles": Role.LEARNER.uris, "name": "Maya Hart", "given_name": "Maya",
        "family_name": "Hart", "lis_person_sourcedid": "sis",
    }  # fmt: skip
    assert members.gone("p2", Role.LEARNER).told == {
        "status": "Deleted", "user_id": "p2", "roles": Role.LEARNER.uris
    }  # fmt: skip
    assert Role.LEARNER.is_called("Learner")
    assert not Role.LEARNER.is_called("Instructor")


OURS = registration.Addresses(US, f"{US}/a", f"{US}/t", f"{US}/k", f"{US}/r")
WISH: dict[str, Any] = {
    "client_name": "Quizzer", "initiate_login_uri": "https://tool.example/login", "jwks_uri": "https://tool.example/k",
    "redirect_uris": ["https://tool.example/launch"], "token_endpoint_auth_method": "private_key_jwt",
    "scope": f"{names.SCORE} {names.LINE_ITEM} openid",
    names.TOOL_CONFIGURATION: {
        "domain": "tool.example", "target_link_uri": "https://tool.example/launch", "claims": ["sub", "name", "email"],
        "custom_parameters": {"a": "b"},
        "messages": [{"type": "LtiDeepLinkingRequest", "target_link_uri": "https://tool.example/pick"}],
    },
}  # fmt: skip


def test_a_tool_reads_what_we_are_and_is_registered_as_it_asks() -> None:
    about = registration.configuration(OURS, "1.0")
    assert about["issuer"] == US
    assert about[names.PLATFORM_CONFIGURATION]["product_family_code"] == "interop"
    wish = registration.read(WISH, loopback=False)
    assert (wish.name, wish.content_url, sorted(wish.shared)) == (
        "Quizzer",
        "https://tool.example/pick",
        ["email", "name"],
    )
    assert wish.scopes == [names.LINE_ITEM, names.SCORE]
    answer = registration.answer(WISH, wish, client_id="c", deployment_id="d")
    assert (answer["client_id"], answer[names.TOOL_CONFIGURATION]["deployment_id"]) == ("c", "d")


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_name": ""}, {"initiate_login_uri": "http://tool.example"}, {"jwks_uri": None}, {"redirect_uris": []},
        {"redirect_uris": ["javascript:x"]}, {"redirect_uris": "https://tool.example"},
        {names.TOOL_CONFIGURATION: None}, {"token_endpoint_auth_method": "client_secret_post"}, {"jwks_uri": "https://a:b@tool.example"},
    ],
)  # fmt: skip
def test_a_registration_with_unsafe_addresses_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(registration.Unacceptable):
        registration.read({**WISH, **wrong}, loopback=False)


def test_a_key_is_published_before_it_signs_and_long_after() -> None:
    assert keys.successor_begins([], NOW) == NOW
    first = Span("a", NOW)
    assert keys.successor_begins([first], NOW) is None
    due = NOW + SIGNS_FOR - OVERLAP
    begins = keys.successor_begins([first], due)
    assert begins == NOW + SIGNS_FOR
    spans = [Span("a", NOW, begins), Span("b", begins)]
    assert [keys.signer(spans, at).kid for at in (due, begins)] == ["a", "b"]
    assert all(each.is_published(begins) for each in spans)
    assert spans[0].is_published(begins + OVERLAP - dt.timedelta(minutes=1))
    assert not spans[0].is_published(begins + OVERLAP)
    assert keys.successor_begins(spans, due) is None


def test_a_portal_that_slept_through_a_rotation_still_publishes_a_key_before_it_signs() -> None:
    late = NOW + SIGNS_FOR + dt.timedelta(days=30)
    assert keys.successor_begins([Span("a", NOW)], late) == late + OVERLAP
    assert keys.signer([Span("a", NOW)], late).kid == "a"


def test_custom_parameters_are_texts_and_known_variables_are_filled() -> None:
    assert custom.parsed("a=1\n\n b = $User.id ") == {"a": "1", "b": "$User.id"}
    assert custom.filled({"a": "$User.id", "b": "$Other"}, {"$User.id": "p"}) == {"a": "p", "b": "$Other"}
    with pytest.raises(ValueError, match="nonsense"):
        custom.parsed("nonsense")


def test_moments_have_a_zone() -> None:
    assert moments.moment("2026-10-01T08:00:00-05:00") == dt.datetime(2026, 10, 1, 13, 0, tzinfo=dt.UTC)
    assert [moments.moment(each) for each in ("2026-10-01T08:00:00", "x", None, 5, "9" * 50)] == [None] * 5
    assert moments.written(NOW) == "2026-10-01T15:00:00.000Z"
