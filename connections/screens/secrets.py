"""Secrets: shown once, replaced with an overlap, ended."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from connections import information, rights, services
from connections.forms import NewSecretForm
from connections.models import Connection, Credential
from connections.screens.common import back_to, confirm, connection_or_404, kind_of, require, trail_to
from interop.admin.pages import page

TWO_ALREADY = gettext_lazy("Two secrets work already. End one of them before you generate another.")


@sensitive_variables("issued", "values")
def shown_once(request: HttpRequest, issued: services.Issued, title: str, *, link: str = "") -> HttpResponse:
    """Show credentials in the answer to the POST that made them; neither the session nor any table holds the secret."""
    connection = issued.credential.connection
    values = information.values(connection, client_id=issued.credential.client_id, secret=issued.secret)
    return page(
        request,
        "connections/secret.html",
        title,
        opening=f"{connection.name} · {kind_of(connection)}",
        trail=trail_to(connection),
        connection=connection,
        issued=issued,
        values=values,
        all_values=information.as_text(values),
        link=link,
    )


@sensitive_variables("issued")
def new_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask how long the old secret shall work beside the new one; on POST make the new one and show it, this once."""
    connection = connection_or_404(pk)
    require(rights.may_handle_secrets(rights.person_of(request), connection))
    living = list(connection.credentials.live())
    if len(living) >= services.LIVE_AT_MOST:
        messages.error(request, TWO_ALREADY)
        return back_to(connection, "secrets")
    form = NewSecretForm(connection, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if (issued := _replaced(connection, form, actor=request.user.get_username())) is not None:
            return shown_once(request, issued, _("New credentials. Now hand them over."))
        messages.error(request, _("New credentials were made from this page already. They are shown once."))
        return back_to(connection, "secrets")
    return page(
        request,
        "connections/secret_new.html",
        _("Generate new secret"),
        trail=trail_to(connection),
        connection=connection,
        form=form,
        living=living,
    )


def _replaced(connection: Connection, form: NewSecretForm, *, actor: str) -> services.Issued | None:
    """Make the new secret; None when the connection changed since the form was shown, as by the same form before."""
    until = timezone.now() + dt.timedelta(days=form.cleaned_data["days"])
    try:
        return services.rotate(connection, actor=actor, old_until=until, revision=form.cleaned_data["revision"])
    except (services.Conflict, services.TooManyCredentials):
        return None


def end(request: HttpRequest, pk: int, credential: int) -> HttpResponse:
    """Ask, then end one secret and every token made with it."""
    connection = connection_or_404(pk)
    require(rights.may_handle_secrets(rights.person_of(request), connection))
    ending = get_object_or_404(Credential, pk=credential, connection=connection)
    if request.method == "POST":
        services.revoke(ending, actor=request.user.get_username())
        messages.success(request, _("Secret …%s ended. Whoever still uses it is refused.") % ending.secret_tail)
        return back_to(connection, "secrets")
    others = connection.credentials.live().exclude(pk=ending.pk).exists()
    stays = (
        _("The other secret keeps working.") if others else _("It is the only one: the vendor cannot call any more.")
    )
    return confirm(
        request,
        connection,
        _("End the secret …%s now?") % ending.secret_tail,
        consequence=_("Whoever still uses it is refused from the next request. This cannot be undone."),
        points=[_("Tokens made with it stop working too."), stays],
        keep=_("Keep secret"),
        act=_("End secret"),
        final=True,
    )
