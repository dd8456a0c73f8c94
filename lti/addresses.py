"""The portal's own addresses, as tools are told them."""

from django.conf import settings

from lti.protocol.registration import Addresses


def issuer() -> str:
    """Return who signs: the portal's address."""
    return str(settings.PUBLIC_URL)


def absolute(path: str) -> str:
    """Return an address below /lti/."""
    return f"{settings.PUBLIC_URL}/lti/{path}"


def ours() -> Addresses:
    """Return the addresses a tool needs."""
    return Addresses(
        issuer(), absolute("authorize"), absolute("token"), absolute("jwks"), absolute("register")
    )  # fmt: skip


def token_audiences() -> list[str]:
    """Return what a client assertion may name as its audience: the token address, or who signs."""
    return [absolute("token"), issuer()]


def line_items(section: int) -> str:
    """Return the address of a section's line items."""
    return absolute(f"sections/{section}/lineitems")


def line_item(section: int, key: int) -> str:
    """Return the address of one line item."""
    return f"{line_items(section)}/{key}"


def members(section: int) -> str:
    """Return the address of a section's members."""
    return absolute(f"sections/{section}/members")
