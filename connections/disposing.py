"""Deleting a connection for good: its keys, tokens and links, and what was kept of its pulls. Its access log stays."""

from django.apps import apps

from connections.models import Connection
from interop.disposals.deciding import Gone
from interop.disposals.rows import Refused, Rows, everything_below

BY_NUMBER = ("roster.Pull", "roster.ServedScope", "roster.Lost")
"""Tables that know the connection by its number."""
LOG = "connections_accesslog"


class OneConnection:
    """A connection that is disabled, by its number."""

    def look(self, subject: str) -> dict[str, int]:
        """Return the rows that would go; raises Refused."""
        rows = Rows()
        everything_below(Connection.objects.filter(pk=self._found(subject).pk), rows)
        self._kept_beside(subject, rows)
        return rows.counts

    def delete(self, subject: str) -> Gone:
        """Delete the connection; what it read stays in the access log, as evidence of what was disclosed."""
        rows = Rows()
        found = everything_below(Connection.objects.filter(pk=self._found(subject).pk), rows)
        self._kept_beside(subject, rows)
        for name in BY_NUMBER:
            apps.get_model(name)._default_manager.filter(connection=int(subject)).delete()
        found.delete()
        log = apps.get_model("connections.AccessLog")._default_manager.filter(connection_id=int(subject)).count()
        return Gone(rows, {LOG: log} if log else {})

    def remembered(self, subject: str) -> str:
        """Return the number: the access log speaks of it."""
        return subject

    def _found(self, subject: str) -> Connection:
        found = Connection.objects.filter(pk=int(subject)).first()
        if found is None:
            raise Refused(f"There is no connection {subject}.")
        if found.enabled:
            raise Refused(f"Connection {subject} is enabled. Disable it first, and see whom it concerns.")
        return found

    def _kept_beside(self, subject: str, rows: Rows) -> None:
        for name in BY_NUMBER:
            model = apps.get_model(name)
            kept = model._default_manager.filter(connection=int(subject))
            rows.add(model, list(kept.values_list("pk", flat=True)))
