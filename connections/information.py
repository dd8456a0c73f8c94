"""What the district gives a vendor to connect with, under the names vendors know it by."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _
from oauth2_provider.settings import oauth2_settings

from connections import guessing
from connections.models import VERSIONS, Connection, SharingSettings
from connections.oauth2 import token_url
from connections.signatures import WINDOW
from interop.dates import count_words
from interop.oneroster.docs import listed
from interop.oneroster.resource import V1P1

PATHS = {11: "/ims/oneroster/v1p1", 12: "/ims/oneroster"}


@dataclass(frozen=True)
class Value:
    """One value to copy; `also` is what vendors call it too."""

    key: str
    label: str
    also: str
    text: str = field(repr=False)


def limits_of(connection: Connection) -> tuple[int, int, int]:
    """Return the limits that hold for a connection: requests at a stretch, a second after that, and at once."""
    district = SharingSettings.load()
    bucket, refill, at_once = (
        given if own is None else own
        for own, given in (
            (connection.bucket, district.bucket), (connection.refill, district.refill),
            (connection.at_once, district.at_once),
        )
    )  # fmt: skip
    return bucket, refill, at_once


def base_url(version: int) -> str:
    """Return the address a vendor of this OneRoster version is given."""
    return settings.PUBLIC_URL + PATHS[version]


def values(connection: Connection, *, client_id: str = "", secret: str = "") -> list[Value]:
    """Return what this connection's vendor needs, without what is not given."""
    base = Value("base-url", _("Base URL"), _("also called source URL, host or endpoint"), base_url(connection.version))
    if connection.oauth == 1:
        every = [
            Value("consumer-key", _("Consumer Key"), _("also called API key or client ID"), client_id),
            Value("consumer-secret", _("Consumer Secret"), _("also called API secret or shared secret"), secret),
            base,
        ]
    else:
        every = [
            Value("client-id", _("Client ID"), _("also called API key, consumer key or username"), client_id),
            Value("client-secret", _("Client Secret"), _("also called API secret, shared secret or password"), secret),
            Value("token-url", _("Token URL"), _("also called token endpoint or authorization URL"), token_url()),
            base,
        ]
    return [value for value in every if value.text]


def as_text(told: Sequence[Value]) -> str:
    """Return all of it as lines to paste."""
    return "\n".join(f"{value.label}: {value.text}" for value in told)


@dataclass(frozen=True)
class Documentation:
    """One service's documentation: its name, where it is read, and the service's own address."""

    title: str
    anchor: str
    url: str


def documentation(connection: Connection) -> list[Documentation]:
    """Return the documentation of the services this connection's version has."""
    names = {"rostering": _("Rostering"), "resources": _("Resources"), "gradebook": _("Grade book")}
    mine = [each for each in listed() if (each.version == V1P1) == (connection.version == 11)]
    number = VERSIONS[connection.version]
    return [
        Documentation(
            str(_("OneRoster %s") % number if each.version == V1P1 else f"{names[each.service]} {number}"),
            each.slug,
            settings.PUBLIC_URL + each.base,
        )
        for each in mine
    ]


def _requests(connection: Connection) -> str:
    """Return how many the connection may send."""
    bucket, refill, at_once = limits_of(connection)
    often = _("%(bucket)s at a stretch, then %(refill)s a second") % {
        "bucket": count_words(bucket), "refill": count_words(refill),
    }  # fmt: skip
    return "; ".join(
        [
            often if bucket else _("as many as you like"),
            _("%d at once") % at_once if at_once else _("as many at once as you like"),
            _("on 429, wait as Retry-After says"),
        ]
    )


def limits(connection: Connection) -> list[tuple[str, str]]:
    """Return what a vendor's program must know to be a good guest, each with its figure."""
    if connection.oauth == 1:
        signed = _("for one call, and %d minutes around its timestamp") % (WINDOW // 60)
        first = (_("A signature holds"), signed)
    else:
        minutes = int(oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS) // 60
        first = (_("A token lives"), _("%d minutes; ask for another when it ends, not for every call") % minutes)
    return [
        first,
        (_("Requests"), _requests(connection)),
        (_("Records on a page"), _("100, or what you ask for with limit; large answers are streamed")),
        (
            _("Wrong credentials"),
            _("after %d attempts a minute from one address you wait a minute") % guessing.PAIR_LIMIT,
        ),
        (_("Changes only"), _("filter by dateLastModified with the time of your last visit")),
    ]
