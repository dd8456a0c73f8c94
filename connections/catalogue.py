"""The catalogue: the products a district can connect, what each can do, and what the district adds to it.

The portal's own part is catalogue.json beside this file. A district adds products of its own in the admin (entries.py),
told in the same form; an entry with the slug of one of ours replaces it. Partners are the products whose connections
are supported; an entry with `"partner": false` was one and is no more.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from connections.models import VERSIONS, Application, CatalogueEntry, Connection, SharingSettings

OWN = Path(__file__).with_name("catalogue.json")
Named = TypeVar("Named")
RESERVED = {"other", "new"}
LIKELY = 0.86
"""From this likeness on two spellings are one name."""


class Function(StrEnum):
    """What an application can do, in the order lozenges stand; each is the name of its switch in SharingSettings."""

    ROSTER = "roster_sync"
    GRADEBOOK = "gradebook_sync"
    ASSESSMENTS = "assessments_sync"
    TOOL = "learning_tool"
    SCORES = "score_passback"


TITLES = {
    Function.ROSTER: _("Roster sync"),
    Function.GRADEBOOK: _("Grade book sync"),
    Function.ASSESSMENTS: _("Assessments sync"),
    Function.TOOL: _("Learning tool"),
    Function.SCORES: _("Score passback"),
}
ONEROSTER = {
    "roster sync": Function.ROSTER,
    "grade book sync": Function.GRADEBOOK,
    "assessments sync": Function.ASSESSMENTS,
}
LTI = {"learning tool": Function.TOOL, "score passback": Function.SCORES}


class Malformed(Exception):
    """What is told of an entry makes none; the message says why."""


@dataclass(frozen=True)
class Offer:
    """What a product supports in one OneRoster version."""

    functions: frozenset[Function]
    oauth: tuple[int, ...]


@dataclass(frozen=True)
class Link:
    """A page of the vendor."""

    title: str
    url: str


@dataclass(frozen=True)
class Entry:
    """A product of the catalogue. `versions` maps 11 and 12 to what it supports; `needs` are kinds of data it asks."""

    slug: str
    name: str
    description: str
    partner: bool
    versions: Mapping[int, Offer]
    lti: frozenset[Function]
    needs: tuple[str, ...]
    contact: str
    links: tuple[Link, ...]
    logo: str
    """The static path of its drawing; blank: the first letter of its name."""

    @property
    def functions(self) -> tuple[Function, ...]:
        """Return all it can do, in the order of lozenges."""
        can = self.lti.union(*(offer.functions for offer in self.versions.values()))
        return tuple(function for function in Function if function in can)


@dataclass(frozen=True)
class Lozenge:
    """One function of an application: enabled, or only available; `off` when the district has switched it off."""

    function: Function
    enabled: bool
    off: bool

    @property
    def title(self) -> str:
        """Return its name."""
        return str(TITLES[self.function])


def entries() -> tuple[Entry, ...]:
    """Return every entry by name; what the district adds replaces ours of the same slug. One statement."""
    added = (parsed(each.told) for each in CatalogueEntry.objects.all())
    found = {entry.slug: entry for entry in (*own_entries(), *added)}
    return tuple(sorted(found.values(), key=lambda entry: entry.name.casefold()))


@cache
def own_entries() -> tuple[Entry, ...]:
    """Return the entries that come with the portal."""
    return tuple(_entry(row, drawn=True) for row in own_told().values())


@cache
def own_told() -> Mapping[str, dict[str, Any]]:
    """Return what our file tells of each entry, by slug."""
    return {row["slug"]: row for row in json.loads(OWN.read_text(encoding="utf-8"))}


def parsed(told: dict[str, Any]) -> Entry:
    """Return the entry the district tells of; one that replaces ours keeps its drawing. Raises Malformed."""
    try:
        return _entry(told, drawn=told.get("slug") in own_told())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"{_fault(error)}.") from error


def entry(slug: str) -> Entry | None:
    """Return the entry of this slug, None when there is none."""
    return next((each for each in entries() if each.slug == slug), None) if slug else None


def entry_of(application: Application) -> Entry | None:
    """Return the catalogue entry an application was added from, None when it is in no catalogue."""
    return entry(application.catalogue)


def likeness(name: str) -> Entry | None:
    """Return the one partner a name somebody typed must mean, tolerant of spelling; None when none or several."""
    return closest(name, {each.name: each for each in entries() if each.partner})


def closest(name: str, named: Mapping[str, Named]) -> Named | None:
    """Return what bears the name most like this one, None when nothing is like it or two are equally so.

    A name that holds all words of another, side by side, is like it: "Fernwood Reading (Lincoln HS)".
    """
    said = _plain(name)
    scores = sorted(((_score(said, _plain(other)), other) for other in named), reverse=True)
    if not scores or scores[0][0] < LIKELY or (len(scores) > 1 and scores[1][0] == scores[0][0]):
        return None
    return named[scores[0][1]]


def available(application: Application, found: Entry | None) -> tuple[Function, ...]:
    """Return what an application can do; nothing is said of one that is no partner."""
    if not application.partner:
        return ()
    return found.functions if found else tuple(ONEROSTER.values())


def lozenges(
    functions: Iterable[Function],
    connections: Iterable[Connection],
    switches: SharingSettings,
    tools: Collection[Function] = (),
) -> list[Lozenge]:
    """Return what an application's lozenges show, given its connections and what its learning tools do."""
    on = {function for connection in connections if connection.enabled for function in enabled_by(connection)}
    on |= set(tools)
    off = {function for function in Function if not getattr(switches, function)}
    return [Lozenge(function, function in on and function not in off, function in off) for function in functions]


def enabled_by(connection: Connection) -> set[Function]:
    """Return the functions a connection stands for; grade book and assessments always carry roster sync."""
    shared = {Function.ROSTER}
    if connection.share_gradebook:
        shared.add(Function.GRADEBOOK)
    if connection.share_assessments:
        shared.add(Function.ASSESSMENTS)
    return shared


def _entry(row: dict[str, Any], *, drawn: bool) -> Entry:
    """Return one entry; raises KeyError for what is missing and ValueError or TypeError for what is wrong."""
    numbers = {text: number for number, text in VERSIONS.items()}
    slug = str(row["slug"])
    if slug in RESERVED or not re.fullmatch(r"[a-z0-9-]{1,100}", slug):
        raise ValueError(f"{slug!r} is no slug")
    unknown = row.keys() - {"slug", "name", "description", "partner", "contact", "oneroster", "lti", "needs", "links"}
    if unknown:
        raise ValueError(f"{min(unknown)!r} is not known here")
    versions = {
        numbers[version]: Offer(
            frozenset(ONEROSTER[name] for name in said["functions"]) | {Function.ROSTER}, _oauth(said["oauth"])
        )
        for version, said in row["oneroster"].items()
    }
    if Function.ASSESSMENTS in getattr(versions.get(11), "functions", ()):
        raise ValueError("assessments need OneRoster 1.2")
    return Entry(
        slug=slug,
        name=" ".join(str(row["name"]).split()) or _missing("name"),
        description=str(row.get("description", "")),
        partner=bool(row.get("partner", True)),
        versions=versions,
        lti=frozenset(LTI[name] for name in row.get("lti", ())),
        needs=tuple(map(str, row.get("needs", ()))),
        contact=str(row.get("contact", "")),
        links=tuple(Link(str(link["title"]), _web(link["url"])) for link in row.get("links", ())),
        logo=f"connections/logos/{slug}.svg" if drawn else "",
    )


def _oauth(kinds: list[int]) -> tuple[int, ...]:
    if not kinds or set(kinds) - {1, 2}:
        raise ValueError("oauth is a list of 1 and 2")
    return tuple(sorted(set(kinds), reverse=True))


def _web(url: str) -> str:
    if not str(url).startswith("https://"):
        raise ValueError(f"{url!r} does not begin with https://")
    return str(url)


def _missing(name: str) -> str:
    raise KeyError(name)


def _fault(error: Exception) -> str:
    return f"{error} is missing or not known" if isinstance(error, KeyError) else str(error)


def _plain(name: str) -> str:
    """Return a name as compared: its words in small letters, without signs and what says nothing about the vendor."""
    words = re.findall(r"[^\W_]+", name.casefold())
    return " ".join(word for word in words if word not in {"inc", "llc", "the", "gmbh", "corp"})


def _score(said: str, other: str) -> float:
    if not said or not other:
        return 0.0
    if f" {other} " in f" {said} ":
        return 1.0
    ratio = SequenceMatcher(None, said.replace(" ", ""), other.replace(" ", "")).ratio()
    return round(ratio, 3)
