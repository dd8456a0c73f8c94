"""Who somebody is here, and what they chose for themselves: the language, and mail."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gradebook.family import choosing
from gradebook.family.access import Family
from gradebook.pages.home.guard import show
from roster.signin import codes, people


def about(request: HttpRequest, family: Family) -> HttpResponse:
    """Greet somebody who is nobody's family with what the district knows them as."""
    title = _("Hello, %s") % (family.person.preferred_given_name or family.person.given_name)
    return show(request, family, "gradebook/home/settings.html", title, **_known(family))


def settings(request: HttpRequest, family: Family) -> HttpResponse:
    """Show and save what somebody chose."""
    if request.method == "POST":
        grades, missing = (bool(request.POST.get(name)) for name in ("mail_grades", "mail_missing"))
        if choosing.save(family, grades=grades, missing=missing):
            messages.success(request, _("Saved."))
        return redirect("home_settings")
    return show(request, family, "gradebook/home/settings.html", _("Settings"), **_known(family))


def _known(family: Family) -> dict[str, Any]:
    return {
        "name": codes.name_of(family.person),
        "parts": people.parts(family.person, family.now),
        "choice": choosing.choice(family.person),
        "mail": choosing.offer(family),
    }
