"""What the portal needs before its first request: tables, a demo district, an admin, one vendor connection."""

import io
import json
import secrets
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

Say = Callable[[str], None]
DEMO = {"students": 300, "schools": 4, "seed": 1}
APPLICATION = "Acme Learning"


def prepare(*, demo: bool, say: Say) -> None:
    """Bring the database up to date and, when it is empty, fill it; prints every secret exactly once."""
    say("Preparing the database …")
    call_command("migrate", interactive=False, verbosity=0)
    if not get_user_model().objects.exists():
        make_admin(say)
    if not demo:
        return
    if not apps.get_model("roster", "Org").objects.exists():
        say(f"Making a synthetic district of {DEMO['students']} students …")
        call_command("seed_district", stdout=io.StringIO(), **DEMO)
        say("Publishing its roster …")
        call_command("refresh_cache", stdout=io.StringIO())
    if not apps.get_model("connections", "Connection").objects.exists():
        make_connection(say)


def make_admin(say: Say) -> None:
    """Make the first admin, with a password that is shown once."""
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password)
    say(f"\nAdmin site   {settings.PUBLIC_URL}/admin/\n  user name  admin\n  password   {password}   (shown only now)")


def make_connection(say: Say) -> None:
    """Make one vendor connection and show how to walk from its key to the users."""
    answer = io.StringIO()
    call_command("create_connection", application=APPLICATION, version="1.2", json=True, stdout=answer)
    say(walk(json.loads(answer.getvalue())))


def walk(connection: dict[str, Any]) -> str:
    """Return the copy-and-paste walk of a vendor: a token, then the first users."""
    ask = f"curl -s -u '{connection['client_id']}:{connection['client_secret']}'"
    users = f"{connection['base_url']}/rostering/v1p2/users?limit=2"
    return "\n".join(
        [
            f"\nVendor connection for {APPLICATION}, OneRoster {connection['version']} (secret shown only now). Try it:",
            f"  TOKEN=$({ask} -d grant_type=client_credentials \\",
            f"    {connection['token_url']} | sed 's/.*\"access_token\": *\"\\([^\"]*\\)\".*/\\1/')",
            f"  curl -s -H \"Authorization: Bearer $TOKEN\" '{users}'",
        ]
    )
