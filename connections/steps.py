"""The five steps from a vendor's wish to its first call, filled in where the portal knows."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from connections.models import Connection, Credential
from connections.offers import vendor_of


@dataclass(frozen=True)
class Step:
    """One step: what it is, whether it is done, and what is known or to be done."""

    title: str
    told: str
    done: bool


def steps(connection: Connection, credentials: list[Credential], *, published: int) -> list[Step]:
    """Return the steps in their order. `credentials` are the living ones, `published` the people it would get."""
    return [
        _vendor(connection),
        _facts(connection),
        _data(published),
        _configured(connection, credentials),
        _handed_over(credentials),
    ]


def _vendor(connection: Connection) -> Step:
    vendor = vendor_of(connection)
    if connection.partner:
        return _done(_("Verify the vendor"), _("%s is a partner: its connections are supported.") % vendor)
    return _ahead(
        _("Verify the vendor"),
        _("%s is not a partner. Ask whether it follows OneRoster, and help each other if something fails.") % vendor,
    )


def _facts(connection: Connection) -> Step:
    title = _("Gather information")
    if connection.purpose:
        return _done(title, _("Version, kind of sign-in and purpose are noted."))
    return _ahead(title, _("Note the purpose of this connection."))


def _data(published: int) -> Step:
    if published:
        return _done(_("Verify the data"), _("There are records for this connection."))
    return _ahead(_("Verify the data"), _("Nothing would be shared today. Check data, schools and exclusions."))


def _configured(connection: Connection, credentials: list[Credential]) -> Step:
    title = _("Configure the connection")
    if not connection.enabled:
        return _ahead(title, _("The connection is disabled."))
    if not credentials:
        return _ahead(title, _("There are no credentials. Generate new ones."))
    return _done(title, _("Enabled, with credentials."))


def _handed_over(credentials: list[Credential]) -> Step:
    title = _("Share the information")
    if any(credential.last_used_at for credential in credentials):
        return _done(title, _("The vendor has signed in."))
    return _ahead(title, _("Not used yet. Hand the credentials to the vendor."))


def _done(title: str, told: str) -> Step:
    return Step(title, told, done=True)


def _ahead(title: str, told: str) -> Step:
    return Step(title, told, done=False)
