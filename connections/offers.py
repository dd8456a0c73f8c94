"""What can be generated for an application: what its vendor supports, and what this portal and district allow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from connections import catalogue
from connections.models import VERSIONS, Application, Connection, SharingSettings

Pairs = Mapping[int, frozenset[int]]
ANY: Pairs = {12: frozenset({2}), 11: frozenset({1, 2})}
"""What standards allow a vendor whose product is in no catalogue: OAuth 1 belongs to 1.1."""


@dataclass(frozen=True)
class Choice:
    """One choice of the form that generates: its value, name, what it means, and a word of the vendor's."""

    value: int
    title: str
    means: str
    note: str = ""


@dataclass(frozen=True)
class Refusal:
    """What is not offered, and why."""

    title: str
    reason: str


@dataclass(frozen=True)
class Offer:
    """What the form that generates offers; `pairs` are the versions with the OAuth kinds that go with each."""

    versions: tuple[Choice, ...]
    oauth: tuple[Choice, ...]
    refusals: tuple[Refusal, ...]
    pairs: Mapping[int, frozenset[int]]


def offer(application: Application, district: SharingSettings) -> Offer:
    """Return what can be generated, the newest first. An unlisted vendor may use every version."""
    entry = catalogue.entry_of(application)
    supported = {version: frozenset(each.oauth) for version, each in entry.versions.items()} if entry else ANY
    allowed = {1, 2} if district.allow_oauth1 else {2}
    pairs = {version: kinds & allowed for version, kinds in supported.items() if kinds & allowed}
    note = _("%s supports this") % application.name if entry else ""
    kinds = frozenset().union(*pairs.values())
    return Offer(
        tuple(_version(number, note) for number in sorted(pairs, reverse=True)),
        tuple(_oauth(kind) for kind in sorted(kinds, reverse=True)),
        tuple(_refusals(application, supported, pairs, kinds)),
        pairs,
    )


def _version(number: int, note: str) -> Choice:
    means = {
        12: _("Limit by school. Assignments arrive with their category. Usernames are not required."),
        11: _("For vendors that have not moved yet. Everyone shared needs a username; teachers sort assignments."),
    }
    return Choice(number, f"OneRoster {VERSIONS[number]}", means[number], note)


def _oauth(kind: int) -> Choice:
    means = {
        2: _("The vendor asks for a token that lasts one hour. Two secrets work side by side while one is replaced."),
        1: _("Old and less secure. Ask the vendor for OAuth 2 first. Ends after a year."),
    }
    return Choice(kind, f"OAuth {kind}", means[kind])


def _refusals(application: Application, supported: Pairs, pairs: Pairs, kinds: frozenset[int]) -> Iterator[Refusal]:
    if 1 not in kinds:
        here = _("Off in this district. A security officer can allow it in Settings.")
        offered = any(1 in kinds for kinds in supported.values())
        yield Refusal("OAuth 1", here if offered else _("%s does not offer it.") % application.name)
    for number in sorted(VERSIONS, reverse=True):
        if number not in supported:
            yield Refusal(f"OneRoster {VERSIONS[number]}", _("%s does not offer it.") % application.name)
        elif number not in pairs:
            yield Refusal(f"OneRoster {VERSIONS[number]}", _("%s offers it with OAuth 1 only.") % application.name)


def offers_function(connection: Connection, function: catalogue.Function) -> bool:
    """Say whether the vendor supports the function in the connection's version; of an unlisted one nobody knows."""
    entry = catalogue.entry_of(connection.application) if connection.application else None
    if entry is None:
        return True
    version = entry.versions.get(connection.version)
    return version is not None and function in version.functions


@dataclass(frozen=True)
class Switch:
    """One row of *Data to share*. `locked` says why it cannot be changed; `never`, that it cannot be shared
    at all; `counted` are the records its number is of.
    """

    field: str
    title: str
    means: str
    locked: str = ""
    counted: str = ""
    never: bool = False
    sensitive: bool = False


def switches(connection: Connection, district: SharingSettings, *, officer: bool) -> tuple[Switch, ...]:
    """Return what this connection can share, in the order of the page."""
    only_two = "" if connection.oauth == 2 else _("OAuth 2 only.")
    return (
        _writing(
            connection, district, "share_gradebook", catalogue.Function.GRADEBOOK, _("Grade book"),
            _("The vendor sends assignments and scores, and reads categories and grading tasks. Roster is part of it."),
        ),
        _writing(
            connection, district, "share_assessments", catalogue.Function.ASSESSMENTS, _("Assessments"),
            _("The vendor sends tests and test scores. Roster is part of it."),
        ),
        _mirroring(connection, district),
        Switch(
            "share_demographics",
            _("Demographics"),
            _("Birth date, sex, race and ethnicity, birthplace."),
            only_two or ("" if officer else _("Only a security officer can change this.")),
            _("students"),
            never=bool(only_two),
            sensitive=True,
        ),
        Switch(
            "share_guardians",
            _("Guardians"),
            _("Parents and guardians with portal access, and whose they are."),
            counted=_("people"),
        ),
        Switch("share_relatives", _("Relatives"), _("Other relatives with portal access."), counted=_("people")),
    )  # fmt: skip


def _mirroring(connection: Connection, district: SharingSettings) -> Switch:
    """Return the switch beside assessments, for vendors that read only line items and results; it needs those."""
    title = _("Also list assessments as line items")
    means = _(
        "Assessments that name a class are read in lineItems and results too, in the category Assessments."
        " Have the vendor read everything anew after a change."
    )
    beside = _writing(connection, district, "share_assessments", catalogue.Function.ASSESSMENTS, title, means)
    return replace(beside, field="assessments_as_line_items", counted="")


def _writing(
    connection: Connection, district: SharingSettings, field: str, function: catalogue.Function, title: str, means: str
) -> Switch:
    """Return the switch of a function by which the vendor sends data."""
    vendor, never = vendor_of(connection), ""
    if not connection.partner:
        never = _("Partners only. %s is not a partner.") % vendor
    elif function is catalogue.Function.ASSESSMENTS and connection.version != 12:
        never = _("OneRoster 1.2 only.")
    locked = never
    if not locked and not getattr(district, function):
        locked = _("Switched off for the whole district in Settings.")
    elif not locked and not getattr(connection, field) and not offers_function(connection, function):
        told = {"vendor": vendor, "function": catalogue.TITLES[function].lower()}
        locked = _("%(vendor)s does not offer %(function)s.") % told
    return Switch(field, title, means, locked, _("classes"), never=bool(never))


def vendor_of(connection: Connection) -> str:
    """Return what the vendor is called: its application's name, or the connection's while nobody knows it."""
    return connection.application.name if connection.application else connection.name
