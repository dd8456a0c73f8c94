"""What a setting must look like; each refusal is one sentence that names the setting."""

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from interop.signin import breached

SHORTEST_SECRET = 32
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def secret_key(value: str) -> str:
    """Return the secret when it is long enough to sign with."""
    if len(value) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"SECRET_KEY is too short; give at least {SHORTEST_SECRET} random characters.")
    return value


def encryption_keys(text: str) -> list[str]:
    """Return the keys of encrypted columns, the newest first."""
    keys = [part.strip() for part in text.split(",") if part.strip()]
    if not keys:
        raise ImproperlyConfigured("Set FIELD_ENCRYPTION_KEYS (or FIELD_ENCRYPTION_KEYS_FILE) in the environment.")
    for key in keys:
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                "FIELD_ENCRYPTION_KEYS must be Fernet keys (32 bytes, url-safe base64), separated by commas."
            ) from error
    return keys


def public_url(value: str) -> str:
    """Return the portal's address: https, or http on a loopback address; no trailing slash."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"PUBLIC_URL is {value!r}, which is not a URL.") from error
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment or parts.username:
        raise ImproperlyConfigured(f"PUBLIC_URL is {value!r}; give an address such as https://portal.example.org.")
    if parts.scheme == "http" and not is_loopback(host):
        raise ImproperlyConfigured(f"PUBLIC_URL is {value!r}; use https (http is only for this machine itself).")
    return value.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Whether the host is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def hosts_for(url: str) -> str:
    """Return the default of ALLOWED_HOSTS: the public name, and this machine for health checks."""
    host = urlsplit(url).hostname or ""
    return ",".join(dict.fromkeys([f"[{host}]" if ":" in host else host, *LOOPBACK_NAMES]))


def redis_url(value: str) -> str:
    """Return the address of Redis or Valkey."""
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://.")
    return value


def database_url(value: str) -> str:
    """Return the address of PostgreSQL."""
    if urlsplit(value).scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://; no other database is served.")
    return value


def breached_list(path: str) -> str:
    """Return the path of a list of breached passwords that can be searched; blank for none."""
    if not path:
        return ""
    try:
        good = breached.is_list(Path(path))
    except OSError as error:
        raise ImproperlyConfigured(
            f"BREACHED_PASSWORDS names {path}, which cannot be read: {error.strerror}."
        ) from error
    if not good:
        raise ImproperlyConfigured(
            f"BREACHED_PASSWORDS names {path}, which is not a list of SHA-1 hashes, one a line and in order."
        )
    return path
