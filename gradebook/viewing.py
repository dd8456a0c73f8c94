"""Looking at the portal as a person of the roster: a member of the data office sees what a teacher or parent sees.

What is looked at stands in the session: whose pages, and until when. It ends by itself after half an hour, with the
session, or when the office says so; nothing can be changed meanwhile, and beginning and end stand in the audit trail.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from interop import audit
from interop.admin.roles import EDITORS, roles_of
from interop.signin import secondstep
from roster.models import Person
from roster.signin import accounts

LASTS = dt.timedelta(minutes=30)
KEY = "viewing_as"
WHO = EDITORS
"""Who may: the roles that see student data."""


class TimeOver(Exception):
    """The half hour is over; the person whose pages were looked at is `person`."""

    def __init__(self, person: int) -> None:
        super().__init__()
        self.person = person


@dataclass(frozen=True)
class Visitor:
    """Whose pages are shown. `viewed_by` names who of the office looks at them, until `until`; blank: only they do."""

    person: Person
    viewed_by: str = ""
    until: dt.datetime | None = None

    @property
    def name(self) -> str:
        """Their name as they use it."""
        given = self.person.preferred_given_name or self.person.given_name
        return f"{given} {self.person.preferred_family_name or self.person.family_name}"


def visitor(request: HttpRequest, now: dt.datetime) -> Visitor | None:
    """Return whose pages this request is shown; None for a user who is nobody of the roster. Raises TimeOver."""
    kept = request.session.get(KEY)
    if kept and _may_view(request):
        until = dt.datetime.fromisoformat(kept["until"])
        person = Person.objects.filter(pk=kept["person"]).first()
        if person and now < until:
            return Visitor(person, request.user.get_username(), until)
        end(request, "after half an hour")
        raise TimeOver(kept["person"])
    person = accounts.person_of(request.user.pk)
    return Visitor(person) if person else None


def begin(request: HttpRequest, person: Person, now: dt.datetime) -> None:
    """Show this person's pages from now on; what was looked at before ends."""
    end(request, "another person chosen")
    until = now + LASTS
    request.session[KEY] = {"person": person.pk, "until": until.isoformat()}
    _note(request.user.get_username(), "began to view as this person", person, {"until": until})


def end(request: HttpRequest, reason: str = "stopped") -> Person | None:
    """Show everybody their own pages again; return whose were looked at, None when nobody's were."""
    kept = request.session.pop(KEY, None)
    person = Person.objects.filter(pk=kept["person"]).first() if kept else None
    if person:
        _note(request.user.get_username(), "stopped viewing as this person", person, {"reason": reason})
    return person


def signed_out(request: HttpRequest, user: User | None, **_told: Any) -> None:
    """Note the end when the session ends; a receiver of Django's signal, which comes before the session is gone."""
    if user is not None and KEY in request.session:
        kept = request.session.pop(KEY)
        if person := Person.objects.filter(pk=kept["person"]).first():
            _note(user.get_username(), "stopped viewing as this person", person, {"reason": "signed out"})


def _may_view(request: HttpRequest) -> bool:
    return bool(roles_of(request.user) & WHO) and not secondstep.is_missing(request)


def _note(actor: str, act: str, person: Person, facts: dict[str, Any]) -> None:
    audit.record(actor, act, person, after={**facts, "at": timezone.now()})
