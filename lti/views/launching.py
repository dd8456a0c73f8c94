"""The way of a browser into a tool and back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from connections.limits import TooMany
from lti import choosing, launching
from lti.access import Closed
from lti.launching import Browser
from lti.pages.chosen import choice, said, way_back
from lti.protocol.login import Unanswerable
from lti.protocol.tokens import Refused
from lti.views import limiting, pages

LONGEST = 300
"""Characters that are shown of what a tool has to say."""


def browser(request: HttpRequest) -> Browser:
    """Return who asks, as launches know them."""
    user = request.user
    return Browser(request.session.session_key or "", user if isinstance(user, User) else None)


@require_http_methods(["GET", "HEAD"])
def opened(request: HttpRequest, guid: str) -> HttpResponseBase:
    """Show a launch that was begun: the frame of the tool, or straight the form that leads there."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        launch = launching.begun(browser(request), guid, timezone.now())
    except Closed as why:
        return pages.closed(request, why)
    if launch.framed:
        return pages.frame(request, launch, way_back(launch))
    return pages.sending(request, launching.first_form(launch))


@require_http_methods(["GET", "HEAD"])
def first(request: HttpRequest, guid: str) -> HttpResponseBase:
    """Send the browser in the frame to the tool's login address."""
    try:
        launch = launching.begun(browser(request), guid, timezone.now())
    except Closed as why:
        return pages.closed(request, why)
    return pages.sending(request, launching.first_form(launch))


@csrf_exempt
@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponseBase:
    """Answer the tool's request: the browser brings the id_token, or an error, to its redirect address."""
    if (wait := limiting.still_waits(limiting.browser(request))) is not None:
        return _too_often(request, wait)
    told = request.POST if request.method == "POST" else request.GET
    try:
        form = launching.answer({name: told.getlist(name) for name in told}, browser(request), timezone.now())
    except Unanswerable as why:
        return _stranger(request, pages.closed(request, why, 400))
    answer = pages.sending(request, form)
    return _stranger(request, answer) if "error" in form.fields else answer


@csrf_exempt
@login_not_required
@sensitive_post_parameters()
@require_http_methods(["POST"])
def content(request: HttpRequest) -> HttpResponseBase:
    """Take what a tool gives back; the teacher goes on at an address of our own, with their session."""
    if (wait := limiting.still_waits(limiting.browser(request))) is not None:
        return _too_often(request, wait)
    try:
        launch = choosing.returned(request.POST.get("JWT", ""), timezone.now())
    except Refused as why:
        return _stranger(request, pages.closed(request, why, 400))
    except Closed as why:
        return pages.closed(request, why)
    answer = HttpResponseRedirect(reverse("lti_chosen", args=[launch.guid]))
    answer.status_code = 303
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def chosen(request: HttpRequest, guid: str) -> HttpResponseBase:
    """Show the teacher what was chosen, and make assignments of it when they say so.

    In a tool's frame, where the browser may send no cookie, the page leads out of the frame to itself.
    """
    here, framed = reverse("lti_chosen", args=[guid]), pages.is_framed(request)
    if framed or not request.user.is_authenticated:
        if "here" in request.GET and not framed:
            return redirect_to_login(here)
        return pages.words(request, _("One moment"), _("Your choice is being brought back."), leave=f"{here}?here=1")
    now = timezone.now()
    try:
        launch = choosing.chosen(browser(request), guid, now)
        if request.method == "POST":
            made = choosing.take(launch, now)
            messages.success(request, said(made))
            there = [launch.section_id, made[0].pk] if len(made) == 1 else [launch.section_id]
            return HttpResponseRedirect(reverse("teacher_assignment" if len(made) == 1 else "teacher_book", args=there))
        return choice(request, launch, now)
    except Closed as why:
        return pages.closed(request, why)


@login_not_required
@require_http_methods(["GET", "HEAD"])
def returned(request: HttpRequest, guid: str) -> HttpResponse:  # noqa: ARG001 - the launch is over by now
    """Say what a tool has to say when it is left: texts, nothing else."""
    told: Any = request.GET
    said = told.get("lti_errormsg") or told.get("lti_msg") or _("You have left the tool. You can close this page.")
    return pages.words(request, _("Back from the tool"), str(said)[:LONGEST])


def _stranger(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Return the answer to a browser that shows nothing of ours, unless its address has brought too many of those."""
    wait = limiting.one_more_stranger(limiting.browser(request))
    return answer if wait is None else _too_often(request, wait)


def _too_often(request: HttpRequest, wait: TooMany) -> HttpResponse:
    answer = pages.words(request, _("Too many at once"), _("Wait a moment, then open it again."), status=429)
    answer.headers["Retry-After"] = str(wait.seconds)
    return answer
