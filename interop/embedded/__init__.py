"""The servers a laptop runs on: PostgreSQL and Valkey out of wheels, on Unix sockets, shared by all commands."""

from interop.embedded.errors import EmbeddedError
from interop.embedded.places import Places
from interop.embedded.users import ensure

__all__ = ["EmbeddedError", "Places", "ensure"]
