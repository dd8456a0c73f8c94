"""Tests reach this machine and nothing else."""

import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
@pytest.mark.parametrize("way", ["connect", "connect_ex"])
def test_another_machine_cannot_be_reached(host: str, way: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as door, pytest.raises(pytest.fail.Exception, match=f"tried to reach {host} port 80"):
        getattr(door, way)((host, 80))


def test_this_machine_can() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
