"""A vendor with a real token who asks over HTTP and may keep a replica, and what it was sent in the oracle's words."""

import datetime
import json
from typing import Any
from urllib.parse import quote

from django.test import Client

from connections import services
from roster import models
from roster.publishing import publish
from tests.roster.oracle import ACTIVE
from tests.roster.oracle_view import Choices

SERVICES = {11: "/ims/oneroster/v1p1", 12: "/ims/oneroster/{}/v1p2"}
EVERYTHING = (
    "/orgs", "/academicSessions", "/courses", "/classes", "/users", "/enrollments", "/resources", "/demographics",
)  # fmt: skip


class Vendor:
    """A connection with a token, asking over HTTP; it may keep a replica."""

    def __init__(self, choices: Choices, version: int = 12) -> None:
        self.choices, self.version = choices, version
        self.http = Client()
        application = services.application_named("Acme", partner=False, actor="admin")
        self.connection = services.create_connection(
            application, actor="admin", schools=self._keys(), choices={"version": version, **self._switches()}
        )
        self.issued = services.add_credential(self.connection, actor="admin")
        self.take_token()
        self.replica: dict[str, dict[str, Any]] = {path: {} for path in EVERYTHING}

    def take_token(self) -> None:
        issued = self.issued
        answer = self.http.post("/oauth2/token", {
            "grant_type": "client_credentials", "client_id": issued.credential.client_id,
            "client_secret": issued.secret,
        })  # fmt: skip
        self.token = answer.json()["access_token"]

    def _keys(self) -> list[int] | None:
        chosen = self.choices.schools
        if chosen is None:
            return None
        return list(models.School.objects.filter(sourced_id__in=chosen).values_list("pk", flat=True))

    def _switches(self) -> dict[str, bool]:
        choices = self.choices
        return {
            "share_guardians": choices.guardians, "share_relatives": choices.relatives,
            "use_secondary_email": choices.secondary_email and self.version == 12,
            "share_demographics": choices.demographics,
        }  # fmt: skip

    def choose(self, choices: Choices) -> None:
        """An admin changes what the connection is given; the vendor's next token carries the new scopes."""
        self.choices = choices
        services.set_schools(self.connection, self._keys(), actor="admin")
        services.change_connection(self.connection, actor="admin", **self._switches())
        self.take_token()

    def ask(self, path: str, **query: str) -> Any:
        service = SERVICES[self.version].format("resources" if path.endswith("/resources") else "rostering")
        return self.http.get(service + quote(path), query, headers={"authorization": f"Bearer {self.token}"})

    def all(self, path: str, **query: str) -> dict[str, dict[str, Any]]:
        """Return everything on a list by sourcedId, as sent."""
        answer = self.ask(path, limit="-1", **query)
        assert answer.status_code == 200, (path, answer.content)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        (docs,) = json.loads(content).values()
        assert answer["X-Total-Count"] == str(len(docs))
        assert len({doc["sourcedId"] for doc in docs}) == len(docs), f"{path} repeats somebody"
        return {doc["sourcedId"]: doc for doc in docs}

    def lists(self) -> tuple[str, ...]:
        return EVERYTHING if self.choices.demographics else EVERYTHING[:-1]

    def follow(self) -> None:
        """Bring the replica up to date by deltas, the way vendors do: everything since the newest record known."""
        for path in self.lists():
            known = self.replica[path]
            newest = max((doc["dateLastModified"] for doc in known.values()), default="")
            since = {"filter": f"dateLastModified>'{newest}'"} if newest else {}
            known |= self.all(path, **since)


def plain(doc: dict[str, Any]) -> dict[str, Any]:
    """The document as the oracle writes it: references as pairs, lists of them sorted, blank lists left out.

    Ids of the other version stand in metadata; they depend on what was published earlier.
    """
    aside = ("sourcedId", "dateLastModified", "metadata")
    shown = {name: _plain(value) for name, value in doc.items() if name not in aside}
    return {name: value for name, value in shown.items() if value != []}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return (value["type"], value["sourcedId"]) if "href" in value else {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        inner = [_plain(each) for each in value]
        return sorted(inner) if inner and isinstance(inner[0], tuple) else inner
    return value


def differences(sent: dict[str, dict[str, Any]], wanted: dict[str, dict[str, Any]]) -> list[str]:
    """Return what was sent and not wanted, or the other way round, field by field."""
    told = {name: plain(doc) for name, doc in sent.items()}
    found = [f"{name} should not be there" for name in told.keys() - wanted.keys()]
    found += [f"{name} is missing" for name in wanted.keys() - told.keys()]
    for name in told.keys() & wanted.keys():
        one, other = told[name], wanted[name]
        found += [
            f"{name}.{field}: sent {one.get(field)}, wanted {other.get(field)}"
            for field in sorted(one.keys() | other.keys())
            if one.get(field) != other.get(field)
        ]
    return sorted(found)


def alive(docs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: doc for name, doc in docs.items() if doc["status"] == ACTIVE}


def refresh(today: datetime.date) -> None:
    noon = datetime.datetime(today.year, today.month, today.day, 18, tzinfo=datetime.UTC)
    publish(noon, force=True)
