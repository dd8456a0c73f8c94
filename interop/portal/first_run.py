"""What the portal needs before its first request: tables, a demo district, an admin, one vendor connection."""

import io
import json
import os
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from interop.signin.passwords import new_password

Say = Callable[[str], None]
DEMO = {"students": 300, "schools": 4, "seed": 1}
APPLICATION = "Acme Learning"


def prepare(*, demo: bool, say: Say) -> None:
    """Bring the database up to date and, when it is empty, fill it; prints every secret exactly once."""
    say("Preparing the database …")
    call_command("migrate", interactive=False, verbosity=0)
    if not get_user_model().objects.exists():
        make_admin(say)
    schools = apps.get_model("roster", "School").objects
    if demo and not schools.exists():
        say(f"Making a synthetic district of {DEMO['students']} students …")
        call_command("seed_district", stdout=io.StringIO(), stderr=io.StringIO(), **DEMO)
    if schools.exists():
        publish(say)
    if demo and not apps.get_model("connections", "Connection").objects.exists():
        make_connection(say)


def publish(say: Say) -> None:
    """Publish what has changed; when that is held back or refused, say so and go on with the last edition."""
    say("Publishing what has changed …")
    try:
        call_command("refresh_cache", stdout=io.StringIO())
    except CommandError as refusal:
        say(str(refusal))


def take_address(port: int) -> None:
    """Make http://127.0.0.1:port the public address, unless PUBLIC_URL says otherwise; later commands read it too."""
    if settings.EMBEDDED is None or settings.PUBLIC_URL_GIVEN:
        return
    settings.PUBLIC_URL = os.environ["PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    draft = settings.ADDRESS_FILE.with_suffix(".new")
    draft.write_text(settings.PUBLIC_URL + "\n", encoding="utf-8")
    draft.replace(settings.ADDRESS_FILE)


def make_admin(say: Say) -> None:
    """Make the first admin, with a password that is shown once."""
    password = new_password()
    get_user_model().objects.create_superuser("admin", "", password)
    say(f"\nAdmin site   {settings.PUBLIC_URL}/admin/\n  user name  admin\n  password   {password}   (shown only now)")


def make_connection(say: Say) -> None:
    """Make one vendor connection and show how to walk from its key to the users."""
    answer = io.StringIO()
    call_command("create_connection", "--application", APPLICATION, "--version", "1.2", "--json", stdout=answer)
    say(walk(json.loads(answer.getvalue())))


def walk(connection: dict[str, Any]) -> str:
    """Return the copy-and-paste walk of a vendor: a token, then the first users."""
    ask = f"curl -s -u '{connection['client_id']}:{connection['client_secret']}'"
    users = f"{connection['base_url']}/rostering/v1p2/users?limit=2"
    return "\n".join(
        [
            f"\nVendor connection for {APPLICATION}, OneRoster {connection['version']} (secret shown only now):",
            f"  TOKEN=$({ask} -d grant_type=client_credentials \\",
            f'    {connection["token_url"]} | sed \'s/.*"access_token": *"\\([^"]*\\)".*/\\1/\')',
            f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{users}'",
        ]
    )
