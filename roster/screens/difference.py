"""Before you save: what a pending change of a connection would change for its vendor."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections import offers, rights, schools
from connections.forms import CHOSEN, ConnectionForm
from connections.grants import Grant, grant_of, with_changes
from connections.models import Connection, SharingSettings
from connections.screens.common import back_to, connection_or_404, trail_to
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of
from roster.difference import Pair, difference
from roster.models import School
from roster.reading.finding import names_of
from roster.screens.documents import compared, document, references

SWITCHES = {
    "share_demographics": "demographics",
    "share_guardians": "guardians",
    "share_relatives": "relatives",
    "use_secondary_email": "secondary_email",
}
"""Fields of Connection, and what each is called in a Grant."""
EVERY = "all"


def vendor_difference(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the difference the query parameters stand for; a form of the edit page becomes such an address."""
    connection = connection_or_404(pk)
    now = grant_of(connection)
    if request.method == "POST":
        return _address(request, connection, now)
    changes = dict(_pending(request.GET, now))
    told = difference(now, with_changes(now, **changes))
    return page(
        request,
        "roster/difference.html",
        _("Before you save: what changes for %s") % offers.vendor_of(connection),
        opening=_in_words(now, changes),
        trail=trail_to(connection),
        connection=connection,
        difference=told,
        demographics=changes.get("demographics"),
        **_sample(request, now, with_changes(now, **changes), told.samples),
    )


def _pending(given: QueryDict, now: Grant) -> Iterator[tuple[str, Any]]:
    """Yield the fields of the grant that the parameters change; what is not named stays."""
    for name, field in SWITCHES.items():
        if name in given and (wanted := given[name] in ("1", "on", "true")) != getattr(now, field):
            yield field, wanted
    if "schools" in given:
        wanted_schools = None if given["schools"] == EVERY else _known(str(given["schools"]))
        if wanted_schools != now.schools:
            yield "schools", wanted_schools


def _known(numbers: str) -> frozenset[int]:
    wanted = [
        int(number) for number in numbers.split(",") if number.isascii() and number.isdigit() and len(number) < 19
    ]
    return frozenset(School.objects.filter(pk__in=wanted).values_list("pk", flat=True))


def _address(request: HttpRequest, connection: Connection, now: Grant) -> HttpResponse:
    """Lead to the address that stands for the form as it was filled in."""
    person = rights.person_of(request)
    switches = offers.switches(connection, SharingSettings.load(), officer=rights.may_share_demographics(person))
    form = ConnectionForm(
        connection, switches=switches, schools=schools.choices(connection), person=person, data=request.POST
    )
    form.is_valid()
    if "schools" in form.errors:
        messages.error(request, _("Choose at least one school, or All schools."))
        return back_to(connection, "schools")
    chosen = form.cleaned_data
    asked: dict[str, int | str] = {
        name: int(chosen[name]) for name, field in SWITCHES.items() if chosen[name] != getattr(now, field)
    }
    wanted = frozenset(chosen["schools"]) if chosen["which_schools"] == CHOSEN else None
    if wanted != now.schools:
        asked["schools"] = EVERY if wanted is None else ",".join(map(str, sorted(wanted)))
    return redirect(f"{reverse('admin:vendor_difference', args=[connection.pk])}?{urlencode(asked)}")


def _in_words(now: Grant, changes: Mapping[str, Any]) -> str:
    """Return the pending changes as one sentence."""
    if not changes:
        return _("Nothing would change: what you chose is what is saved.")
    titles = {
        "demographics": _("demographics"), "guardians": _("guardians"), "relatives": _("relatives"),
        "secondary_email": _("secondary email"),
    }  # fmt: skip
    parts = [
        (_("%s on") if changes[field] else _("%s off")) % title for field, title in titles.items() if field in changes
    ]
    if "schools" in changes:
        parts.extend(_schools_in_words(now.schools, changes["schools"]))
    return _("If you save: %s.") % ", ".join(parts)


def _schools_in_words(before: frozenset[int] | None, then: frozenset[int] | None) -> Iterator[str]:
    if then is None:
        yield _("all schools")
    elif before is None:
        yield ngettext("only %d school", "only %d schools", len(then)) % len(then)
    else:
        names = dict(School.objects.filter(pk__in=before ^ then).values_list("pk", "name"))
        for moved, one, several in (
            (then - before, _("%s added"), ngettext("%d school added", "%d schools added", len(then - before))),
            (before - then, _("%s taken away"),
             ngettext("%d school taken away", "%d schools taken away", len(before - then))),
        ):  # fmt: skip
            if len(moved) == 1:
                yield one % names.get(min(moved), "")
            elif moved:
                yield several % len(moved)


def _sample(request: HttpRequest, now: Grant, after: Grant, samples: Any) -> dict[str, Any]:
    """Return one of the records, before and after, for those who may see records."""
    if not samples or not roles_of(request.user) & EDITORS:
        return {}
    asked = request.GET.get("record", "")
    at = min(int(asked), len(samples)) if asked.isascii() and asked.isdigit() and len(asked) < 6 and int(asked) else 1
    pair: Pair = samples[at - 1]
    one = pair.after or pair.now
    before, then = (document(side) if side else {} for side in (pair.now, pair.after))
    own = (one.row.object, one.row.sourced_id) if one else ("", "")
    wanted = [own, *references(before), *references(then)]
    names = names_of(now, wanted) | names_of(after, wanted)
    return {
        "pair": pair, "name": names.get(own, own[1]), "kind": own[0], "fields": compared(before, then, names),
        "at": at, "of": len(samples), "previous": _step(request, at - 1), "next": _step(request, at + 1),
    }  # fmt: skip


def _step(request: HttpRequest, at: int) -> str:
    parameters = request.GET.copy()
    parameters["record"] = str(at)
    return f"?{parameters.urlencode()}#one-record"
