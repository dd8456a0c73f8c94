"""Fetching what a stranger's address offers, so that nobody can send the portal anywhere it should not go.

Only https on port 443; every address the name has must be one of the public internet, and the connection goes to the
very address that was checked; no redirects, no proxies, three seconds in all, 64 KB. No Django here.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from urllib.parse import urlsplit

WITHIN = 3.0
"""Seconds for all of it: name, connection and answer."""
LARGEST = 65_536
"""Bytes of an answer."""
HTTPS = 443
# Networks whose addresses stand for others (translation and tunnels): what they lead to was not checked.
DISGUISES = tuple(
    map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0/96"))
)  # fmt: skip
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Sequence[str]]


class NotFetched(Exception):
    """Nothing was fetched; the sentence says why."""


def is_public(address: str) -> bool:
    """Return whether an address is one of the public internet, and stands for no other."""
    try:
        found: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (
        found.scope_id or found.is_site_local or any(found in network for network in DISGUISES)
    ):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_unspecified


def addresses_of(host: str, port: int) -> list[str]:
    """Return every address a name has. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def fetch(url: str, *, private: bool = False, look_up: Lookup = addresses_of, within: float = WITHIN) -> bytes:
    """Return the body of what stands at an https address. Raises NotFetched.

    With `private`, for tools under development, also http, other ports and this machine's own addresses are good.
    """
    ends = time.monotonic() + within
    host, port, secure, target = _parts(url, private=private)
    address = _checked(host, port, private=private, look_up=look_up)
    try:
        with _connected(address, port, ends) as plain:
            raw = _secret().wrap_socket(plain, server_hostname=host) if secure else plain
            with raw, _cut_off(raw, ends):
                return _answer(raw, host if port in {80, HTTPS} else f"{host}:{port}", target, ends)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotFetched(f"The address did not answer as it should ({type(error).__name__}).") from error


def _parts(url: str, *, private: bool) -> tuple[str, int, bool, str]:
    """Return host, port, whether by https, and what is asked for."""
    try:
        parts = urlsplit(url)
        host, port, secure = parts.hostname or "", parts.port, parts.scheme == "https"
        host = host.encode("idna").decode() if not host.isascii() else host
    except (ValueError, UnicodeError) as error:
        raise NotFetched("That is no web address.") from error
    if not host or parts.scheme not in ({"https", "http"} if private else {"https"}):
        raise NotFetched("Only https addresses are fetched.")
    if parts.username is not None or parts.password is not None or any(sign <= " " or sign > "~" for sign in url):
        raise NotFetched("That is no plain web address.")
    port = port or (HTTPS if secure else 80)
    if port != HTTPS and not private:
        raise NotFetched("Only port 443 is used.")
    return host, port, secure, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _checked(host: str, port: int, *, private: bool, look_up: Lookup) -> str:
    """Return the address to connect to: the first, when all that the name has are allowed."""
    try:
        found = list(look_up(host, port))
    except (OSError, UnicodeError) as error:
        raise NotFetched("The name has no address.") from error
    if not found or not (private or all(map(is_public, found))):
        raise NotFetched("The name leads to an address that is not of the public internet.")
    return found[0]


def _connected(address: str, port: int, ends: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=max(ends - time.monotonic(), 0.001))


@cache
def _secret() -> ssl.SSLContext:
    return ssl.create_default_context()


@contextmanager
def _cut_off(raw: socket.socket, ends: float) -> Iterator[None]:
    """Close the connection when the time is over, however slowly the other side drips."""

    def cut() -> None:
        with suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(ends - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _answer(raw: socket.socket, host: str, target: str, ends: float) -> bytes:
    """Ask and read as much as is allowed."""
    request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    raw.settimeout(max(ends - time.monotonic(), 0.001))
    raw.sendall(request.encode("ascii"))
    response = http.client.HTTPResponse(raw)
    response.begin()
    if response.status != http.HTTPStatus.OK:
        raise NotFetched(f"The address answered {response.status}; redirects are not followed.")
    body = bytearray()
    while len(body) <= LARGEST:
        part = response.read1(8192)
        if time.monotonic() >= ends:
            raise NotFetched("The answer took too long.")
        if not part:
            return bytes(body)
        body += part
    raise NotFetched("The answer is larger than 64 KB.")
