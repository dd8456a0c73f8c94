"""A learning tool on pylti1p3, which most tools in Python use: all that is LTI is the library's.

`python -m tests.lti.peers.pylti '{"address": …, "here": …, "issuer": …, …}'` serves it; see running.py.
"""

import datetime as dt
import json
import sys
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.servers.basehttp import get_internal_wsgi_application, run
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from pylti1p3.contrib.django import (
    DjangoCacheDataStorage,
    DjangoMessageLaunch,
    DjangoOIDCLogin,
    DjangoServiceConnector,
)
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.tool_config import ToolConfDict

from tests.lti import crafted

NAME = "Number Garden"
QUIZZES = {"fractions": "Fractions", "ratios": "Ratios"}
EQUAL = {"6/8": True, "9/12": True, "3/5": False, "0.75": True}
"""What may equal 3/4, and whether it does: five points for each that is told rightly."""
FILES = Path(__file__).parent
TOLD: dict[str, str] = {}
CONFIG = ToolConfDict({})


def login(request: HttpRequest) -> HttpResponse:
    """Ask the platform for the launch it begins here."""
    asked = DjangoOIDCLogin(request, CONFIG, launch_data_storage=DjangoCacheDataStorage())
    answer: HttpResponse = asked.enable_check_cookies().redirect(f"{TOLD['here']}/launch")
    return answer


def launch(request: HttpRequest) -> HttpResponse:
    """Open what the launch is for: choosing, the class, or a student's quiz."""
    found = DjangoMessageLaunch(request, CONFIG, launch_data_storage=DjangoCacheDataStorage())
    if found.is_deep_link_launch():
        boxes = "".join(_box(name, title) for name, title in QUIZZES.items())
        return _page("Choose a quiz", _form("choose", found, boxes, "Use these quizzes"))
    told = found.get_launch_data()
    title = told["https://purl.imsglobal.org/spec/lti/claim/resource_link"]["title"]
    if found.check_teacher_access():
        return _page(f"{title}: the class", _class(found))
    boxes = "<p>Tick everything that equals 3/4.</p>" + "".join(_box(each, each) for each in EQUAL)
    return _page(title, _form("answer", found, boxes, "Hand in"))


def choose(request: HttpRequest) -> HttpResponse:
    """Give the platform the quizzes that were ticked."""
    items = []
    for quiz in request.POST.getlist("ticked"):
        item = LineItem().set_label(QUIZZES[quiz]).set_score_maximum(20).set_resource_id(quiz)
        link = DeepLinkResource().set_url(f"{TOLD['here']}/launch").set_title(QUIZZES[quiz])
        items.append(link.set_custom_params({"quiz": quiz}).set_lineitem(item))
    return HttpResponse(_launched(request).get_deep_link().output_response_form(items))


def answer(request: HttpRequest) -> HttpResponse:
    """Score what a student handed in, and send it to the grade book."""
    found, ticked = _launched(request), request.POST.getlist("ticked")
    score = 5 * sum((each in ticked) is right for each, right in EQUAL.items())
    grade = Grade().set_score_given(score).set_score_maximum(20).set_user_id(found.get_launch_data()["sub"])
    grade.set_timestamp(dt.datetime.now(dt.UTC).isoformat()).set_activity_progress("Completed")
    grade.set_grading_progress("FullyGraded").set_comment("Look at 0.75 once more.")
    found.get_ags().put_grade(grade)
    return _page("Handed in", f"<p>{score} of 20 points. Your teacher’s grade book knows.</p>")


def key_set(_request: HttpRequest) -> HttpResponse:
    """Offer the tool's public keys."""
    return JsonResponse(CONFIG.get_jwks(TOLD["issuer"], TOLD["client_id"]))


def style(_request: HttpRequest) -> HttpResponse:
    """Dress the pages."""
    return HttpResponse((FILES / "page.css").read_bytes(), content_type="text/css")


def _launched(request: HttpRequest) -> Any:
    return DjangoMessageLaunch.from_cache(
        request.POST["launch"], request, CONFIG, launch_data_storage=DjangoCacheDataStorage(),
        service_connector_cls=DjangoServiceConnector,
    )  # fmt: skip


def _class(found: Any) -> str:
    """Return who is in the class (NRPS) and what the platform holds of their scores (AGS)."""
    results = {each["userId"]: f"{each['resultScore']:g} of 20" for each in found.get_ags().get_grades()}
    rows = "".join(
        f"<tr><td>{escape(each['name'])}</td><td>{each['roles'][0].rpartition('#')[2]}</td>"
        f"<td>{results.get(each['user_id'], '')}</td></tr>"
        for each in found.get_nrps().get_members()
    )
    return f"<table><tr><th>Name</th><th>Role</th><th>Score</th></tr>{rows}</table>"


def _box(name: str, label: str) -> str:
    return f'<label><input type="checkbox" name="ticked" value="{name}"> {label}</label>'


def _form(action: str, found: Any, body: str, button: str) -> str:
    kept = f'<input type="hidden" name="launch" value="{found.get_launch_id()}">'
    return f'<form method="post" action="{TOLD["here"]}/{action}">{kept}{body}<button>{button}</button></form>'


def _page(title: str, body: str) -> HttpResponse:
    text = (FILES / "page.html").read_text(encoding="utf-8")
    return HttpResponse(text.format(title=escape(title), tool=NAME, here=TOLD["here"], body=body))


VIEWS = {"login": login, "launch": launch, "choose": choose, "answer": answer, "keys": key_set, "page.css": style}
urlpatterns = [path(name, view) for name, view in VIEWS.items()]


def main() -> None:
    """Serve the tool to the platform it was told of."""
    TOLD.update(json.loads(sys.argv[1]))
    issuer, client_id = TOLD["issuer"], TOLD["client_id"]
    CONFIG.__init__({issuer: [{  # type: ignore[misc]
        "default": True, "client_id": client_id, "auth_login_url": TOLD["authorization"],
        "auth_token_url": TOLD["token"], "key_set_url": TOLD["key_set"], "deployment_ids": [TOLD["deployment"]],
    }]})  # fmt: skip
    CONFIG.set_private_key(issuer, crafted.private(), client_id=client_id)
    CONFIG.set_public_key(issuer, crafted.public(), client_id=client_id)
    settings.configure(ALLOWED_HOSTS=["localhost"], ROOT_URLCONF=__name__, SECRET_KEY="-", USE_TZ=True)
    django.setup()
    port = urlsplit(TOLD["here"]).port
    run(TOLD["address"], port, get_internal_wsgi_application(), ipv6=":" in TOLD["address"], threading=True)


if __name__ == "__main__":
    main()
