"""Edit OneRoster Connection: the whole connection on one page, saved at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from connections import expiry, information, offers, published, rights, schools, services
from connections.advice import advice_for
from connections.forms import ConnectionForm
from connections.models import Connection, Credential, SharingSettings
from connections.screens.common import back_to, caution, connection_or_404, kind_of, require, trail_of
from connections.screens.enabling import unasked
from connections.state import facts_of, state_of
from connections.steps import steps
from interop.admin.pages import page
from interop.dates import clock, day_words, near_day_words


@dataclass(frozen=True)
class Shared:
    """One row of *Data to Share*: the switch, its box, and how much it stands for today."""

    switch: offers.Switch
    box: BoundField
    number: int | None


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the connection; on POST save what was chosen, all of it or nothing."""
    connection = connection_or_404(pk)
    person = rights.person_of(request)
    district = SharingSettings.load()
    switches = offers.switches(connection, district, officer=rights.may_share_demographics(person))
    choices = schools.choices(connection)
    data = request.POST if request.method == "POST" else None
    form = ConnectionForm(connection, switches=switches, schools=choices, person=person, data=data)
    if request.method == "POST" and form.is_valid() and (answer := _saved(request, connection, form)):
        return answer
    return _page(request, connection, form, person, district, switches, choices)


def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the connection live until one year from today."""
    connection = connection_or_404(pk)
    require(rights.may_change(rights.person_of(request)))
    if request.method == "POST" and expiry.can_renew(connection, SharingSettings.load()):
        until = expiry.year_from(timezone.now())
        services.renew(connection, actor=request.user.get_username(), until=until)
        messages.success(
            request, _("Renewed to %s. The key and secret stay the same.") % day_words(until, timezone.now())
        )
    return back_to(connection, "expiration")


def _saved(request: HttpRequest, connection: Connection, form: ConnectionForm) -> HttpResponse | None:
    """Save; None when it cannot be, with the reason on the form. Before a vendor is let in, Readiness is asked."""
    if form.cleaned_data["enabled"] and not connection.enabled and (question := unasked(request, connection)):
        return question
    try:
        after = services.edit_connection(
            connection,
            form.changes(),
            actor=request.user.get_username(),
            schools=form.chosen_schools(),
            revision=form.cleaned_data["revision"],
        )
    except services.Conflict as conflict:
        form.add_error(None, _conflict(conflict))
        return None
    except ValidationError as error:
        form.add_error(None, error)
        return None
    if form.wants_demographics():
        return redirect("admin:share_demographics", connection.pk)
    messages.success(request, _effect(connection, after))
    if after.enabled and not connection.enabled:
        caution(request)
    return back_to(connection)


def _effect(before: Connection, after: Connection) -> str:
    if before.revision == after.revision:
        return _("Nothing was changed.")
    if before.enabled and not after.enabled:
        return _("Connection disabled. The vendor’s next request is refused.")
    if after.enabled and not before.enabled:
        return _("Connection enabled. The vendor’s next request is answered.")
    return _("Saved. It holds from the vendor’s next request on.")


def _conflict(conflict: services.Conflict) -> str:
    when = _(" at %s") % clock(conflict.at) if conflict.at else ""
    return _("Not saved. Somebody else changed this connection%s.") % when


def _page(
    request: HttpRequest,
    connection: Connection,
    form: ConnectionForm,
    person: rights.Person,
    district: SharingSettings,
    switches: Sequence[offers.Switch],
    choices: Sequence[schools.Choice],
) -> HttpResponse:
    now = timezone.now()
    numbers = published.counts(connection)
    living = list(connection.credentials.live())
    newest = living[-1] if living else None
    values = information.values(connection, client_id=newest.client_id if newest else "")
    state = state_of(facts_of([connection], now)[connection.pk], now)
    return page(
        request,
        "connections/connection.html",
        connection.name,
        trail=trail_of(connection.application),
        connection=connection,
        vendor=offers.vendor_of(connection),
        kind=kind_of(connection),
        state=state,
        todo=advice_for(connection, state),
        form=form,
        shared=[Shared(each, form[each.field], numbers.get(each.field)) for each in switches],
        people=numbers.get("roster"),
        district=district,
        caution="" if connection.enabled else published.caution(),
        found=() if connection.enabled else published.readiness(connection),
        may_change=rights.may_change(person),
        officer=person.is_officer,
        secrets_allowed=rights.may_handle_secrets(person, connection),
        asked=connection.approvals.filter(switch="share_demographics").first(),
        steps=steps(connection, living, published=numbers.get("roster", 0)),
        values=values,
        all_values=information.as_text(values),
        documentation=information.documentation(connection),
        **_schools(form, choices),
        **_expiration(connection, district),
        **_secrets(connection, living),
    )


def _schools(form: ConnectionForm, choices: Sequence[schools.Choice]) -> dict[str, Any]:
    picked = {str(pk) for pk in form["schools"].value() or ()}
    rows = [{"school": school, "chosen": str(school.pk) in picked} for school in choices]
    return {
        "schools": rows,
        "chosen": sum(1 for row in rows if row["chosen"]),
        "school_kinds": schools.counted(choices),
        "only_chosen": form["which_schools"].value() == "chosen",
    }


def _expiration(connection: Connection, district: SharingSettings) -> dict[str, Any]:
    now = timezone.now()
    return {
        "can_renew": expiry.can_renew(connection, district),
        "renew_to": day_words(expiry.year_from(now), now),
        "ended": connection.expires_at is not None and connection.expires_at <= now,
        "ends": near_day_words(connection.expires_at, now) if connection.expires_at else "",
    }


def _secrets(connection: Connection, living: Sequence[Credential]) -> dict[str, Any]:
    links = services.links_of(connection)
    now = timezone.now()
    return {
        "living": list(reversed(living)),
        "two": len(living) >= services.LIVE_AT_MOST,
        "advice": _advice(living),
        "waiting_link": next((link for link in links if link.sealed is not None and link.expires_at > now), None),
        "opened_link": next((link for link in links if link.opened_at), None),
    }


def _advice(living: Sequence[Credential]) -> str:
    """Return what to do about two secrets that both work; nothing for one."""
    if len(living) < services.LIVE_AT_MOST:
        return ""
    old, new = living[0], living[-1]
    if new.last_used_at is None:
        return _("Both work. The vendor has not used the new one yet, so leave the old one.")
    if old.last_used_at is None or new.last_used_at > old.last_used_at:
        return _("Both work. The vendor last used the new one, so the old one can go.")
    return _("Both work. The vendor last used the old one: some of its programs may not know the new one.")
