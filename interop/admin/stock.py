"""The guard of the stock pages: the table of interop/admin/records.py decides, whatever a page itself would allow."""

import re

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from interop.admin import records
from interop.admin.roles import EVERYONE, NOBODY, Role, roles_of
from interop.admin.screens import screens

METHODS = ("GET", "HEAD", "POST")
COMMON = ("index", "logout", "password_change", "password_change_done", "jsi18n", "autocomplete", "app_list", "")
"""Pages of the stock admin that belong to no kind of record. The last two look at the table themselves."""
VIEWED = ("changelist", "change", "history")


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a method no page knows, None when the page may be shown.

    Raises PermissionDenied when this person may not open it. Product screens have their own guard.
    """
    name = request.resolver_match.url_name or "" if request.resolver_match else ""
    if name in {screen.name for screen in screens()}:
        return None
    if not (getattr(request.user, "is_superuser", False) or allows(name, roles_of(request.user), request.method or "")):
        raise PermissionDenied
    return None if request.method in METHODS else HttpResponseNotAllowed(METHODS)


def allows(name: str, roles: frozenset[Role], method: str) -> bool:
    """Return whether these roles may send this method to the stock page of this name."""
    if name in COMMON:
        return bool(roles & (EVERYONE if method in records.READ else NOBODY))
    kind, act = _parts(name)
    if act in {"add", "delete"}:
        return records.may(roles, act, kind)
    return records.may(roles, "view" if act in VIEWED and method in records.READ else "change", kind)


def _parts(name: str) -> tuple[str, str]:
    """Return (kind of record, act) of an address such as `auth_user_change`; an act of our own counts as a change."""
    found = re.fullmatch(r"([a-z0-9]+)_([a-z0-9]+)_(\w+)", name)
    return (f"{found[1]}.{found[2]}", found[3]) if found else ("", "")
