"""A load generator that costs little: one process, many keep-alive connections, answers counted and thrown away."""

import json
import re
import selectors
import socket
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

HOST = "127.0.0.1"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TOTAL = re.compile(rb"\r\nx-total-count: *(\d+)", re.IGNORECASE)
TAG = re.compile(rb'\r\netag: *("[^"]*")', re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
HEAD_END, LINE_END = b"\r\n\r\n", b"\r\n"
LONGEST_HEAD = 8192
GOOD = (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
BUFFER = memoryview(bytearray(1 << 20))


@dataclass
class Answer:
    """One answer while it comes in: its head is read, the bytes of its body are only counted."""

    status: int = 0
    total: int = -1
    length: int = 0
    tag: str = ""
    _last: bool = False
    _mark: bytes = HEAD_END
    _kept: bytes = field(default=b"", repr=False)
    _skip: int = 0

    @property
    def complete(self) -> bool:
        """Whether all of it has come in."""
        return self._last and not self._skip

    def feed(self, data: memoryview) -> None:
        """Take in what was received; answers come one at a time, so nothing follows the end of this one."""
        at = 0
        while at < len(data):
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
                continue
            text = self._kept + bytes(data[at : at + LONGEST_HEAD])
            end = text.find(self._mark)
            if end < 0:
                self._kept = text
                at += LONGEST_HEAD
                continue
            at += end + len(self._mark) - len(self._kept)
            self._kept = b""
            self._read(text[: end + 2])

    def _read(self, text: bytes) -> None:
        """Read the head, or the line that tells how long the next chunk is."""
        if self._mark == LINE_END:
            size = int(text, 16)
            self.length += size
            self._skip = size + len(LINE_END)
            self._last = size == 0
            return
        self.status = int(text[9:12])
        if found := TOTAL.search(text):
            self.total = int(found[1])
        if found := TAG.search(text):
            self.tag = found[1].decode()
        if CHUNKED.search(text):
            self._mark = LINE_END
            return
        found = LENGTH.search(text)
        self.length = self._skip = int(found[1]) if found else 0
        self._last = True


class Client:
    """One keep-alive connection that asks for its paths in turn."""

    def __init__(self, port: int, token: str, paths: Sequence[str] = (), headers: str = "") -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tail = f" HTTP/1.1\r\nHost: {HOST}:{port}\r\nAuthorization: Bearer {token}\r\n{headers}\r\n".encode()
        self.requests = [b"GET " + path.encode() + self.tail for path in paths]
        self.turn = 0
        self.answer = Answer()

    @classmethod
    def of(cls, port: int, requests: list[bytes]) -> "Client":
        """Return a client that sends these requests as they are."""
        client = cls(port, "")
        client.requests = requests
        return client

    def ask(self) -> None:
        """Send the next request."""
        self.answer = Answer()
        self.socket.sendall(self.requests[self.turn % len(self.requests)])
        self.turn += 1

    def receive(self) -> None:
        """Take in what has arrived."""
        count = self.socket.recv_into(BUFFER)
        if not count:
            raise ConnectionError("The server closed the connection.")
        self.answer.feed(BUFFER[:count])


@dataclass(frozen=True)
class Rate:
    """Answers and megabytes per second, and how many answers were neither 200 nor 304."""

    answers: float
    megabytes: float
    refused: int

    def __str__(self) -> str:
        """Return it as the tables tell it."""
        return f"{self.answers:,.0f} requests/s" + (f", {self.refused} REFUSED" if self.refused else "")


def rate(port: int, token: str, paths: list[str], *, seconds: float, clients: int = 8, headers: str = "") -> Rate:
    """Call the paths in turn for so many seconds with so many clients, each starting elsewhere in the list.

    `headers` are further lines of the request, each with its end.
    """
    starts = [number * len(paths) // clients for number in range(clients)]
    return drive([Client(port, token, paths[start:] + paths[:start], headers) for start in starts], seconds)


def drive(clients: list[Client], seconds: float) -> Rate:
    """Let the clients ask for so many seconds, each as soon as it has its answer."""
    answers = refused = length = 0
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.ask()
        began = time.perf_counter()
        while (elapsed := time.perf_counter() - began) < seconds:
            for key, _ in selector.select(1):
                client = key.data
                client.receive()
                if client.answer.complete:
                    answers += 1
                    length += client.answer.length
                    refused += client.answer.status not in GOOD
                    client.ask()
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return Rate(answers / elapsed, length / elapsed / 1e6, refused)


@dataclass(frozen=True)
class Timed:
    """One answer with its milliseconds to the first byte and to the last, and its ETag."""

    total: int
    length: int
    first: float
    last: float
    tag: str = ""


class Caller:
    """One keep-alive connection that makes one call at a time; it may be kept over many calls."""

    def __init__(self, port: int, token: str) -> None:
        self.client = Client(port, token)
        self.port, self.bearer = port, f"Bearer {token}"

    def get(self, path: str) -> Timed:
        """Return what the call took; raises ValueError when the answer is not 200."""
        client = self.client
        client.requests = [b"GET " + path.encode() + client.tail]
        began = time.perf_counter()
        client.ask()
        client.receive()
        first = time.perf_counter() - began
        while not client.answer.complete:
            client.receive()
        last = time.perf_counter() - began
        if client.answer.status != HTTPStatus.OK:
            raise ValueError(f"{path} was answered with {client.answer.status}")
        return Timed(client.answer.total, client.answer.length, first * 1000, last * 1000, client.answer.tag)

    def ids(self, path: str) -> list[str]:
        """Return the sourcedIds of a list, read by an ordinary client."""
        request = urllib.request.Request(f"http://{HOST}:{self.port}{path}", headers={"Authorization": self.bearer})
        with urllib.request.urlopen(request) as answer:
            [found] = json.load(answer).values()
        return [each["sourcedId"] for each in found]
