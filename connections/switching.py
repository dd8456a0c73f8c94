"""When an application becomes a partner, or stops being one: a replacement connection, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from connections import catalogue
from connections.catalogue import Entry
from connections.models import Application
from connections.overview import Line
from connections.services.adding import JOINED, last_switch


@dataclass(frozen=True)
class Step:
    """One step: what to do, whether it is done, and what is known about it."""

    title: str
    done: bool
    note: str = ""


@dataclass(frozen=True)
class Replacement:
    """A switch on its way: the connections made before it are to be replaced by those made since."""

    joined: bool
    old: Sequence[Line]
    new: Sequence[Line]

    @property
    def steps(self) -> list[Step]:
        """Return the four steps of the replacement; they fill themselves."""
        newest = self.new[-1] if self.new else None
        used = bool(newest and newest.facts.last_used_at)
        called = bool(newest and newest.facts.use.last_call_at)
        names = ", ".join(line.connection.name for line in self.old)
        return [
            Step(
                _("Make the new connection beside the old one"), bool(newest), newest.connection.name if newest else ""
            ),
            Step(_("Give its credentials to the vendor"), used, _("Done when the vendor signs in with them.")),
            Step(_("See its first successful call"), called, newest.state.reason if newest else ""),
            Step(_("Disable the old connection"), not self.old, names),
        ]


def replacement(application: Application, lines: Sequence[Line]) -> Replacement | None:
    """Return the replacement that is not finished: a connection made before the last switch is still enabled."""
    event = last_switch(application)
    if event is None:
        return None
    old = [line for line in lines if line.connection.enabled and line.connection.created_at < event.at]
    new = [line for line in lines if line.connection.enabled and line.connection.created_at >= event.at]
    return Replacement(event.act == JOINED, old, new) if old else None


def has_joined(application: Application) -> Entry | None:
    """Return the partner's entry the catalogue has for an application that is connected as an unlisted one."""
    if application.partner:
        return None
    found = catalogue.entry_of(application) or catalogue.likeness(application.name)
    taken = Application.objects.exclude(pk=application.pk).filter(catalogue=found.slug) if found else None
    return found if found and found.partner and not (taken is not None and taken.exists()) else None


def has_left(application: Application) -> bool:
    """Say whether the catalogue counts a partner among its partners no more."""
    if not application.partner or not application.catalogue:
        return False
    found = catalogue.entry_of(application)
    return found is None or not found.partner
