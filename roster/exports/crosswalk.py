"""The table of who is whom for a vendor that moves from OneRoster 1.1 to 1.2. It holds ids and roles, no names."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from connections.grants import Grant
from interop import statements
from interop.oneroster.resource import V1P1
from roster.models import DistrictSettings
from roster.reading.scope import SENT, in_scope, live

HEADER = ("sourcedId 1.1", "role", "sourcedId 1.2")
_EVERYBODY = """
    SELECT i.sourced_id, i.role, p.sourced_id FROM roster_roleid i JOIN roster_person p ON p.id = i.person_id
    WHERE i.prefixed = %s
"""
_ORDER = ' ORDER BY p.sourced_id COLLATE "C", i.id'


def write_crosswalk(path: Path, grant: Grant | None = None) -> int:
    """Write a row for each user of 1.1, with a grant only for those it sees; return how many. The file is whole or not
    there.
    """
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            rows = list(_rows(grant))
            writer.writerows(rows)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return len(rows)


def _rows(grant: Grant | None) -> Iterator[Sequence[str]]:
    text, values = _EVERYBODY, [DistrictSettings.load().role_prefixed_ids]
    if grant is not None:
        kind, kind_values = live(V1P1, "user")
        scope, scope_values = in_scope(replace(grant, version=V1P1))
        text += f" AND i.sourced_id IN (SELECT r.sourced_id FROM roster_record r WHERE {kind} AND {scope} AND {SENT})"
        values += [*kind_values, *scope_values]
    yield from statements.rows(text + _ORDER, values)
