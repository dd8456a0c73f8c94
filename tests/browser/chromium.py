"""A Chromium for tests: the one on PATH, else Playwright's own, else Debian's; nothing of it is asked of people.

`python -m tests.browser.chromium` prints where it is, and fetches it first if need be.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OFF = (
    # what an address bar suggests: two pages in every window that work along at each step
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    # what Playwright turns off: Chromium heeds one such list alone
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch",
    # a process for each site, and one in advance: all that is opened here is the portal and tools of the tests
    "IsolateOrigins", "site-per-process", "SpareRendererForSitePerProcess",
)  # fmt: skip
SCRIPTS = "--no-maglev --no-turbofan --min-semi-space-size=32 --max-semi-space-size=64"
"""Each page runs its scripts, and axe, once: compiling them well or tidying up behind them costs more than it saves."""
ARGUMENTS = (
    f"--js-flags={SCRIPTS}",
    f"--disable-features={','.join(OFF)}",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(("--no-sandbox",) if os.geteuid() == 0 else ()),
)
PATIENCE = 300
ADVICE = "Browser tests need Chromium: install the package chromium (or google-chrome) so that it is on PATH."


class NoBrowserError(Exception):
    """No Chromium is here and none could be fetched; the text says what to install."""


def executable() -> Path:
    """Return a Chromium that starts, fetching one if need be; raise NoBrowserError when there is none to have.

    One process fetches at a time, the others wait for it and then find it.
    """
    if found := _on_path() or _of_playwright():
        return found
    with (Path(tempfile.gettempdir()) / f"interop-browser-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for find, fetch in ((_of_playwright, _fetch_by_playwright), (_on_path, _fetch_by_apt)):
            if found := _on_path() or _of_playwright():
                return found
            fetch()
            if found := find():
                return found
    raise NoBrowserError(ADVICE)


def _on_path() -> Path | None:
    return next((Path(path) for name in NAMES if (path := shutil.which(name)) and _starts(path)), None)


def _of_playwright() -> Path | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return Path(path) if Path(path).exists() and _starts(path) else None


def _starts(path: str) -> bool:
    """Whether the browser runs at all: a download may lack the libraries it needs."""
    return _run([path, "--version", *ARGUMENTS], seconds=60)


def _fetch_by_playwright() -> None:
    _say("Fetching a browser for the tests by Playwright (once) …")
    _run([sys.executable, "-m", "playwright", "install", "chromium"], PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT="20000")


def _fetch_by_apt() -> None:
    if os.geteuid() or not shutil.which("apt-get"):
        return
    _say("Installing the package chromium for the tests (once) …")
    for words in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
        _run(["apt-get", *words], DEBIAN_FRONTEND="noninteractive")


def _run(command: Sequence[str], *, seconds: float = PATIENCE, **environment: str) -> bool:
    """Run a program that may fail or hang; say whether it ended well in time."""
    silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        process = subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True, **silent)
    except OSError:
        return False
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def _say(text: str) -> None:
    """Tell whoever watches the terminal, also below a test runner that keeps output to itself."""
    try:
        Path("/dev/tty").write_text(f"{text}\n", encoding="utf-8")
    except OSError:
        print(text, file=sys.__stderr__, flush=True)


if __name__ == "__main__":
    try:
        print(executable())
    except NoBrowserError as error:
        sys.exit(str(error))
