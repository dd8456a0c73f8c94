"""Imports: a package is uploaded here, and every import is listed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from interop.dates import moment_words
from roster.feeding import deliveries, folder
from roster.feeding.uploads import TOO_LARGE
from roster.models import FeedImport, FeedSettings
from roster.screens.imports import words

ROWS = 50


def index(request: HttpRequest) -> HttpResponse:
    """Show the imports, the newest first; on POST take an uploaded package."""
    problem = ""
    if request.method == "POST":
        problem, feed = _uploaded(request)
        if feed:
            messages.success(request, _("%s is here. It is checked first; nothing changes before that.") % feed.name)
            return redirect("admin:import", pk=feed.pk)
    now = timezone.now()
    shown, older = _listed(request)
    return page(
        request, "roster/imports/index.html", _("Imports"), opening=_opening(now), status=400 if problem else 200,
        lines=shown, older=older, live=any(each.feed.state in words.AT_WORK and not each.gave_up for each in shown),
        problem=problem, most=deliveries.MOST >> 20, folder=folder.watched(), pause=deliveries.pause(now),
        add_only=FeedSettings.load().add_only, may_upload=bool(roles_of(request.user) & EDITORS),
    )  # fmt: skip


def _listed(request: HttpRequest) -> tuple[list[words.Line], int | None]:
    """Return the lines of the page, and where the next one begins."""
    found = FeedImport.objects.order_by("-pk").defer("samples", "schools", "problems")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: ROWS + 1])
    shown = rows[:ROWS]
    stuck = words.gave_up(shown)
    return [words.line(feed, gave_up=feed.pk in stuck) for feed in shown], shown[-1].pk if len(rows) > ROWS else None


def _uploaded(request: HttpRequest) -> tuple[str, FeedImport | None]:
    """Return why nothing was uploaded, or the import that was."""
    file: Any = request.FILES.get("package")
    if getattr(request, TOO_LARGE, False):
        return _("The file is larger than %d MB. Let the watched folder deliver it.") % (deliveries.MOST >> 20), None
    if not file:
        return _("Choose a zip file first."), None
    if file.read(2) != b"PK":
        return _("That is not a zip file. Choose the package as the student information system wrote it."), None
    file.seek(0)
    return "", deliveries.upload(file, by=request.user.get_username())


def waits() -> str:
    """Return how many imports wait for a decision, in the words of the sidebar; blank for none."""
    held = _held()
    return ngettext("%d held", "%d held", held) % held if held else ""


def _held() -> int:
    return FeedImport.objects.filter(state=FeedImport.State.HELD).count()


def _opening(now: Any) -> str:
    if held := _held():
        return ngettext("%d import waits for a decision.", "%d imports wait for a decision.", held) % held
    last = FeedImport.objects.exclude(applied_at=None).order_by("-applied_at").first()
    if last and last.applied_at:
        return _("The last import was applied %s.") % moment_words(last.applied_at, now)
    return _("What the student information system says comes in here.")
