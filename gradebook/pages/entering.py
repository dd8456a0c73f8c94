"""The door before every page of teachers and families: who comes in, as whom, and that a viewer changes nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from gradebook import viewing
from gradebook.viewing import Visitor

SAFE = ("GET", "HEAD")
View = Callable[..., HttpResponseBase]


def for_visitors(view: View) -> View:
    """Return a view behind the door: it is called with whose pages are shown, and its answer is kept by nobody.

    A stranger is sent to sign in, a user who is nobody of the roster is refused, and somebody who views as another
    person may only look.
    """

    @wraps(view)
    def opened(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            visitor = viewing.visitor(request, timezone.now())
        except viewing.TimeOver as over:
            messages.info(request, _("Viewing ended: it lasts half an hour."))
            return redirect("admin:view_as", over.person)
        if visitor is None:
            raise PermissionDenied
        request.__dict__["visitor"] = visitor
        answer = view(request, visitor, **parts) if may(request, visitor) else _refused(request)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return opened


def may(request: HttpRequest, visitor: Visitor) -> bool:
    """Return whether this request is one the visitor may send at all: a viewer only looks."""
    return not visitor.viewed_by or request.method in SAFE


def _refused(request: HttpRequest) -> HttpResponseBase:
    told = {
        "title": _("You are only looking"),
        "advice": _("Nothing was changed. While you view as somebody else, you cannot change anything of theirs."),
        "status": 403,
    }
    return render(request, "account/error.html", told, status=403)
