"""The rows a deletion takes along: counted and hashed before they go."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.deletion import Collector, ProtectedError, RestrictedError

BATCH = 1000


class Refused(Exception):
    """It must not be deleted, or not yet; the message says why, for people."""


@dataclass
class Rows:
    """What goes: number and sum of the hashes of the rows of each table."""

    counts: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)

    def add(self, model: type[Model], keys: Iterable[object]) -> None:
        """Count and hash rows by primary key."""
        table, name = model._meta.db_table, str(model._meta.pk.column)
        wanted = list(keys)
        for start in range(0, len(wanted), BATCH):
            with connection.cursor() as cursor:
                quoted = connection.ops.quote_name(table)
                cursor.execute(
                    f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {quoted} t"  # noqa: S608
                    f" WHERE t.{connection.ops.quote_name(name)} = ANY(%s)",
                    [wanted[start : start + BATCH]],
                )
                number, total = cursor.fetchone()
            if number:
                self.counts[table] = self.counts.get(table, 0) + number
                self.sums[table] = self.sums.get(table, 0) + int(total)


def everything_below(objects: QuerySet[Model], rows: Rows) -> Collector:
    """Gather the objects and all that hangs on them into `rows`; `delete()` of what is returned deletes them.

    Raises Refused when something else needs them.
    """
    collector = Collector(using="default", origin=objects)
    try:
        collector.collect(list(objects))
    except (ProtectedError, RestrictedError) as error:
        held = next(iter(error.args[1]), None)
        raise Refused(f"It is still needed by {held._meta.verbose_name if held else 'other data'}.") from error
    for model, found in collector.data.items():
        rows.add(model, [each.pk for each in found])
    for each in collector.fast_deletes:
        rows.add(each.model, list(each.values_list("pk", flat=True)))
    return collector
