"""Whether somebody has just confirmed who they are: asked before acts that are hard to take back."""

import time
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse


def recently_signed_in(request: HttpRequest) -> bool:
    """Return whether this person gave the password or second step again within the last five minutes.

    Somebody whose only way in is single sign-on has nothing to give again here: for them the sign-in itself counts.
    """
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    if get_reauthentication_flows(request.user):
        records = [each for each in records if each.get("reauthenticated")]
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


def sign_in_again(request: HttpRequest, *, back: str) -> HttpResponseRedirect:
    """Return the way to the page that asks again; it leads to `back`, an address of ours that is opened by GET."""
    flows = get_reauthentication_flows(request.user)
    if flows:
        page = reverse("account_reauthenticate" if flows[0]["id"] == "reauthenticate" else "mfa_reauthenticate")
    else:
        page = reverse("account_login")
    return HttpResponseRedirect(f"{page}?{urlencode({REDIRECT_FIELD_NAME: back})}")


def just_signed_in(request: HttpRequest) -> bool:
    """Return whether this session's last proof of any kind is at most five minutes old."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
