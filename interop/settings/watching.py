"""What an installation tells about itself: its log, and its metrics for those who may read them."""

import ipaddress
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from interop.settings.env import env_list, env_str

FORMATS = ("json", "line")
LOOPBACK = "127.0.0.0/8,::1/128"
SHORTEST_TOKEN = 20


def log_format(*, production: bool) -> str:
    """Return `json`, one object a line for machines, or `line` for people; raises ImproperlyConfigured."""
    value = env_str("LOG_FORMAT", "json" if production else "line")
    if value not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT is {value!r}; give json or line.")
    return value


def logging_config(form: str) -> dict[str, Any]:
    """Return the logging of every program. Request lines are not logged: paths and query strings name students."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
            "json": {"()": "interop.logs.JsonFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
            "celery": {"level": "WARNING"},
            "interop.schedule": {"level": "WARNING"},
        },
    }


def metrics_token() -> str:
    """Return the bearer token that opens /metrics from any address, blank for none; raises ImproperlyConfigured."""
    value = env_str("METRICS_TOKEN", "")
    if value and len(value) < SHORTEST_TOKEN:
        raise ImproperlyConfigured(f"METRICS_TOKEN is too short; give at least {SHORTEST_TOKEN} random characters.")
    return value


def metrics_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks that read /metrics without a token; raises ImproperlyConfigured."""
    found = []
    for part in env_list("METRICS_ALLOWED", LOOPBACK):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"METRICS_ALLOWED names {part!r}; give addresses or networks such as 10.0.0.0/24, separated by commas."
            ) from error
    return found
