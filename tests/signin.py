"""Shortcuts of tests that are about something else than signing in."""

import time

from django.contrib.auth import SESSION_KEY
from django.test import Client


def confirm(client: Client) -> None:
    """Make the signed-in person of this client somebody who gave the password again just now."""
    _note(client, {"method": "password", "reauthenticated": True})


def second_step(client: Client) -> None:
    """Make the signed-in person of this client somebody who came in with a second step."""
    _note(client, {"method": "mfa", "type": "totp"})


def _note(client: Client, record: dict[str, object]) -> None:
    session = client.session
    session["account_authentication_methods_user"] = session[SESSION_KEY]
    session["account_authentication_methods"] = [
        *session.get("account_authentication_methods", []),
        {**record, "at": time.time()},
    ]
    session.save()
