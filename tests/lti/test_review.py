"""A teacher sees a student's work again in the tool, where the tool offers it."""

from typing import Any

import pytest

from lti import offering
from lti.access import Closed
from lti.models import LineItem
from lti.protocol import names, review
from lti.protocol.names import CLAIM
from tests.lti.conftest import NOW, TOOL, World, sent
from tests.lti.test_services import call, item, score

OFFERED = {
    "reviewableStatus": ["Submitted", "Completed"], "label": "See it", "url": f"{TOOL}/review", "custom": {"mode": "r"},
}  # fmt: skip


def offer(world: World, told: Any = OFFERED) -> Any:
    """Have the tool say that work can be seen again."""
    body = {"label": "Quiz 1", "scoreMaximum": 10, "submissionReview": told}
    return call(world, "PUT", item(world), body, names.LINE_ITEM_TYPE).json().get("submissionReview")


def test_a_teacher_sees_the_work_of_a_student_again(world: World) -> None:
    client, row, maya = world.clients["teacher"], world.link.assignment, world.people["maya"]
    assert row
    here = f"/teacher/sections/{world.taught.section.pk}/assignments/{row.pk}/"
    there = f"{here}review/{maya.pk}/"
    score(world, activityProgress="Submitted", gradingProgress="PendingManual", scoreGiven=None, scoreMaximum=None)
    assert there not in client.get(here).content.decode()
    assert offer(world) == OFFERED
    page = client.get(here).content.decode()
    assert f'href="{there}"' in page
    assert f"{here}review/{world.people['ben'].pk}/" not in page, "nothing is handed in"
    assert "That you are the teacher" in client.get(there).content.decode()
    world.subject("teacher")
    assert f'form="review" formaction="{there}"' in client.get(here).content.decode()
    world.change(send_name=True)
    begun = sent(client.get(client.post(there)["Location"]))
    assert begun.fields["target_link_uri"] == f"{TOOL}/review"
    told = sent(world.ask(begun, client)).claims
    assert told[f"{CLAIM}message_type"] == "LtiSubmissionReviewRequest"
    assert told[f"{CLAIM}for_user"]["user_id"] == world.subject("maya")
    assert told[f"{CLAIM}for_user"]["name"] == "Maya Hart"
    assert told[f"{CLAIM}custom"] == {"quiz": world.link.guid, "mode": "r"}
    assert told[f"{CLAIM}resource_link"]["id"] == world.link.guid
    assert told[names.AGS_CLAIM]["lineitem"].endswith(item(world))
    assert client.post(there.replace(str(maya.pk), str(world.people["stranger"].pk))).status_code == 404
    assert world.clients["maya"].post(there).status_code == 403


def test_work_is_seen_again_only_where_the_tool_offers_it_and_of_ones_own_students(world: World) -> None:
    def start(student: str = "maya", who: str = "teacher") -> Any:
        return offering.start_review(world.browser(who), world.people[who], world.link, world.people[student], NOW)

    with pytest.raises(Closed):
        start()
    offer(world)
    waiting = start()
    for student, who in (("stranger", "teacher"), ("teacher", "teacher"), ("maya", "ben"), ("maya", "parent")):
        with pytest.raises(Closed):
            start(student, who)
    begun = world.begin("teacher", waiting)
    LineItem.objects.update(review=None)
    assert sent(world.ask(begun)).fields["error"] == "unauthorized_client", "asked again at every step"


def test_what_a_line_item_says_about_it_is_read_as_far_as_it_is_sound(world: World) -> None:
    assert offer(world, {"url": "http://10.0.0.1/", "label": 7, "reviewableStatus": [1, "None"]}) == {
        "reviewableStatus": ["None"]
    }
    assert offer(world, "yes") is None
    told = {"reviewableStatus": ["None", "Started"]}
    assert [review.is_open(told, each) for each in ("", "Started", "Submitted")] == [True, True, False]
    assert [review.is_open({}, each) for each in ("", "Submitted")] == [False, True]
    assert not review.is_open(None, "Submitted")
