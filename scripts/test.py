"""Run lint, and the tests beside it: what lint says comes first and whole, then what the tests say from the beginning.

Exits as lint does when it finds something, which ends the tests at once, otherwise as the tests do.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parent.parent
PACE = 0.1


def main() -> int:
    """Return the exit code of lint, or else that of the tests."""
    command = [sys.executable, "-m", "pytest", *(["--color=yes"] if sys.stdout.isatty() else [])]
    with tempfile.NamedTemporaryFile() as said:
        tests = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)  # noqa: S603
        try:
            lint = subprocess.run(["sh", "scripts/lint.sh"], cwd=ROOT, check=False)  # noqa: S607
            return lint.returncode or follow(tests, Path(said.name))
        except KeyboardInterrupt:
            return tests.wait()  # they were interrupted with us
        finally:
            if tests.poll() is None:
                tests.send_signal(signal.SIGINT)
                tests.wait()


def follow(tests: "subprocess.Popen[bytes]", path: Path) -> int:
    """Show what the tests have said and say until they end; return their exit code."""
    with path.open("rb") as said:
        while tests.poll() is None:
            show(said)
            time.sleep(PACE)
        show(said)
    return tests.returncode


def show(said: BinaryIO) -> None:
    """Show what came since the last time."""
    shutil.copyfileobj(said, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main())
