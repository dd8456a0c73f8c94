"""What an endpoint is: a row in a table that routes, views, scopes and OpenAPI all read."""

import re
from dataclasses import dataclass
from typing import Literal

from .resource import REGISTRY, Resource, Service

SCOPE_PREFIX = {
    11: "https://purl.imsglobal.org/spec/or/v1p1/scope/",
    12: "https://purl.imsglobal.org/spec/or/v1p2/scope/",
}
# How the members of a relationship list are found.
#   links             the object's own fields in `links` hold the ids in the path, in order
#   enrolled_users    users with an active enrollment as `role` in the class
#   enrolled_classes  classes with an active enrollment of the user, as `role` (blank: any)
#   role_holders      users holding `role` at the school (one and the same entry of roles)
#   taught_sessions   sessions that classes of the school name as terms
#   taught_courses    courses of the school, and those that classes of the school name
#   resources_of      resources the parent names
Source = Literal[
    "",
    "links",
    "enrolled_users",
    "enrolled_classes",
    "role_holders",
    "taught_sessions",
    "taught_courses",
    "resources_of",
]


@dataclass(frozen=True)
class Endpoint:
    """One operation. `where` holds fixed conditions; one on a field the version lacks does not apply in it.

    `act` names the function that does what a PUT, POST or DELETE asks, as a dotted path (interop/oneroster/writing.py).
    """

    operation: str
    path: str
    resource: str
    kind: Literal["list", "single", "put", "post", "delete"]
    scopes: tuple[str, ...]
    service: Service = "rostering"
    since: int = 11
    until: int = 12
    where: tuple[tuple[str, str], ...] = ()
    parents: tuple[str, ...] = ()
    source: Source = ""
    links: tuple[str, ...] = ()
    role: str = ""
    cert: bool = False
    act: str = ""

    @property
    def method(self) -> str:
        """The HTTP method; HEAD goes with GET."""
        return {"put": "PUT", "post": "POST", "delete": "DELETE"}.get(self.kind, "GET")

    @property
    def declaration(self) -> Resource:
        return REGISTRY[self.resource]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names between braces in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    def exists_in(self, version: int) -> bool:
        return self.since <= version <= self.until

    def where_in(self, version: int) -> tuple[tuple[str, str], ...]:
        """The fixed conditions of one version."""
        return tuple(pair for pair in self.where if self.declaration.field(pair[0], version))

    def scopes_in(self, version: int) -> tuple[str, ...]:
        """The full scope names, any one of which opens this endpoint."""
        return full_names(self.scopes, version)


def full_names(scopes: tuple[str, ...], version: int) -> tuple[str, ...]:
    """Return the full names of scopes in a version."""
    return tuple(SCOPE_PREFIX[version] + scope for scope in scopes)
