"""Learning tools that others wrote, run as servers of their own beside the portal."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import playwright
import pytest
from django.conf import settings

from lti import addresses
from lti.models import Tool
from tests.live import free_port

FILES = Path(__file__).parent
NODE = Path(playwright.__file__).parent / "driver" / "node"
PACKAGES = settings.BASE_DIR / ".venv" / "peers"
START_WITHIN = 60


def place() -> str:
    """Return where a tool is to be: another site than the portal, as browsers see it."""
    return f"http://localhost:{free_port()}"


@contextlib.contextmanager
def on_pylti1p3(tool: Tool, here: str) -> Iterator[None]:
    """Run the tool in Python, which the portal knows as this one."""
    ours = addresses.ours()
    told = {
        "issuer": ours.issuer, "authorization": ours.authorization, "token": ours.token, "key_set": ours.key_set,
        "client_id": tool.client_id, "deployment": tool.deployment_id,
    }  # fmt: skip
    with _serving([sys.executable, "-m", "tests.lti.peers.pylti"], here, told, {}):
        yield


@contextlib.contextmanager
def on_ltijs(here: str) -> Iterator[None]:
    """Run the tool on Node, which knows no portal yet. Skips the test when its packages are not there."""
    installed, wanted = PACKAGES / ".installed", FILES / "package-lock.json"
    if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
        pytest.skip("ltijs is not installed: `sh scripts/peers.sh` fetches it where a package registry can be reached.")
    with _serving([str(NODE), str(FILES / "ltijs.js")], here, {}, {"NODE_PATH": str(PACKAGES / "node_modules")}):
        yield


@contextlib.contextmanager
def _serving(command: Sequence[str], here: str, told: Mapping[str, str], more: Mapping[str, str]) -> Iterator[None]:
    """Run a tool's server; what it said is shown when the test fails."""
    port = int(here.rpartition(":")[2])
    address = str(socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM)[0][4][0])
    arguments = [*command, json.dumps({"address": address, "here": here, **told})]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            arguments, cwd=settings.BASE_DIR, env={**os.environ, **more}, stdout=said, stderr=said
        )
        try:
            if not _listens(process, address, port):
                pytest.fail("The tool did not start.")
            yield
        except BaseException:
            said.seek(0)
            print(said.read().decode()[-4000:])
            raise
        finally:
            process.terminate()
            process.wait(30)


def _listens(process: "subprocess.Popen[bytes]", address: str, port: int) -> bool:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=5):
            return True
        time.sleep(0.05)
    return False
