"""What a person may do with one connection, beyond the coarse guard of a screen."""

from dataclasses import dataclass

from django.http import HttpRequest

from connections.models import Approval, Connection
from interop.admin.roles import EDITORS, Role, roles_of


@dataclass(frozen=True)
class Person:
    """Somebody of the data office: the name the audit trail knows, and the roles."""

    name: str
    roles: frozenset[Role]

    @property
    def is_officer(self) -> bool:
        """Whether this is a security officer."""
        return Role.OFFICER in self.roles


def person_of(request: HttpRequest) -> Person:
    """Return who sends this request."""
    return Person(request.user.get_username(), roles_of(request.user))


def may_change(person: Person) -> bool:
    """Editors and security officers work on every connection's name, purpose, schools and ordinary data."""
    return bool(person.roles & EDITORS)


def may_handle_secrets(person: Person, connection: Connection) -> bool:
    """Say whether the person may make, replace, hand over and end this connection's credentials.

    Security officers may with all of them; editors with those of connections they made.
    """
    return person.is_officer or (Role.EDITOR in person.roles and connection.created_by == person.name)


def may_delete(person: Person, connection: Connection) -> bool:
    """Deleting ends credentials for good, so it asks for the same right."""
    return may_handle_secrets(person, connection)


def may_share_demographics(person: Person) -> bool:
    """Only security officers turn demographics on and off."""
    return person.is_officer


def may_approve(person: Person, approval: Approval) -> bool:
    """Another security officer than the one who asked."""
    return person.is_officer and approval.asked_by != person.name
