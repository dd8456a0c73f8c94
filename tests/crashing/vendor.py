"""A vendor that never rests: it pulls, follows deltas and writes in batches, whatever dies on the other side."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import requests

from connections import services

ROSTER, BOOK = "/ims/oneroster/rostering/v1p2", "/ims/oneroster/gradebook/v1p2"
LISTS = {"users": ROSTER, "enrollments": ROSTER, "lineItems": BOOK, "results": BOOK}
ITEMS = 5
PATIENCE = 90


class Vendor:
    """Its replica, what it was told is stored, the numbers of all answers it got, and what was wrong with them."""

    def __init__(self, url: str, day: str) -> None:
        self.url, self.day = url, day
        self.replica: dict[str, dict[str, Any]] = {path: {} for path in LISTS}
        self.acknowledged: dict[str, list[str]] = {}
        self.heard: set[str] = set()
        self.wrong: list[str] = []
        self.batches = self.pulls = 0
        self.stop = threading.Event()
        application = services.application_named("Acme", partner=True, actor="admin")
        found = services.create_connection(
            application, actor="admin", schools=None, choices={"share_gradebook": True, "bucket": 0, "at_once": 0}
        )
        issued = services.add_credential(found, actor="admin")
        self.sign_in = (issued.credential.client_id, issued.secret)
        self.token = ""

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Pull and write meanwhile; what is under way is finished."""
        self.stop.clear()
        if not self.token:
            told = {"grant_type": "client_credentials"}
            answer = self._sent("POST", "/oauth2/token", data=told, auth=self.sign_in)
            self.token = answer.json()["access_token"]
        threads = [threading.Thread(target=self._forever, args=(what,)) for what in (self.pull, self.write)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(PATIENCE)

    def _forever(self, what: Any) -> None:
        while not self.stop.is_set():
            try:
                what()
            except Exception as error:  # noqa: BLE001 - a thread that dies unheard would prove nothing
                self.wrong.append(f"{what.__name__}: {error!r}"[:300])
                return

    def _sent(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send until there is an answer: connections that break and 503 are what a dying server may give."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})} if self.token else {}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = requests.request(method, self.url + path, headers=headers, timeout=30, **more)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                time.sleep(0.1)
                continue
            self.heard.add(answer.headers["X-Request-Id"])
            if answer.status_code != 503:
                return answer
            if "Retry-After" not in answer.headers:
                self.wrong.append(f"{path}: 503 without Retry-After")
            time.sleep(0.1)
        raise TimeoutError(f"{method} {path}: no answer within {PATIENCE} s")

    def _page(self, path: str, query: str) -> tuple[list[dict[str, Any]], int]:
        answer = self._sent("GET", f"{LISTS[path]}/{path}?{query}")
        if answer.status_code != 200:
            raise ValueError(f"{path}: {answer.status_code}")
        (docs,) = answer.json().values()
        return docs, int(answer.headers["X-Total-Count"])

    def pull(self) -> None:
        """Read all users by small pages: whatever dies, they are of one edition (I4)."""
        found: dict[str, dict[str, Any]] = {}
        offset, total = 0, 1
        while offset < total:
            page, total = self._page("users", f"limit=2&offset={offset}")
            found |= {each["sourcedId"]: each for each in page}
            offset += 2
        names = {each["familyName"] for each in found.values() if each["status"] == "active"}
        if len(names) != 1 or len(found) != total:
            self.wrong.append(f"I4: a pull of {len(found)} of {total} users is of the editions {sorted(names)}")
        self.pulls += 1

    def write(self) -> None:
        """Post a batch of line items and then results for the first, each until it is acknowledged (I1)."""
        key = f"batch-{self.batches}"
        items = [
            {
                "sourcedId": f"{key}-{number}", "title": f"{key} {number}", "resultValueMin": 0, "resultValueMax": 20,
                "assignDate": f"{self.day}T13:00:00.000Z", "dueDate": f"{self.day}T21:00:00.000Z",
                "category": _ref("category", "homework"), "class": _ref("class", "algebra-1"),
            }
            for number in range(ITEMS)
        ]  # fmt: skip
        ids = self._post(f"{key} items", "/classes/algebra-1/lineItems", {"lineItems": items})
        results = [
            {
                "sourcedId": f"{key}-{name}", "score": (self.batches % 20) + at, "scoreStatus": "fully graded",
                "scoreDate": self.day, "student": _ref("user", name), "lineItem": _ref("lineItem", ids[0]),
            }
            for at, name in enumerate(("ada", "bob"))
        ]  # fmt: skip
        self._post(f"{key} results", f"/lineItems/{ids[0]}/results", {"results": results})
        self.batches += 1

    def _post(self, key: str, path: str, body: Any) -> list[str]:
        answer = self._sent("POST", BOOK + path, json=body, headers={"Idempotency-Key": key})
        if answer.status_code != 201:
            raise ValueError(f"{path}: {answer.status_code} {answer.text[:200]}")
        self.acknowledged[key] = [each["allocatedSourcedId"] for each in answer.json()["sourcedIdPairs"]]
        return self.acknowledged[key]

    def follow(self) -> list[str]:
        """Bring the replica up to date by deltas; return how it differs from a full pull (I8)."""
        told = []
        for path, known in self.replica.items():
            newest = max((each["dateLastModified"] for each in known.values()), default="")
            since = f"&filter=dateLastModified>'{newest}'" if newest else ""
            known |= {each["sourcedId"]: each for each in self._page(path, f"limit=-1{since}")[0]}
            full = {each["sourcedId"]: each for each in self._page(path, "limit=-1")[0]}
            wrong = [name for name in full.keys() | known.keys() if full.get(name) != known.get(name)]
            told += [f"I8: {path}: {len(wrong)} of {len(full)} differ, as {min(wrong)}"] if wrong else []
        return told


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"href": f"https://lms.example/{name}", "sourcedId": name, "type": kind}
