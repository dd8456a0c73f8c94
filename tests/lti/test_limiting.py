"""Tools ask as often as vendors may, and one of them, or a browser gone wild, does not hold up the others."""

import pytest
from django.http import HttpResponse

from connections import limits
from connections.models import SharingSettings, TokenFailure
from lti.models import Tool
from lti.views import limiting
from tests.lti.conftest import World, sent, stranger
from tests.lti.test_services import ALL, another, call, items_url


@pytest.mark.usefixtures("still")
def test_a_tool_asks_as_often_as_a_vendor_and_another_is_not_held_up(world: World) -> None:
    other, url = another(world), items_url(world)
    held, theirs = world.bearer(ALL), other.bearer(ALL)
    SharingSettings(bucket=3, refill=1, at_once=1).save()
    answers = [call(world, "GET", url, headers=held) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 429, 429], "the token was the first"
    assert answers[1].headers["RateLimit"] == '"calls";r=0;t=1'
    for each in answers[2:]:
        assert int(each.headers["Retry-After"]) >= 1
        assert each.json()["error"] == "temporarily_unavailable"
    refused = world.token()
    assert (refused.status_code, refused.json()["error"]) == (429, "temporarily_unavailable")
    assert TokenFailure.objects.count() == 0, "asking too often is no guess"
    assert call(other, "GET", url, headers=theirs).status_code == 200
    one, most = SharingSettings.load(), limits.Limits(at_once=1)
    with pytest.raises(limits.TooMany, match="1000"):
        limiting.counted(Tool(pk=0), one, lambda: HttpResponse(str(limits.come_in("tool 0", most))))
    assert limiting.counted(Tool(pk=0), one, HttpResponse).status_code == 200, "its place is free again"


@pytest.mark.usefixtures("still")
def test_only_browsers_that_bring_nothing_of_ours_are_told_to_wait(world: World) -> None:
    begun, more = world.begin(), world.begin("teacher")
    SharingSettings(bucket=2, refill=1).save()
    assert [world.ask(begun, lti_message_hint="guess").status_code for _ in range(2)] == [200, 200]
    assert "id_token" in sent(world.ask(begun)).fields, "who brings what they were given does not count"
    crowd = [world.ask(more, client_id="nobody"), stranger().post("/lti/content", {"JWT": "x"}), world.ask(more)]
    assert [each.status_code for each in crowd] == [429, 429, 429]
    assert all(each.headers["Retry-After"] for each in crowd)
