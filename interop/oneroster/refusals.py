"""What a failure is told as: the standard's error body, whichever way the request came."""

import logging

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

from interop.oneroster.answers import ALWAYS, Answer, CutOff
from interop.oneroster.errors import CHALLENGE, OneRosterError, error_body, internal, unauthorised, unavailable
from interop.oneroster.middleware import request_id_of
from interop.oneroster.routes import version_of
from interop.statements import Failed

UNAUTHORISED = 401
log = logging.getLogger("interop.oneroster")


def refused(request: HttpRequest, error: Exception) -> Answer:
    """Return the standard's answer to a failure; what is not a refusal is logged and told as an internal error."""
    request_id = request_id_of(request)
    if isinstance(error, OneRosterError):
        told = error
    elif isinstance(error, CutOff):
        told = unauthorised()
    else:
        told = unavailable() if isinstance(error, OperationalError | InterfaceError | Failed) else internal()
        log.error("request %s failed: %s", request_id, type(error).__name__, exc_info=error)
    version = version_of(request.path_info)
    asked = {"WWW-Authenticate": CHALLENGE[version]} if told.status == UNAUTHORISED else {}
    return Answer(told.status, ALWAYS | asked | told.headers, error_body(version, told, request_id))
