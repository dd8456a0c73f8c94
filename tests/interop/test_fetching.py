"""Fetching from strangers: only the public internet, only what was checked, only a little, only for a short while."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from interop import fetching
from interop.fetching import NotFetched, fetch, is_public

PRIVATE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.9.9", "192.168.1.1",  # noqa: S104
    "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
    "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:db8::1",
    "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1", "100::1", "localhost", "",
]  # fmt: skip


def test_forty_addresses_that_are_no_strangers_are_refused_before_anything_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda *told, **_more: opened.append(told))
    assert len(PRIVATE) >= 40
    for address in PRIVATE:
        assert not is_public(address), address
        with pytest.raises(NotFetched):
            fetch("https://tool.example/jwks", look_up=lambda _host, _port, address=address: [address])
        with pytest.raises(NotFetched):
            fetch("https://tool.example/jwks", look_up=lambda _host, _port, address=address: ["93.184.215.14", address])
    assert opened == []
    assert all(map(is_public, ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]))


def test_the_connection_goes_to_the_address_that_was_checked_whatever_the_name_says_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    opened: list[str] = []

    def connect(address: tuple[str, int], **_more: object) -> socket.socket:
        opened.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NotFetched):
        fetch("https://tool.example/jwks", look_up=lambda _host, _port: next(answers))
    assert opened == ["93.184.215.14"]


@pytest.mark.parametrize(
    "url",
    [
        "http://tool.example/", "https://tool.example:8443/", "https://user:word@tool.example/", "ftp://tool.example/",
        "file:///etc/passwd", "https:///x", "https://tool.example/ x", "https://tool.example/\r\nHost: x", "gopher://x",
        "https://[::1", "javascript:alert(1)", "",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_on_port_443_are_fetched(url: str) -> None:
    with pytest.raises(NotFetched):
        fetch(url, look_up=lambda _host, _port: ["93.184.215.14"])


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server of this machine that does this with the one connection it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _address = server.accept()
            with peer:
                peer.recv(4096)
                answer(peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/jwks"
        thread.join(5)


def sending(told: bytes) -> Callable[[socket.socket], None]:
    return lambda peer: peer.sendall(told)


def test_a_tool_under_development_is_fetched_from_this_machine_when_that_is_allowed() -> None:
    with answering(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as url:
        with pytest.raises(NotFetched):
            fetch(url)
        assert fetch(url, private=True) == b"{}"


@pytest.mark.parametrize(
    "told",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 500 No\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 70_000,
        b"nonsense\r\n\r\n",
        b"",
    ],
    ids=["redirect", "error", "too large", "no HTTP", "silence"],
)
def test_redirects_errors_and_floods_are_refused(told: bytes) -> None:
    with answering(sending(told)) as url, pytest.raises(NotFetched):
        fetch(url, private=True)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with answering(sending(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as url:
        assert fetch(url, private=True) == b"{}"


def test_whoever_drips_is_cut_off_when_the_time_is_over() -> None:
    over = threading.Event()

    def drip(peer: socket.socket) -> None:
        try:
            peer.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.02):
                peer.sendall(b"X: y\r\n")
        except OSError:
            return

    began = time.monotonic()
    with answering(drip) as url:
        with pytest.raises(NotFetched):
            fetch(url, private=True, within=0.2)
        over.set()
    assert time.monotonic() - began < 3
    assert fetching.WITHIN == 3
