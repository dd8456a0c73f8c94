"""Whether a connection works, judged from what the portal knows: its settings, tokens, calls and refusals."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.models import AccessLog, Connection, Credential, TokenFailure
from connections.secret import sha256
from interop.dates import ago_words, day_words

TOKEN_LIVES = dt.timedelta(hours=1)
LOOK_BACK = dt.timedelta(days=1)
"""Calls are looked for this long before the last sign-in: the log of a busy portal is long."""


@dataclass(frozen=True)
class Finding:
    """One thing a call needs: its statement, whether it holds, what is known, and what to do otherwise."""

    statement: str
    passed: bool
    told: str
    remedy: str = ""


def _right(statement: str, told: str) -> Finding:
    return Finding(statement, passed=True, told=told)


def _wrong(statement: str, told: str, remedy: str) -> Finding:
    return Finding(statement, passed=False, told=told, remedy=remedy)


def findings(connection: Connection, now: dt.datetime) -> list[Finding]:
    """Return everything a successful call needs, in the order the vendor meets it."""
    living = list(connection.credentials.live())
    signed_in = max((each.last_used_at for each in connection.credentials.all() if each.last_used_at), default=None)
    before = [
        _enabled(connection),
        _not_frozen(connection, now),
        _lasting(connection, now),
        _keys(living),
        _guessed(living, now),
        _signed_in(signed_in, now),
    ]
    if signed_in is None:
        return before
    calls = _calls(connection, signed_in)
    answered = calls.filter(status__lt=400).first()
    return [*before, _called(answered, now), _no_error(calls.filter(status__gte=400).first(), answered, now)]


def _calls(connection: Connection, signed_in: dt.datetime) -> QuerySet[AccessLog]:
    around = (signed_in - LOOK_BACK, signed_in + TOKEN_LIVES)
    return AccessLog.objects.filter(connection=connection.pk, at__range=around).exclude(operation="token")


def _enabled(connection: Connection) -> Finding:
    if connection.enabled:
        return _right(_("The connection is enabled"), _("On."))
    return _wrong(
        _("The connection is enabled"), _("It is disabled: every call is refused."), _("Turn it on and save.")
    )


def _not_frozen(connection: Connection, now: dt.datetime) -> Finding:
    statement = _("It is not frozen")
    if connection.frozen_at is None:
        return _right(statement, _("Nobody has frozen it."))
    said = _("%(who)s froze it %(when)s: every call is refused.") % {
        "who": connection.frozen_by, "when": ago_words(connection.frozen_at, now),
    }  # fmt: skip
    return _wrong(statement, said, _("A security officer can let it go on, on the page Activity."))


def _lasting(connection: Connection, now: dt.datetime) -> Finding:
    statement = _("It has not ended")
    if connection.expires_at is None:
        return _right(statement, _("It has no end."))
    day = day_words(connection.expires_at, now)
    if connection.expires_at > now:
        return _right(statement, _("It ends %s.") % day)
    return _wrong(statement, _("It ended %s: every call is refused.") % day, _("Renew it for a year."))


def _keys(living: list[Credential]) -> Finding:
    statement = _("It has credentials")
    if not living:
        remedy = _("Generate a new secret and hand it over.")
        return _wrong(statement, _("There are none: the vendor cannot sign in."), remedy)
    said = ngettext("%d secret works.", "%d secrets work.", len(living)) % len(living)
    return _right(statement, said)


def _guessed(living: list[Credential], now: dt.datetime) -> Finding:
    statement = _("No sign-in was refused within the last hour")
    clients = [sha256(each.client_id) for each in living]
    refused = TokenFailure.objects.filter(client__in=clients, at__gt=now - TokenFailure.KEPT).count()
    if not refused:
        return _right(statement, _("None."))
    said = ngettext(
        "Sign-in was refused %d time: wrong secret.", "Sign-in was refused %d times: wrong secret.", refused
    )
    return _wrong(statement, said % refused, _("Have the vendor paste the secret again, or generate a new one."))


def _signed_in(signed_in: dt.datetime | None, now: dt.datetime) -> Finding:
    statement = _("The vendor signed in")
    if signed_in is None:
        remedy = _("Hand the credentials over, and ask the vendor to try.")
        return _wrong(statement, _("The vendor has not signed in yet."), remedy)
    return _right(statement, _("Last sign-in %s.") % ago_words(signed_in, now))


def _called(call: AccessLog | None, now: dt.datetime) -> Finding:
    statement = _("It asked for data and got it")
    if call is None:
        remedy = _("Give the vendor the Base URL again: most often the address is wrong.")
        return _wrong(statement, _("No call was answered around its last sign-in."), remedy)
    told = {"operation": call.operation, "when": ago_words(call.at, now)}
    return _right(statement, _("Last call %(when)s: %(operation)s.") % told)


def _no_error(error: AccessLog | None, answered: AccessLog | None, now: dt.datetime) -> Finding:
    statement = _("Its last call was not refused")
    if error is None:
        return _right(statement, _("No error around its last sign-in."))
    told = {"operation": error.operation, "when": ago_words(error.at, now), "words": words_for(error.status)}
    said = _("Last error %(when)s: %(operation)s. %(words)s") % told
    later = answered is not None and answered.at > error.at
    remedy = _("Name the request number %s when you ask for help.") % error.request_id if error.request_id else ""
    return _right(statement, said) if later else _wrong(statement, said, remedy)


def words_for(status: int) -> str:
    """Return what an answer's status means to the office."""
    known = {
        400: _("The vendor’s question could not be understood: its program has to change it."),
        401: _("The token or signature was not valid: the vendor has to ask for a new token, or to sign again."),
        403: _("This connection does not share what was asked for."),
        404: _("What was asked for is not there, or not in this connection’s schools."),
        405: _("The vendor tried to change what can only be read."),
        422: _("What the vendor sent does not follow the rules."),
        429: _("The vendor asked too often and has to wait."),
    }
    if status >= 500:
        return _("The portal failed to answer. Tell whoever runs it.")
    return known.get(status, _("The call was refused (%d).") % status)
