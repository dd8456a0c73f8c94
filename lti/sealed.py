"""What this app stores sealed."""

from interop.sealed import Column

PLACES = (Column("private keys of learning tools", "lti.PlatformKey"),)
