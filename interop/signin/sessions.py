"""How long a session lasts, how it goes on, and how all of a person's sessions end at once."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model, logout
from django.contrib.auth.middleware import get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

BEGAN, SEEN = "signed_in_at", "seen_at"
PRIVATE = "/account/"
NOTED_EVERY = 60
"""Seconds within which a further request is not written down."""


class SessionLimits:
    """Ends sessions that are too old, were idle too long, or are of somebody who may no longer come in.

    What was asked for is then asked by a stranger.

    Pages about signing in show keys and codes: no browser or proxy keeps them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            _hold(request, time.time())
        answer = self.get_response(request)
        if request.path_info.startswith(PRIVATE):
            answer.headers["Cache-Control"] = "no-store"
        return answer


def begin(request: HttpRequest) -> None:
    """Start the clocks of a session; called when somebody signs in."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def renew(request: HttpRequest) -> None:
    """Begin the time without a request anew; how old a session gets, nothing changes."""
    request.session[SEEN] = int(time.time())


def ends_in(request: HttpRequest) -> tuple[int, int]:
    """Return in how many seconds this session ends without a further request, and in how many whatever happens."""
    now = time.time()
    last = request.session.get(BEGAN, 0) + settings.SESSION_COOKIE_AGE - now
    idle = request.session.get(SEEN, 0) + settings.SESSION_IDLE - now
    return int(min(idle, last)), int(last)


def end_all(user_id: int) -> int:
    """End every session of this person and return how many there were.

    Sessions name their person only inside their data, so all that live are read; that is rare and they are few.
    """
    live = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    theirs = [each.pk for each in live if each.get_decoded().get(SESSION_KEY) == _as_kept(user_id)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


def _as_kept(user_id: int) -> str:
    return str(get_user_model()._meta.pk.value_to_string(get_user_model()(pk=user_id)))


def _hold(request: HttpRequest, now: float) -> None:
    session = request.session
    began, seen = session.get(BEGAN, 0), session.get(SEEN, 0)
    if now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE:
        logout(request)
    elif get_user(request).is_anonymous:
        session.flush()
    elif now - seen > NOTED_EVERY:
        session[SEEN] = int(now)
