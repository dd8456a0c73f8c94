"""When connections end, and until when they are renewed: midnight at the beginning of a day of the district."""

import datetime as dt

from connections.models import Connection, SharingSettings
from interop.dates import district_day, zone


def year_from(now: dt.datetime) -> dt.datetime:
    """Return the beginning of the same day next year; 29 February becomes the 28th."""
    today = district_day(now)
    try:
        day = today.replace(year=today.year + 1)
    except ValueError:
        day = today.replace(year=today.year + 1, day=28)
    return dt.datetime.combine(day, dt.time(), zone())


def expires(oauth: int, district: SharingSettings) -> bool:
    """Say whether connections of this kind end after a year: OAuth 1 always, OAuth 2 when the district says so."""
    return oauth == 1 or district.oauth2_expires


def first_end(oauth: int, district: SharingSettings, now: dt.datetime) -> dt.datetime | None:
    """Return when a connection made now ends; None for never."""
    return year_from(now) if expires(oauth, district) else None


def can_renew(connection: Connection, district: SharingSettings) -> bool:
    """Say whether the connection has an end, or must get one."""
    return connection.expires_at is not None or expires(connection.oauth, district)
