"""The stock pages behind the product screens: who may see and who may change which kind of record.

A kind that stands in no row is closed to everybody. Daily work happens on the screens; what changes here is what has
no screen of its own.
"""

from dataclasses import dataclass

from interop.admin.roles import EDITORS, EVERYONE, NOBODY, OFFICERS, Role

READ = ("GET", "HEAD")


@dataclass(frozen=True)
class Access:
    """Who sees the records of a kind, and who does what to them."""

    view: frozenset[Role]
    add: frozenset[Role] = NOBODY
    change: frozenset[Role] = NOBODY
    delete: frozenset[Role] = NOBODY

    def of(self, act: str) -> frozenset[Role]:
        """Return the roles that may do this act; nobody may do an act that is not known."""
        return {"view": self.view, "add": self.add, "change": self.change, "delete": self.delete}.get(act, NOBODY)


KINDS = {
    "auth.user": Access(OFFICERS, add=OFFICERS, change=OFFICERS),
    "connections.application": Access(EVERYONE),
    "connections.connection": Access(EVERYONE),
    "connections.credential": Access(OFFICERS),
    "connections.accesslog": Access(EVERYONE),
    "interop.auditevent": Access(OFFICERS),
}
WHOLE_APPS = {"roster": Access(EDITORS)}
"""Apps whose kinds are alike: the district's data, which has student data in it."""


def access(kind: str) -> Access:
    """Return who may do what with records of this kind, named `app.model`."""
    app = kind.partition(".")[0]
    return KINDS.get(kind) or WHOLE_APPS.get(app) or Access(NOBODY)


def may(roles: frozenset[Role], act: str, kind: str) -> bool:
    """Return whether somebody with these roles may do the act; `app.` with no model asks about any of the app's."""
    if not kind.endswith("."):
        return bool(roles & access(kind).of(act))
    kinds = [kind, *(each for each in KINDS if each.startswith(kind))]
    return any(roles & access(each).of(act) for each in kinds)
