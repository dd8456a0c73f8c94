"""The acts on applications, connections and credentials: each bumps the revision and writes an audit event."""

from connections.services.applications import application_named, free_slug
from connections.services.approvals import approve, ask_approval, decline
from connections.services.connections import (
    Conflict,
    change_connection,
    create_connection,
    delete_connection,
    disable,
    edit_connection,
    enable,
    facts,
    renew,
    set_schools,
)
from connections.services.credentials import (
    LIVE_AT_MOST,
    Issued,
    TooManyCredentials,
    add_credential,
    purge_expired,
    remove_credentials,
    revoke,
    rotate,
)
from connections.services.freezing import freeze, unfreeze
from connections.services.handover import Opened, hand_over, links_of, open_hand_over, waiting, withdraw

__all__ = [
    "LIVE_AT_MOST",
    "Conflict",
    "Issued",
    "Opened",
    "TooManyCredentials",
    "add_credential",
    "application_named",
    "approve",
    "ask_approval",
    "change_connection",
    "create_connection",
    "decline",
    "delete_connection",
    "disable",
    "edit_connection",
    "enable",
    "facts",
    "free_slug",
    "freeze",
    "hand_over",
    "links_of",
    "open_hand_over",
    "purge_expired",
    "remove_credentials",
    "renew",
    "revoke",
    "rotate",
    "set_schools",
    "unfreeze",
    "waiting",
    "withdraw",
]
