"""Measure import, publishing and reading on a synthetic district, beside a static-bytes server in the same run.

python bench/run.py [students]   (30,000 unless said; uses the database DATABASE_URL or the embedded one of DATA_DIR)
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
from load import rate  # noqa: E402

PORT, REFERENCE_PORT = 8765, 8766
BASE = "/ims/oneroster/rostering/v1p2"


def manage(*arguments: str) -> tuple[str, float]:
    """Run a management command; return what it printed and the seconds it took."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout, time.perf_counter() - began


@contextmanager
def server(application: str, port: int, folder: Path) -> Iterator[None]:
    """A granian server with two workers on the port, ready when it answers."""
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1",
        "--port", str(port), "--log-level", "error", application,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=folder)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1)
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
                continue
            break
        yield
    finally:
        process.terminate()
        process.wait(10)


def token(made: dict[str, str]) -> str:
    form = f"grant_type=client_credentials&client_id={made['client_id']}&client_secret={made['client_secret']}"
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/oauth2/token", form.encode())
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["access_token"])


def get(path: str, bearer: str) -> tuple[int, int, float]:
    """Return the total, the bytes and the milliseconds of one answer."""
    began = time.perf_counter()
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", headers={"Authorization": f"Bearer {bearer}"})
    with urllib.request.urlopen(request) as answer:
        return int(answer.headers["X-Total-Count"]), len(answer.read()), (time.perf_counter() - began) * 1000


def row(name: str, value: str) -> None:
    print(f"| {name} | {value} |", flush=True)


def lists(bearer: str) -> None:
    """Requests and records a second of the main lists, with their share of the static-bytes server."""
    for name, path, limit in [
        ("users limit=100", "/users", 100),
        ("enrollments limit=1000", "/enrollments", 1000),
        ("enrollments limit=10000", "/enrollments", 10000),
    ]:
        total, length, first = get(f"{BASE}{path}?limit={limit}&offset=0", bearer)
        last = max(0, (total - limit) // limit * limit)
        spread = [f"{BASE}{path}?limit={limit}&offset={last * at // 7 // limit * limit}" for at in range(1, 8)]
        ours = rate(PORT, spread, bearer)
        deep = rate(PORT, [f"{BASE}{path}?limit={limit}&offset={last}"], bearer)
        shallow = rate(PORT, [f"{BASE}{path}?limit={limit}&offset={limit}"], bearer)
        reference = rate(REFERENCE_PORT, [f"/{length}"], bearer)
        row(
            name,
            f"{ours.requests:.0f} req/s, {ours.requests * limit:.0f} records/s, "
            f"{ours.requests / reference.requests:.0%} of static bytes, deepest offset takes "
            f"{shallow.requests / deep.requests:.2f} times the second page, "
            f"first page {first:.0f} ms, refused {ours.refused}",
        )


def crawl(bearer: str) -> None:
    began, records = time.perf_counter(), 0
    for path in ("/orgs", "/academicSessions", "/courses", "/classes", "/users", "/enrollments", "/demographics"):
        offset, total = 0, 1
        while offset < total:
            total = get(f"{BASE}{path}?limit=10000&offset={offset}", bearer)[0]
            offset += 10000
        records += total
    row("whole district at limit 10000", f"{records} records in {time.perf_counter() - began:.1f} s")


def timed(name: str, act: Callable[[], tuple[str, float]]) -> None:
    row(name, f"{act()[1]:.1f} s (process start included)")


def main() -> None:
    students = sys.argv[1] if len(sys.argv) > 1 else "30000"
    manage("migrate")
    row("measure", "figure")
    row("---", "---")
    timed(f"seed_district --students {students}", lambda: manage("seed_district", "--students", students))
    timed("full refresh", lambda: manage("refresh_cache", "--yes"))
    timed("refresh without changes", lambda: manage("refresh_cache"))
    made = json.loads(
        manage("create_connection", "--application", "Bench", "--version", "1.2", "--share", "demographics", "--json")[
            0
        ]
    )
    os.environ["PUBLIC_URL"] = f"http://127.0.0.1:{PORT}"
    with (
        server("interop.wsgi:application", PORT, ROOT),
        server("static_bytes:application", REFERENCE_PORT, ROOT / "bench"),
    ):
        bearer = token(made)
        lists(bearer)
        crawl(bearer)
        role = quote("roles.role='student'")
        row("first page of a role filter", f"{get(f'{BASE}/users?filter={role}&limit=100', bearer)[2]:.0f} ms")


if __name__ == "__main__":
    main()
