"""The one-time link: made and withdrawn by the office, opened by the vendor."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from connections import guessing, information, published, rights, services
from connections.models import Credential, HandOver
from connections.offers import vendor_of
from connections.screens.common import back_to, connection_or_404, kind_of, require
from connections.screens.secrets import shown_once
from interop.admin.site import DISTRICT_NAME

GUESSER = "hand-over"
"""Under this name attempts to open links that do not exist are counted."""


@sensitive_post_parameters("secret")
@sensitive_variables("secret", "token")
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link from the page that shows the secret: the page sends it along, because the portal does not have it."""
    connection = connection_or_404(pk)
    require(rights.may_handle_secrets(rights.person_of(request), connection))
    if request.method != "POST":
        return back_to(connection)
    secret = request.POST.get("secret", "")
    credential = get_object_or_404(Credential, connection=connection, client_id=request.POST.get("client_id", ""))
    credential.connection = connection
    try:
        token = services.hand_over(credential, secret, actor=request.user.get_username(), now=timezone.now())
    except ValueError:
        messages.error(
            request, _("The secret is gone. Generate a new one, and make the link from the page that shows it.")
        )
        return back_to(connection, "secrets")
    link = settings.PUBLIC_URL + reverse("hand_over", args=[token])
    return shown_once(request, services.Issued(credential, secret), _("The link is made. Now send it."), link=link)


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase what waits behind links that nobody opened."""
    connection = connection_or_404(pk)
    require(rights.may_handle_secrets(rights.person_of(request), connection))
    if request.method == "POST":
        ended = services.withdraw(connection, actor=request.user.get_username())
        said = ngettext(
            "%d link withdrawn. It shows nothing any more.", "%d links withdrawn. They show nothing any more.", ended
        )
        messages.success(request, said % ended)
    return back_to(connection, "information")


@csrf_exempt  # the address itself is the secret; without a referrer browsers send no origin to compare
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def visit(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the vendor first, so that previews of mails and chats open nothing; on POST show the credentials, once.

    A link that is unknown, used, withdrawn or too old answers in one and the same way.
    """
    address, now = request.META.get("REMOTE_ADDR", ""), timezone.now()
    if request.method == "POST":
        opened = services.open_hand_over(token, address=address, now=now)
        answer = _credentials(request, opened) if opened else _nothing(request, address)
    else:
        found = services.waiting(token, now=now)
        answer = _waits(request, found) if found else _nothing(request, address)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _waits(request: HttpRequest, found: HandOver) -> HttpResponse:
    return _page(request, "ask", connection=found.credential.connection, expires_at=found.expires_at)


@sensitive_variables("opened", "values")
def _credentials(request: HttpRequest, opened: services.Opened) -> HttpResponse:
    connection = opened.credential.connection
    values = information.values(connection, client_id=opened.credential.client_id, secret=opened.secret)
    return _page(
        request,
        "credentials",
        connection=connection,
        kind=kind_of(connection),
        vendor=vendor_of(connection),
        values=values,
        all_values=information.as_text(values),
        documentation=information.documentation(connection),
        limits=information.limits(connection),
        groups=published.groups(),
        refreshed=published.refreshed(),
    )


@transaction.atomic
def _nothing(request: HttpRequest, address: str) -> HttpResponse:
    """Answer a visit to no link; after a few a minute from one address only with how long to wait."""
    attempt = guessing.Attempt(GUESSER, address)
    if (wait := guessing.wait_for(attempt)) is not None:
        answer = _page(request, "wait", status=HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(wait)
        return answer
    guessing.failed(attempt)
    return _page(request, "nothing", status=HTTPStatus.NOT_FOUND)


def _page(request: HttpRequest, state: str, *, status: int = HTTPStatus.OK, **told: Any) -> HttpResponse:
    titles = {
        "ask": _("Credentials are waiting for you"),
        "credentials": _("Your credentials"),
        "nothing": _("This link shows nothing"),
        "wait": _("Too many attempts"),
    }
    frame = {"state": state, "title": titles[state], "district_name": import_string(DISTRICT_NAME)()}
    return render(request, "connections/hand_over.html", {**frame, **told}, status=status)
