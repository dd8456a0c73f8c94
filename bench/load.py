"""A small load generator: keep-alive sockets in two processes, counting whole answers."""

import re
import socket
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Rate:
    """Requests and megabytes per second, and the number of answers that were not 200."""

    requests: float
    megabytes: float
    refused: int


def read_answer(connection: socket.socket, buffer: bytearray) -> tuple[int, int]:
    """Read one answer off the socket; return its status and the length of its body."""
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        buffer += receive(connection)
    head = bytes(buffer[: end + 2])
    status = int(head[9:12])
    del buffer[: end + 4]
    if found := LENGTH.search(head):
        length = int(found[1])
        left = length - len(buffer)
        del buffer[: min(length, len(buffer))]
        while left > 0:
            chunk = receive(connection)
            if len(chunk) > left:
                buffer += chunk[left:]
            left -= len(chunk)
        return status, length
    return status, read_chunked(connection, buffer)


def read_chunked(connection: socket.socket, buffer: bytearray) -> int:
    total = 0
    while True:
        while (end := buffer.find(b"\r\n")) < 0:
            buffer += receive(connection)
        size = int(bytes(buffer[:end]), 16)
        while len(buffer) < end + 2 + size + 2:
            buffer += receive(connection)
        del buffer[: end + 2 + size + 2]
        total += size
        if size == 0:
            return total


def receive(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 20)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data


def walk(port: int, paths: list[str], token: str, until: float, counts: list[int]) -> None:
    connection = socket.create_connection(("127.0.0.1", port))
    buffer = bytearray()
    for turn in range(1_000_000):
        if time.monotonic() > until:
            break
        path = paths[turn % len(paths)]
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        status, length = read_answer(connection, buffer)
        counts[0] += 1
        counts[1] += length
        counts[2] += status != HTTPStatus.OK
    connection.close()


def worker(port: int, paths: list[str], token: str, seconds: float, clients: int) -> list[int]:
    counts = [[0, 0, 0] for _ in range(clients)]
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=walk, args=(port, paths[at % len(paths) :] + paths, token, until, counts[at]))
        for at in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [sum(column) for column in zip(*counts, strict=True)]


def rate(port: int, paths: list[str], token: str, *, seconds: float = 4.0, clients: int = 8) -> Rate:
    """Call the paths in turn for so many seconds with so many clients."""
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(worker, port, paths, token, seconds, clients // 2) for _ in range(2)]
        totals = [sum(column) for column in zip(*(job.result() for job in jobs), strict=True)]
    return Rate(totals[0] / seconds, totals[1] / seconds / 1e6, totals[2])
