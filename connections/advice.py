"""What to do about the state a connection is in: one sentence and one place."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from connections.state import Kind, State


@dataclass(frozen=True)
class Advice:
    """What to do, and the button that leads there."""

    told: Any
    label: Any
    url: str


_PAGE, _CHECK = "connection", "check_connection"
_DONE_AT: dict[Kind, tuple[Any, Any, str, str]] = {
    Kind.EXPIRED: (
        _("Renew it, or generate a new secret when its key ended. The vendor’s next request is answered then."),
        _("See when it ends"), _PAGE, "expiration",
    ),
    Kind.FAILING: (
        _("Have the vendor paste the secret again. When nobody has it any more, generate a new one."),
        _("Test connection"), _CHECK, "",
    ),
    Kind.HELD: (
        _("Another security officer decides. Until then the vendor keeps what it had."),
        _("See what waits"), _PAGE, "share",
    ),
    Kind.EXPIRING: (
        _("Renew it in time. Key and secret can stay, so the vendor has nothing to do."),
        _("See when it ends"), _PAGE, "expiration",
    ),
    Kind.THROTTLED: (
        _("One of the vendor’s programs has a wrong secret. Tell the vendor the address; its other programs go on."),
        _("Test connection"), _CHECK, "",
    ),
    Kind.STALE: (
        _("Ask the vendor whether its nightly job still runs, or disable what nobody uses."),
        _("Test connection"), _CHECK, "",
    ),
}  # fmt: skip


def advice_for(connection: Connection, state: State) -> Advice | None:
    """Return what to do; None when nobody has to do anything."""
    if state.kind not in _DONE_AT:
        return None
    told, label, screen, part = _DONE_AT[state.kind]
    return Advice(told, label, reverse(f"admin:{screen}", args=[connection.pk]) + (f"#{part}" if part else ""))
