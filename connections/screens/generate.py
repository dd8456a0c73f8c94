"""Generate New OneRoster Connection: two answers from the vendor's guide, a name and a purpose."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from connections import catalogue, expiry, offers, published, services
from connections.forms import GenerateForm
from connections.models import VERSIONS, Application, Connection, SharingSettings
from connections.screens import enabling
from connections.screens.common import trail_of
from connections.screens.secrets import shown_once
from interop.admin.pages import page


@sensitive_variables("issued")
def generate(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask; on POST make the connection and its credentials and show them, this once.

    The secret is nowhere but in that one answer. Sending the form again makes no second connection: the name is taken.
    """
    application = get_object_or_404(Application, slug=slug)
    district = SharingSettings.load()
    form = GenerateForm(application, district, request.POST if request.method == "POST" else None)
    found = published.readiness(Connection(application=application, version=_version(form)))
    asked = enabling.blocks(found) and enabling.SEEN not in request.POST
    if request.method == "POST" and not asked:
        issued = _made(form, district, actor=request.user.get_username())
        if issued:
            return shown_once(request, issued, _("Connection made. Now hand it over."))
    opening = _("Two answers from your vendor’s setup guide.")
    if catalogue.entry_of(application):
        told = _("If you are not sure, keep what is chosen: %s says it supports it.") % application.name
        opening = f"{opening} {told}"
    return page(
        request,
        "connections/generate.html",
        _("Generate OneRoster connection"),
        opening=opening,
        trail=trail_of(application),
        application=application,
        form=form,
        caution=published.caution(),
        found=found,
        blocks=enabling.blocks(found),
        seen=enabling.SEEN,
        was_seen=enabling.SEEN in request.POST,
        unseen=asked and request.method == "POST",
    )


def _version(form: GenerateForm) -> int:
    """Return the version that is chosen so far."""
    chosen = str(form["version"].value())
    return next((number for number in VERSIONS if str(number) == chosen), max(VERSIONS))


@transaction.atomic
def _made(form: GenerateForm, district: SharingSettings, *, actor: str) -> services.Issued | None:
    """Make connection and credentials, or return None for a form with faults; one form of an application at a time."""
    Application.objects.select_for_update().get(pk=form.application.pk)
    if not form.is_valid():
        return None
    told = form.cleaned_data
    draft = Connection(application=form.application, version=told["version"], oauth=told["oauth"])
    shares = form.application.partner and offers.offers_function(draft, catalogue.Function.GRADEBOOK)
    choices = {
        "version": told["version"],
        "oauth": told["oauth"],
        "purpose": told["purpose"],
        "share_gradebook": shares,
        "expires_at": expiry.first_end(told["oauth"], district, timezone.now()),
    }
    connection = services.create_connection(form.application, actor=actor, name=told["name"], choices=choices)
    return services.add_credential(connection, actor=actor)
