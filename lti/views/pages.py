"""Answers for browsers on their way: forms that send themselves, the frame of a tool, and plain words.

Each has a content security policy of its own: forms go to the tool's registered origins and nowhere else, the frame
shows those, and only our own pages may frame what belongs into the frame.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lti import tools
from lti.launching import Form, target
from lti.models import Launch

POLICY = "Content-Security-Policy"
OWN = "'self'"


def sending(request: HttpRequest, form: Form) -> HttpResponse:
    """Return a form that sends itself to the tool; without script it has a button."""
    answer = _render(request, "lti/sending.html", {"title": form.tool.name, "form": form})
    return secured(answer, forms=[OWN, *tools.origins(form.tool)], framed_by_us=True)


def frame(request: HttpRequest, launch: Launch, back: str) -> HttpResponse:
    """Return the page that frames a tool and keeps its small storage (LTI platform storage)."""
    allowed = tools.origins(launch.tool, target(launch))
    told = {"title": (launch.link.title if launch.link else "") or launch.tool.name, "launch": launch, "back": back}
    answer = _render(request, "lti/frame.html", {**told, "origins": " ".join(allowed)})
    return secured(answer, frames=[OWN, *allowed])


def words(request: HttpRequest, title: str, said: str, *, status: int = 200, leave: str = "") -> HttpResponse:
    """Return a page of plain words; with `leave` a way out of the frame to one of our own addresses."""
    told = {"title": title, "said": said, "leave": leave, "shut": status >= HTTPStatus.BAD_REQUEST}
    return secured(_render(request, "lti/words.html", told, status), framed_by_us=True)


def closed(request: HttpRequest, why: Exception | str, status: int = 403) -> HttpResponse:
    """Return why something cannot be opened."""
    return words(request, _("This cannot be opened"), str(why), status=status)


def secured(
    answer: HttpResponse, *, forms: Sequence[str] = (OWN,), frames: Sequence[str] = (), framed_by_us: bool = False
) -> HttpResponse:
    """Give an answer its policy: what it may frame, where its forms go, and who may frame it."""
    parts = {
        "default-src": ["'none'"], "script-src": [OWN], "style-src": [OWN], "font-src": [OWN], "img-src": [OWN],
        "frame-src": frames or ["'none'"], "form-action": forms, "base-uri": ["'none'"],
        "frame-ancestors": [OWN if framed_by_us else "'none'"],
    }  # fmt: skip
    answer.headers[POLICY] = "; ".join(f"{name} {' '.join(values)}" for name, values in parts.items())
    answer.headers["X-Frame-Options"] = "SAMEORIGIN" if framed_by_us else "DENY"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "same-origin"  # with no-referrer our own forms would come from nowhere
    return answer


def _render(request: HttpRequest, template: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, template, {**told, "framed": is_framed(request)}, status=status)


def is_framed(request: HttpRequest) -> bool:
    """Return whether the browser shows the answer within another page."""
    return request.headers.get("Sec-Fetch-Dest") == "iframe"
