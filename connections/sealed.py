"""What this app stores sealed."""

from interop.sealed import Column

PLACES = (
    Column("consumer secrets of OAuth 1", "connections.Credential"),
    Column("secrets behind one-time links", "connections.HandOver"),
)
