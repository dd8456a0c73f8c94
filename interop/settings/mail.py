"""Sending mail: off until MAIL_URL names a server."""

from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from interop.settings.env import env_str

PORTS = {"smtp": 587, "smtps": 465}


def mail_server(url: str) -> dict[str, str | int | bool]:
    """Return Django's settings for smtp:// (STARTTLS) or smtps://; none for a blank one. Raises ImproperlyConfigured.

    The address may hold a password, so it is not repeated when it is malformed.
    """
    if not url:
        return {}
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        port = None
    if port is None or parts.scheme not in PORTS or not parts.hostname:
        raise ImproperlyConfigured("MAIL_URL is malformed; give smtp://user:password@host:587 or smtps://… (port 465).")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


_server = mail_server(env_str("MAIL_URL", ""))
globals().update(_server)
MAIL = bool(_server)
"""Whether messages are sent by mail too."""
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env_str("MAIL_FROM") if MAIL else "portal@localhost"
