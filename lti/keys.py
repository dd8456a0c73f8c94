"""The portal's own keys: made, published and put away in time; and the public keys of tools."""

import datetime as dt
from collections.abc import Callable
from secrets import token_hex
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from interop import crypto, fetching
from lti.models import PlatformKey, Tool
from lti.protocol import keys, tokens
from lti.protocol.keys import Span
from lti.protocol.tokens import Keys, Refused, UnknownKey

LOCK = 0x6C746B65
KEPT = dt.timedelta(hours=1)
"""How long a tool's keys are used before they are fetched again ..."""
KEPT_AT_MOST = dt.timedelta(hours=24)
"""... and how long when they cannot be fetched."""
PAUSE = dt.timedelta(minutes=1)
"""The least time between two attempts to fetch a tool's keys."""
T = TypeVar("T")


def key_set(now: dt.datetime) -> dict[str, Any]:
    """Return the portal's public keys as tools read them; the first is made when there is none."""
    ready(now)
    rows = PlatformKey.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now - keys.OVERLAP)).order_by("begins_at", "pk")
    return keys.key_set((row.kid, row.public) for row in rows)


def signed(claims: dict[str, Any], now: dt.datetime) -> str:
    """Return claims signed with the key whose turn it is. Raises crypto.Unreadable."""
    ready(now)
    rows = {row.kid: row for row in PlatformKey.objects.all()}
    turn = keys.signer([_span(row) for row in rows.values()], now)
    if turn is None:
        raise crypto.Unreadable("There is no key to sign with.")
    sealed = rows[turn.kid].sealed
    if sealed is None:
        raise crypto.Unreadable("The key that signs has lost its private part.")
    return keys.sign(claims, crypto.unseal(sealed), turn.kid)


def ready(now: dt.datetime) -> None:
    """Make the next key when it is time for it, and delete the private part of what signs no more."""
    if keys.successor_begins(_spans(), now) is None:
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        begins = keys.successor_begins(_spans(), now)
        if begins is None:
            return
        made = keys.make()
        PlatformKey.objects.filter(ends_at=None).update(ends_at=begins)
        PlatformKey.objects.filter(ends_at__lte=now).update(sealed=None)
        PlatformKey.objects.filter(ends_at__lte=now - keys.OVERLAP).delete()
        PlatformKey.objects.create(
            kid=token_hex(8), sealed=crypto.seal(made.private), public=made.public, begins_at=begins
        )


def checked(tool: Tool, check: Callable[[Keys], T], now: dt.datetime) -> T:
    """Return what the check says with the tool's keys; asked once more with fresh ones when it misses a key.

    Raises Refused.
    """
    try:
        return check(keys_of(tool, now))
    except UnknownKey:
        if tool.public_key:
            raise
        return check(keys_of(tool, now, fresh=True))


def keys_of(tool: Tool, now: dt.datetime, *, fresh: bool = False) -> Keys:
    """Return the tool's public keys: those that were pasted, else those its key set address offers. Raises Refused."""
    if tool.public_key:
        return tokens.keys_of(tool.public_key)
    due = fresh or tool.key_set_at is None or tool.key_set_at < now - KEPT
    if due and _may_try(tool, now):
        _fetch(tool, now)
    if tool.key_set_at is None or tool.key_set_at < now - KEPT_AT_MOST:
        raise Refused("The tool’s keys could not be fetched.")
    return tokens.keys_of(tool.key_set)


def _may_try(tool: Tool, now: dt.datetime) -> bool:
    """Take the turn to fetch, unless somebody tried a moment ago."""
    free = Q(key_set_tried_at=None) | Q(key_set_tried_at__lte=now - PAUSE)
    return bool(Tool.objects.filter(free, pk=tool.pk).update(key_set_tried_at=now))


def _fetch(tool: Tool, now: dt.datetime) -> None:
    """Fetch the keys and keep them; what cannot be fetched or read leaves those there were."""
    try:
        text = fetching.fetch(tool.key_set_url, private=settings.LTI_ALLOW_PRIVATE_TOOLS).decode()
        tokens.keys_of(text)
    except (fetching.NotFetched, Refused, UnicodeDecodeError):
        return
    tool.key_set, tool.key_set_at = text, now
    Tool.objects.filter(pk=tool.pk).update(key_set=text, key_set_at=now)


def _spans() -> list[Span]:
    return [_span(row) for row in PlatformKey.objects.all()]


def _span(row: PlatformKey) -> Span:
    return Span(row.kid, row.begins_at, row.ends_at)
