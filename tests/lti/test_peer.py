"""A tool that others wrote: launched, scoring, reading the roster, choosing content, all by its own library."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.names_roles import NamesRolesProvisioningService

from gradebook.models import Assignment, Score
from lti.access import Wish
from lti.launching import begin
from lti.models import Launch
from lti.protocol.names import Role
from tests.lti.conftest import NOW, Clock, World, sent
from tests.lti.peer import Launch as ToolLaunch
from tests.lti.peer import Tool


@pytest.fixture(autouse=True)
def _same_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool's clock and the portal's are the same."""
    monkeypatch.setattr("time.time", lambda: clock().timestamp())


def enter(world: World, tool: Tool, who: str, launch: Launch | None = None) -> ToolLaunch:
    """Go the whole way as a browser does."""
    begun = world.begin(who, launch)
    asked = urlsplit(tool.log_in(begun.fields))
    return tool.launched(sent(world.clients[who].get(f"{asked.path}?{asked.query}")).fields)


def test_a_student_opens_it_is_scored_and_the_roster_is_read(world: World) -> None:
    tool = Tool(world)
    launch = enter(world, tool, "maya")
    assert launch.is_resource_launch()
    assert launch.check_student_access()
    told = launch.get_launch_data()
    ags = launch.get_ags()
    assert ags.can_put_grade()
    grade = Grade().set_score_given(9).set_score_maximum(10).set_user_id(told["sub"]).set_comment("Well done")
    grade.set_timestamp(NOW.isoformat()).set_activity_progress("Completed").set_grading_progress("FullyGraded")
    ags.put_grade(grade)
    score = Score.objects.get(assignment=world.link.assignment, person=world.people["maya"])
    assert (score.score, score.comment) == (9, "Well done")
    [result] = list(ags.get_grades())
    assert (result["resultScore"], result["resultMaximum"], result["userId"]) == (9, 10, told["sub"])
    with pytest.raises(LtiServiceException):
        ags.put_grade(grade)
    essay = LineItem().set_label("Essay").set_score_maximum(20).set_tag("essay")
    made = ags.find_or_create_lineitem(essay)
    assert made.get_label() == "Essay"
    assert [each["label"] for each in ags.get_lineitems()] == ["Quiz 1", "Essay"]
    grade.set_timestamp((NOW + dt.timedelta(seconds=1)).isoformat()).set_score_maximum(10)
    ags.put_grade(grade, made)
    assert Score.objects.get(assignment__title="Essay").score == 18
    assert isinstance(launch.get_nrps(), NamesRolesProvisioningService)
    members = list(launch.get_nrps().get_members())
    assert {"Active"} == {each["status"] for each in members}
    assert told["sub"] in {each["user_id"] for each in members}
    assert len(members) == 3


def test_a_teacher_chooses_content_and_it_becomes_an_assignment_that_opens(world: World) -> None:
    tool, browser = Tool(world), world.browser("teacher")
    assert browser.user
    wish = Wish(world.tool, browser.user, world.people["teacher"], Role.INSTRUCTOR, world.taught.section.pk)
    launch = enter(world, tool, "teacher", begin(browser, wish, NOW))
    assert launch.is_deep_link_launch()
    assert launch.check_teacher_access()
    chosen = DeepLinkResource().set_url("https://tool.example/q/7").set_title("Ratios").set_custom_params({"q": "7"})
    chosen.set_lineitem(LineItem().set_label("Ratios").set_score_maximum(15))
    link = launch.get_deep_link()
    answer = world.clients["teacher"].post("/lti/content", {"JWT": link.get_response_jwt([chosen])})
    assert answer.status_code == 303, answer.content
    where = answer.headers["Location"]
    page = world.clients["teacher"].get(where)
    assert "Ratios" in page.content.decode()
    assert world.clients["maya"].get(where).status_code == 403
    world.clients["teacher"].post(where)
    row = Assignment.objects.get(title="Ratios")
    assert (row.points, row.section, row.owner) == (15, world.taught.section, None)
    opened = enter(world, Tool(world), "maya", world.start("maya", row.tool_links.get())).get_launch_data()
    assert opened["https://purl.imsglobal.org/spec/lti/claim/custom"] == {"q": "7"}
    assert opened["https://purl.imsglobal.org/spec/lti/claim/target_link_uri"] == "https://tool.example/q/7"


def test_the_library_refuses_a_launch_of_another_browser(world: World) -> None:
    begun = world.begin("maya")
    asked = urlsplit(Tool(world).log_in(begun.fields))
    form = sent(world.clients["maya"].get(f"{asked.path}?{asked.query}"))
    with pytest.raises(LtiException):
        Tool(world).launched(form.fields)
