"""What tools' programs may do: tokens, line items, scores, results, members; and what they may not."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections.models import SharingSettings, TokenFailure
from gradebook.models import Assignment, Change, DirtyMark, Score
from gradebook.services.act import acting
from gradebook.teaching.scoring import Entry, enter
from lti import tools
from lti.models import LineItem, ServiceToken, Tool, ToolCall, ToolScore
from lti.protocol import names
from roster.models import RosterEntry
from tests.lti import crafted
from tests.lti.conftest import NOW, Clock, World, stranger
from tests.roster import factories as make

ALL = " ".join(names.SCOPES)


def call(world: World, method: str, url: str, body: Any = None, media: str = "text/plain", **more: Any) -> Any:
    """Call a service with a token for everything."""
    headers = more.pop("headers", None) or world.everything()
    address = urlsplit(url)
    path = address.path + (f"?{address.query}" if address.query else "")
    data = json.dumps(body) if body is not None else ""
    return stranger().generic(method, path, data, media, headers=headers)


def items_url(world: World) -> str:
    return f"/lti/sections/{world.taught.section.pk}/lineitems"


def members_url(world: World) -> str:
    return f"/lti/sections/{world.taught.section.pk}/members"


def item(world: World) -> str:
    """The address of the quiz's line item."""
    return f"{items_url(world)}/{LineItem.objects.get(assignment=world.link.assignment).pk}"


def score(world: World, who: str = "maya", minutes: float = 0, **told: Any) -> Any:
    """Send a score, so many minutes after the moment it is."""
    at = timezone.now() + dt.timedelta(minutes=minutes)
    body = {
        "userId": world.subject(who), "timestamp": at.isoformat(), "activityProgress": "Completed",
        "gradingProgress": "FullyGraded", "scoreGiven": 8, "scoreMaximum": 10, **told,
    }  # fmt: skip
    return call(
        world, "POST", f"{item(world)}/scores", {k: v for k, v in body.items() if v is not None}, names.SCORE_TYPE
    )


def shown(world: World, who: str = "maya") -> Score | None:
    """What the grade book shows."""
    return Score.objects.filter(
        assignment=world.link.assignment, person=world.people[who], deleted_at=None
    ).first()  # fmt: skip


def typed(world: World, value: str | None, comment: str | None = None) -> None:
    """Have the teacher type a score."""
    assert world.link.assignment
    entry = Entry(None if value is None else Decimal(value), frozenset(), comment)
    with acting("Eleanor Voss") as act:
        act.at = timezone.now()
        enter(act, world.link.assignment, {world.people["maya"].pk: entry}, NOW.date())


def test_no_crafted_token_is_taken_at_the_token_address_or_with_content(world: World) -> None:
    _launch, data = world.choose()
    at = int(NOW.timestamp())
    base = {"iss": world.tool.client_id, "sub": world.tool.client_id, "iat": at - 5, "exp": at + 55}
    url = f"{settings.PUBLIC_URL}/lti/token"
    for name, token in crafted.tokens({**base, "aud": url, "jti": "j"}, NOW).items():
        TokenFailure.objects.all().delete()
        assert stranger().post("/lti/token", World.form(token)).status_code in {400, 401}, name
    answer = crafted.tokens({**base, "aud": settings.PUBLIC_URL, "nonce": "n"}, NOW)
    for name, token in answer.items():
        assert stranger().post("/lti/content", {"JWT": token}).status_code in {400, 403}, name
    assert stranger().post("/lti/content", {"JWT": world.answer(data)}).status_code == 303
    assert ServiceToken.objects.count() == 0
    TokenFailure.objects.all().delete()
    assert world.token().status_code == 200


def test_a_token_opens_what_is_asked_for_and_allowed(world: World) -> None:
    told = world.token(f"{names.SCORE} openid {names.MEMBERS_READ}").json()
    assert (told["scope"], told["expires_in"], told["token_type"]) == (
        f"{names.SCORE} {names.MEMBERS_READ}", 3600, "Bearer"
    )  # fmt: skip
    world.change(score_passback=False)
    assert world.token(names.SCORE).json()["error"] == "invalid_scope"
    assert world.token().json()["scope"] == names.MEMBERS_READ
    assert told["access_token"].encode() not in ServiceToken.objects.values_list("token_sha256", flat=True)


def test_the_token_address_keeps_the_rules_of_the_vendors_one(world: World) -> None:
    good = {"jti": "one"}
    assert world.token(**good).status_code == 200
    assert world.token(**good).status_code == 401, "an assertion is good once"
    form = World.form("x")
    for wrong in ({"grant_type": "password"}, {"client_assertion_type": "other"}, {"scope": ["a", "b"]}):
        assert stranger().post("/lti/token", {**form, **wrong}).status_code == 400
    assert stranger().post("/lti/token?grant_type=client_credentials", form).status_code == 400
    assert stranger().get("/lti/token").status_code == 405
    for _ in range(12):
        answer = world.token(aud="https://elsewhere.example")
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers
    assert world.token().status_code == 429, "the pair of tool and address has to wait"


def test_a_score_lands_in_the_grade_book_under_the_tools_name(world: World) -> None:
    assert score(world, scoreGiven=4, scoreMaximum=5, comment="Good").status_code == 204
    row = shown(world)
    assert row
    assert (row.score, row.comment, row.turned_in) == (8, "Good", True)
    kept = ToolScore.objects.get()
    assert (kept.activity, kept.grading, kept.comment, kept.overridden) == ("Completed", "FullyGraded", "Good", False)
    assert Change.objects.filter(kind="score", key=row.pk).get().actor == "Quizzer"
    assert DirtyMark.objects.filter(section=world.taught.section).exists()
    assert score(world, scoreGiven=12, scoreMaximum=10, minutes=1).status_code == 204
    assert shown(world).score == 12, "more than everything is extra credit"


def test_an_older_or_equal_score_changes_nothing(world: World) -> None:
    assert score(world, scoreGiven=9).status_code == 204
    for minutes in (0, -1, -600):
        assert score(world, scoreGiven=1, minutes=minutes).status_code == 409
    assert score(world, scoreGiven=1, minutes=60).status_code == 400, "nobody scores the future"
    assert shown(world).score == 9


def test_handed_in_without_a_score_is_never_a_zero(world: World) -> None:
    told = {
        "activityProgress": "Submitted",
        "gradingProgress": "PendingManual",
        "scoreGiven": None,
        "scoreMaximum": None,
    }
    assert score(world, **told).status_code == 204
    row = shown(world)
    assert row
    assert (row.score, row.turned_in, row.missing) == (None, True, False)
    page = world.clients["parent"].get(f"/home/students/{world.people['maya'].pk}/assignments/").content.decode()
    assert "Turned in" in page
    assert "0 of 10" not in page
    assert score(world, minutes=1, gradingProgress="Pending", scoreGiven=5).status_code == 204
    assert shown(world).score is None, "what is not fully graded is no score"
    assert ToolScore.objects.get().given == 5
    assert score(world, minutes=2, scoreGiven=5).status_code == 204
    assert score(world, minutes=3, **told).status_code == 204
    assert shown(world).score is None, "the tool took its score back"


def test_what_a_teacher_entered_stands_until_a_score_that_is_newer_still(world: World, clock: Clock) -> None:
    score(world, scoreGiven=3)
    clock.forward(minutes=30)
    typed(world, "10", "Talked it over")
    assert score(world, scoreGiven=4, minutes=-10).status_code == 204
    assert (shown(world).score, shown(world).comment) == (10, "Talked it over")
    assert ToolScore.objects.get().overridden
    [told] = call(world, "GET", f"{item(world)}/results").json()
    assert (told["resultScore"], told["resultMaximum"]) == (10, 10)
    clock.forward(minutes=1)
    assert score(world, gradingProgress="Pending", scoreGiven=None, scoreMaximum=None).status_code == 204
    assert shown(world).score == 10, "only a score takes its place"
    clock.forward(minutes=1)
    assert score(world, scoreGiven=6).status_code == 204
    assert (shown(world).score, ToolScore.objects.get().overridden) == (6, False)
    clock.forward(minutes=30)
    typed(world, None, "")
    score(world, scoreGiven=7, minutes=-5)
    assert shown(world) is None, "taking a score away is a teacher's word too"


def test_results_come_in_pages_and_by_person(world: World) -> None:
    score(world), score(world, "ben", scoreGiven=5)
    url, headers = f"{item(world)}/results", world.everything()
    first = call(world, "GET", f"{url}?limit=1", headers=headers)
    address, _, kind = first.headers["Link"].partition("; ")
    assert kind == 'rel="next"'
    second = call(world, "GET", address.strip("<>"), headers=headers)
    assert [each["resultScore"] for each in first.json() + second.json()] == [8, 5]
    assert "Link" not in second.headers
    [only] = call(world, "GET", f"{url}?user_id={world.subject('ben')}", headers=headers).json()
    assert only["userId"] == world.subject("ben")
    assert call(world, "GET", only["id"], headers=headers).json() == [only]
    world.change(all_schools=False)
    assert call(world, "GET", url, headers=headers).status_code == 404, "no longer of its schools"


def test_scores_are_for_students_of_the_section_the_tool_knows(world: World) -> None:
    teacher = world.subject("teacher")
    parent = world.subject("parent")
    assert [score(world, userId=each).status_code for each in (teacher, parent, "nobody")] == [403, 403, 404]
    assert score(world, userId=world.people["maya"].sourced_id).status_code == 404
    known = world.subject("maya")
    RosterEntry.objects.filter(person=world.people["maya"]).update(end_date=dt.date(2026, 9, 1))
    assert score(world, who="teacher", userId=known).status_code == 403
    assert Score.objects.count() == 0


def test_a_tool_lists_makes_changes_and_deletes_its_own_line_items(world: World) -> None:
    body = {"label": "Essay", "scoreMaximum": 12.5, "tag": "t", "resourceId": "r", "resourceLinkId": world.link.guid}
    made = call(world, "POST", items_url(world), body, names.LINE_ITEM_TYPE)
    assert made.status_code == 201, made.content
    assert made.headers["Content-Type"] == names.LINE_ITEM_TYPE
    assert made.json() == {"id": made.json()["id"], **body, "scoreMaximum": 12}, "points are whole"
    row = Assignment.objects.get(title="Essay")
    assert (row.owner, row.due_on) == (world.tool.application, NOW.date())
    first = call(world, "GET", f"{items_url(world)}?limit=1")
    assert [each["label"] for each in first.json()] == ["Quiz 1"]
    address, _, kind = first.headers["Link"].partition("; ")
    assert kind == 'rel="next"'
    second = call(world, "GET", address.strip("<>"))
    assert ([each["label"] for each in second.json()], "Link" in second.headers) == (["Essay"], False)
    for query, found in (("tag=t", 1), ("resource_id=r", 1), ("tag=x", 0), (f"resource_link_id={world.link.guid}", 2)):
        assert len(call(world, "GET", f"{items_url(world)}?{query}").json()) == found
    url = made.json()["id"]
    changed = call(world, "PUT", url, {"label": "Essay 2", "scoreMaximum": 20, "tag": "u"}, names.LINE_ITEM_TYPE)
    assert (changed.json()["label"], changed.json()["scoreMaximum"], changed.json()["tag"]) == ("Essay 2", 20, "u")
    assert call(world, "DELETE", url).status_code == 204
    assert call(world, "GET", url).status_code == 404
    assert Assignment.objects.get(title="Essay 2").deleted_at is not None


def test_what_the_teacher_made_keeps_the_teachers_title_and_points(world: World) -> None:
    told = call(world, "PUT", item(world), {"label": "Hacked", "scoreMaximum": 99, "tag": "n"}, names.LINE_ITEM_TYPE)
    assert (told.json()["label"], told.json()["scoreMaximum"], told.json()["tag"]) == ("Quiz 1", 10, "n")
    assert call(world, "DELETE", item(world)).status_code == 403
    assert world.link.assignment
    assert Assignment.objects.get(pk=world.link.assignment.pk).deleted_at is None


def another(world: World) -> World:
    """The same class with another tool that has a place there too."""
    facts = {
        "name": "Other", "login_url": "https://o.example/l", "launch_url": "https://o.example", "enabled": True,
        "redirect_urls": ["https://tool.example/launch"], "public_key": crafted.key_set(), "score_passback": True,
        "share_members": True, "for_students": True,
    }  # fmt: skip
    tool = tools.register_by_hand(world.tool.application, actor="admin", now=NOW, facts=facts)
    link = tool.links.create(section=world.taught.section, guid="other")
    return World(world.taught, world.people, world.clients, tool, link)


def test_a_tool_never_touches_what_is_not_its_own(world: World) -> None:
    other, url = another(world), item(world)
    maya = world.subject("maya")
    headers = other.bearer(ALL)
    body = {"label": "x", "scoreMaximum": 1}
    mine = {
        "userId": maya, "timestamp": NOW.isoformat(), "activityProgress": "Completed",
        "gradingProgress": "FullyGraded", "scoreGiven": 10, "scoreMaximum": 10,
    }  # fmt: skip
    calls = [
        ("GET", url, None, ""), ("PUT", url, body, names.LINE_ITEM_TYPE), ("DELETE", url, None, ""),
        ("POST", f"{url}/scores", mine, names.SCORE_TYPE), ("GET", f"{url}/results", None, ""),
        ("POST", items_url(world), {**body, "resourceLinkId": world.link.guid}, names.LINE_ITEM_TYPE),
        ("GET", f"{members_url(world)}?rlid={world.link.guid}", None, ""),
        ("GET", "/lti/sections/0/lineitems", None, ""), ("GET", "/lti/sections/0/members", None, ""),
    ]  # fmt: skip
    for method, where, told, media in calls:
        assert call(other, method, where, told, media, headers=headers).status_code == 404, (method, where)
    assert call(other, "GET", items_url(world), headers=headers).json() == []
    assert other.subject("maya") != maya, "two tools know two people"
    assert Score.objects.count() == 0


def test_each_address_wants_its_own_scope_and_a_token_that_lives(world: World, clock: Clock) -> None:
    url = item(world)
    wants = {
        ("GET", items_url(world)): {names.LINE_ITEM, names.LINE_ITEM_READ},
        ("POST", items_url(world)): {names.LINE_ITEM},
        ("GET", url): {names.LINE_ITEM, names.LINE_ITEM_READ}, ("PUT", url): {names.LINE_ITEM},
        ("DELETE", url): {names.LINE_ITEM}, ("POST", f"{url}/scores"): {names.SCORE},
        ("GET", f"{url}/results"): {names.RESULT_READ}, ("GET", members_url(world)): {names.MEMBERS_READ},
    }  # fmt: skip
    tokens = {scope: world.bearer(scope) for scope in names.SCOPES}
    for (method, where), scopes in wants.items():
        for scope in set(names.SCOPES) - scopes:
            assert call(world, method, where, {}, headers=tokens[scope]).status_code == 403, (method, where, scope)
        for header in ({"Authorization": "Bearer x"}, {"Authorization": "Basic x"}, {"X-None": "1"}):
            answer = call(world, method, where, {}, headers=header)
            assert (answer.status_code, "Bearer" in answer.headers["WWW-Authenticate"]) == (401, True)
    held = world.bearer(ALL)
    assert call(world, "GET", url, headers=held).status_code == 200
    SharingSettings(writes_stopped=True).save()
    assert call(world, "POST", f"{url}/scores", {}, names.SCORE_TYPE, headers=held).status_code == 503
    SharingSettings(score_passback=False).save()
    assert call(world, "GET", url, headers=held).status_code == 403, "the district's switch acts on held tokens"
    SharingSettings(stopped=True).save()
    assert call(world, "GET", url, headers=held).status_code == 503
    assert world.token().status_code == 503
    SharingSettings(learning_tool=False).save()
    assert call(world, "GET", url, headers=held).status_code == 401
    SharingSettings().save()
    clock.forward(hours=1)
    assert call(world, "GET", url, headers=held).status_code == 401
    late = world.bearer(ALL)
    tools.enable(world.tool, actor="admin", enabled=False)
    assert call(world, "GET", url, headers=late).status_code == 401
    assert ToolCall.objects.filter(tool=world.tool.pk, status=403).exists()


def test_a_line_item_follows_the_standard_and_the_grade_book(world: World) -> None:
    good, kind, headers = {"label": "x", "scoreMaximum": 1}, names.LINE_ITEM_TYPE, world.bearer(ALL)
    for body, media, status in (
        ({**good, "label": ""}, kind, 400), ([], kind, 400), (good, "text/xml", 415), (good, "application/json", 201),
        ({**good, "endDateTime": "2030-01-01T00:00:00Z"}, kind, 422), ("x" * 70_000, kind, 400),
    ):  # fmt: skip
        assert call(world, "POST", items_url(world), body, media, headers=headers).status_code == status, body


def test_members_are_told_with_the_shared_fields_in_pages_and_by_role(world: World) -> None:
    whole = call(world, "GET", members_url(world))
    assert whole.headers["Content-Type"] == names.MEMBERS_TYPE
    told = whole.json()
    assert told["context"]["title"] == world.taught.section.title
    assert len(told["members"]) == 3
    assert all(each.keys() == {"status", "user_id", "roles"} for each in told["members"])
    assert world.launch().claims["sub"] in {each["user_id"] for each in told["members"]}
    world.change(send_name=True)
    learners = call(world, "GET", f"{members_url(world)}?role=Learner").json()["members"]
    assert {each["given_name"] for each in learners} == {"Maya", "Sam"}
    assert all("email" not in each for each in learners)
    seen, url = [], f"{members_url(world)}?limit=1"
    while url:
        page = call(world, "GET", url)
        seen += [each["user_id"] for each in page.json()["members"]]
        link, _, kind = page.headers.get("Link", "").partition("; ")
        url = link.strip("<>") if kind == 'rel="next"' else ""
    assert len(seen) == len(set(seen)) == 3
    linked = call(world, "GET", f"{members_url(world)}?rlid={world.link.guid}").json()["members"]
    assert all(each["message"] for each in linked)
    RosterEntry.objects.filter(person=world.people["ben"]).update(ended_at=NOW)
    differences = page.headers["Link"].partition(">")[0].strip("<")
    changed = call(world, "GET", differences).json()["members"]
    assert [each["status"] for each in changed] == ["Deleted"]
    assert changed[0].keys() == {"status", "user_id", "roles"}
    again = call(world, "GET", call(world, "GET", differences).headers["Link"].partition(">")[0].strip("<"))
    assert again.json()["members"] == []
    world.change(share_members=False)
    assert world.token(names.MEMBERS_READ).status_code == 400
    assert not Tool.objects.get().share_members


def test_lists_cost_the_same_whatever_their_length(world: World) -> None:
    url, headers = items_url(world), world.everything()
    score(world), score(world, "ben")

    def queries(where: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert call(world, "GET", where, headers=headers).status_code == 200
        return len(captured)

    places = (url, f"{item(world)}/results", members_url(world))
    queries(members_url(world))
    before = [queries(each) for each in places]
    for label in ("A", "B"):
        call(world, "POST", url, {"label": label, "scoreMaximum": 5}, names.LINE_ITEM_TYPE)
    calendar = world.taught.section.calendar
    for _ in range(2):
        person = make.PersonFactory()
        make.EnrollmentFactory(person=person, calendar=calendar)
        make.RosterEntryFactory(section=world.taught.section, person=person)
    queries(members_url(world))
    assert [queries(each) for each in places] == before
    assert len(call(world, "GET", url, headers=headers).json()) == 3
