"""Deleting people for good: their rows, what hangs on them, and every published version that speaks of them.

Only who has left is deleted. While the feed still brings somebody, the next import would make them again; and vendors
have to be told by the refresh that a record ended before its tombstone goes.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from interop.backups.contents import TABLES
from interop.disposals.deciding import Gone
from interop.disposals.rows import Refused, Rows, everything_below
from roster.imports.undoing import forget_all
from roster.models import Body, Lost, PastRecord, Person, Record, RoleId, Withheld
from roster.reading.mirror import renew

PATIENCE = dt.timedelta(days=60)
"""How long ago people must have left to be deleted together: older versions of other records no longer name them."""
TELLING = 6
"""Letters of an identifier that is looked for everywhere; a shorter one is found in anything."""
ABOVE = ("gradebook.disposing.forget", "assessments.disposing.forget")
"""What the apps above this one keep of people beside rows that hang on them; known by name."""
EXEMPT = frozenset({"interop_disposal"})
_OWN = """
    SELECT r.id, r.retired_at IS NULL AND r.status = 'active' FROM roster_record r
    WHERE r.object IN ('user', 'demographics') AND r.sourced_id = ANY(%(ids)s)
       OR r.object = 'enrollment' AND r.find->>'user.sourcedId' = ANY(%(ids)s)
"""
_NAMING = """
    SELECT r.id, r.retired_at IS NULL AND r.status = 'active' FROM roster_record r JOIN roster_body b USING (id)
    WHERE position(convert_to(%s, 'UTF8') IN b.doc) > 0 AND NOT r.id = ANY(%s)
"""
# The number of the newest record stays taken: no list may ever find another body under it.
_PLACE = """
    INSERT INTO roster_record (id, version, object, sourced_id, status, modified, retired_at, audience, digest, find)
    SELECT %s, 0, '', '', '', now(), now(), '', '', '{}'
    WHERE NOT EXISTS (SELECT 1 FROM roster_record WHERE id >= %s)
"""


class People:
    """Deletes a set of people who have left."""

    def gather(self, people: QuerySet[Person], *, naming: bool) -> tuple[Rows, list[int], list[str]]:
        """Return the rows that would go, the published records among them, and the wire ids; raises Refused."""
        ids = [*people.values_list("sourced_id", flat=True)]
        ids += RoleId.objects.filter(person__in=people).values_list("sourced_id", flat=True)
        rows = Rows()
        everything_below(people, rows)
        everything_below(User.objects.filter(roster_tie__person__in=people), rows)
        records = self._published(ids, naming=naming)
        for model, name in ((Record, "pk"), (Body, "pk"), (Withheld, "pk"), (Lost, "record")):
            kept = model._default_manager.filter(**{f"{name}__in": records})
            rows.add(model, list(kept.values_list("pk", flat=True)))
        rows.add(PastRecord, list(PastRecord.objects.filter(sourced_id__in=ids).values_list("pk", flat=True)))
        return rows, records, ids

    def remove(self, people: QuerySet[Person], *, naming: bool) -> tuple[Rows, list[str]]:
        """Delete them; return the rows that went and the wire ids they had. Raises Refused."""
        rows, records, ids = self.gather(people, naming=naming)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM roster_pull")
            cursor.execute("DELETE FROM roster_frozen")
            cursor.execute("SELECT coalesce(max(id), 0) FROM roster_record")
            [newest] = cursor.fetchone()
        Lost.objects.filter(record__in=records).delete()
        Withheld.objects.filter(pk__in=records).delete()
        Body.objects.filter(pk__in=records).delete()
        renew()
        Record.objects.filter(pk__in=records).delete()
        PastRecord.objects.filter(sourced_id__in=ids).delete()
        forget_all()
        for forget in ABOVE:
            import_string(forget)(ids)
        if newest:
            with connection.cursor() as cursor:
                cursor.execute(_PLACE, [newest, newest])
        everything_below(User.objects.filter(roster_tie__person__in=people), Rows()).delete()
        everything_below(people, Rows()).delete()
        return rows, ids

    def _published(self, ids: Sequence[str], *, naming: bool) -> list[int]:
        """Return the published records of these people, and older and ended ones of others that name them."""
        with connection.cursor() as cursor:
            cursor.execute(_OWN, {"ids": list(ids)})
            own = dict(cursor.fetchall())
            if any(own.values()):
                raise Refused("Vendors still read the record as active. Refresh first, so that they are told it ended.")
            found = list(own)
            for wire_id in ids if naming else ():
                cursor.execute(_NAMING, [f'"{wire_id}"', found])
                others = dict(cursor.fetchall())
                if any(others.values()):
                    raise Refused("A record vendors read now still names this person. Refresh first.")
                found += others
        return found


class Student(People):
    """One person, by sourcedId."""

    def look(self, subject: str) -> dict[str, int]:
        """Return the rows that would go; raises Refused."""
        return self.gather(self._found(subject), naming=True)[0].counts

    def delete(self, subject: str) -> Gone:
        """Delete the person, then look for the identifiers in every table; what is left is certified too."""
        found = self._found(subject)
        person = found.get()
        known = {subject, person.local_id, person.state_id, person.email, person.secondary_email}
        known |= set(found.filter(account__isnull=False).values_list("account__username", flat=True))
        rows, ids = self.remove(found, naming=True)
        return Gone(rows, still_named({*known, *ids}))

    def remembered(self, subject: str) -> str:
        """Return the hash of the identifier: the request does not name the person any longer."""
        return "sha256:" + hashlib.sha256(subject.encode()).hexdigest()

    def _found(self, subject: str) -> QuerySet[Person]:
        found = Person.objects.filter(sourced_id=subject)
        if not found.exists():
            raise Refused(f"There is no person {subject}.")
        if found.filter(ended_at=None).exists():
            raise Refused(
                "The feed still brings this person. End them in the student information system, import, refresh."
            )
        return found


class Ended(People):
    """Everybody who left before a day."""

    def look(self, subject: str) -> dict[str, int]:
        """Return the rows that would go; raises Refused."""
        return self.gather(self._found(subject), naming=False)[0].counts

    def delete(self, subject: str) -> Gone:
        """Delete them all."""
        return Gone(self.remove(self._found(subject), naming=False)[0], {})

    def remembered(self, subject: str) -> str:
        """Return the day: it names nobody."""
        return subject

    def _found(self, subject: str) -> QuerySet[Person]:
        before = dt.datetime.combine(dt.date.fromisoformat(subject), dt.time(), dt.UTC)
        if timezone.now() - before < PATIENCE:
            raise Refused(f"Take a day at least {PATIENCE.days} days ago: vendors must have been told who left.")
        found = Person.objects.filter(ended_at__lt=before)
        if not found.exists():
            raise Refused(f"Nobody left before {subject}.")
        return found


def still_named(names: set[str]) -> dict[str, int]:
    """Return the tables with rows that hold one of these as a whole word, and how many rows; reads everything once."""
    wanted = [name for name in names if len(name) >= TELLING]
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            if table not in EXEMPT and (number := _rows_naming(table, wanted)):
                found[table] = number
    return found


def _rows_naming(table: str, names: list[str]) -> int:
    """Count the rows of a table whose text holds one of the names, not as a part of a longer word."""
    quoted = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {quoted} t WHERE EXISTS (SELECT 1 FROM unnest(%s::text[]) AS n(name)"  # noqa: S608
            " WHERE position(name IN t::text) > 0"
            r" AND t::text ~ ('(^|[^\w-])' || regexp_replace(name, '([^\w])', '\\\1', 'g') || '($|[^\w-])'))",
            [names],
        )
        return int(cursor.fetchone()[0])
