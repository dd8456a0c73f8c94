"""Names and Role Provisioning Services 2.0: who is in a section, as a document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lti.protocol import names
from lti.protocol.claims import Context, Person
from lti.protocol.names import CLAIM, Role

ACTIVE, DELETED = "Active", "Deleted"


@dataclass(frozen=True)
class Member:
    """Somebody in a section, with as much of them as the tool is sent."""

    person: Person
    role: Role
    status: str = ACTIVE

    @property
    def told(self) -> dict[str, Any]:
        """Return the member as it is told."""
        document: dict[str, Any] = {
            "status": self.status, "user_id": self.person.subject, "roles": self.role.uris, **self.person.told,
        }  # fmt: skip
        return document | ({"lis_person_sourcedid": self.person.sourced_id} if self.person.sourced_id else {})


def gone(subject: str, role: Role) -> Member:
    """Return somebody who was told before and is no longer in the section: nothing but that."""
    return Member(Person(subject), role, DELETED)


def document(url: str, context: Context, members: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the members of a section as they are told."""
    told = {"id": context.id, "label": context.label, "title": context.title}
    return {"id": url, "context": told, "members": list(members)}


def with_message(member: Mapping[str, Any], custom: Mapping[str, str]) -> dict[str, Any]:
    """Return a member with what a launch of one link would tell besides."""
    message = {f"{CLAIM}message_type": names.RESOURCE_LAUNCH, **({f"{CLAIM}custom": dict(custom)} if custom else {})}
    return {**member, "message": [message]}
