"""Some of the rows an import concerns, as a person can judge them: new, changed with their fields, ended."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from django.apps import apps
from django.db import connection, models

from roster.imports.places import TABLES

EACH = 10
"""Rows shown of each kind and sort."""
QUIET = frozenset({"id", "ended_at", "digest"})
_NAME = "concat_ws(' ', {0}.given_name, {0}.family_name)"
_IN_SECTION = (
    f"concat((SELECT {_NAME.format('p')} FROM roster_person p WHERE p.id = t.person_id), ', ', "
    "(SELECT x.title FROM roster_section x WHERE x.id = t.section_id))"
)
_AT_SCHOOL = (
    f"concat((SELECT {_NAME.format('p')} FROM roster_person p WHERE p.id = t.person_id), ', ', "
    "(SELECT o.name FROM roster_school o {0}))"
)
TITLES = {
    "schools": "t.name",
    "people": _NAME.format("t"),
    "demographics": f"(SELECT {_NAME.format('p')} FROM roster_person p WHERE p.id = t.person_id)",
    "student enrollments": _AT_SCHOOL.format("JOIN roster_calendar k ON k.school_id = o.id WHERE k.id = t.calendar_id"),
    "district assignments": _AT_SCHOOL.format("WHERE o.id = t.school_id"),
    "roster entries": _IN_SECTION,
    "section staff": _IN_SECTION,
    "relationships": f"concat((SELECT {_NAME.format('p')} FROM roster_person p WHERE p.id = t.contact_id), ', ', "
    f"(SELECT {_NAME.format('p')} FROM roster_person p WHERE p.id = t.student_id))",
}
"""What a row `t` is called; the others have a title."""
_TRACED = (
    "FROM roster_feedtrace c JOIN roster_feedstep s ON s.id = c.step_id WHERE s.feed_id IS NULL AND s.table_name = %s"
)


def samples() -> list[dict[str, Any]]:
    """Return rows of the import at work.

    Each is {"kind", "what" (new, changed or ended), "id", "title", "fields": [[name, before, after]]}.
    """
    found: list[dict[str, Any]] = []
    for kind, table in TABLES.items():
        found += _new(kind, table)
        found += _altered(kind, table)
    return found


def _told(kind: str) -> str:
    """Return the SQL of what a row is called and of its sourcedId."""
    model = _model(TABLES[kind])
    own = {field.name for field in model._meta.concrete_fields}
    sourced_id = "t.sourced_id" if "sourced_id" in own else "''"
    return f"{TITLES.get(kind, 't.title')}, {sourced_id}"


def _new(kind: str, table: str) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_told(kind)} FROM {table} t WHERE t.id IN "
            f"(SELECT unnest(c.made) {_TRACED} AND c.made IS NOT NULL LIMIT {EACH}) ORDER BY t.id",
            [table],
        )
        for title, sourced_id in cursor.fetchall():
            yield {"kind": kind, "what": "new", "id": sourced_id, "title": title, "fields": []}


def _altered(kind: str, table: str) -> Iterator[dict[str, Any]]:
    for what, test in (
        ("changed", "t.ended_at IS NULL"),
        ("ended", "t.ended_at IS NOT NULL AND c.row->>'ended_at' IS NULL"),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {_told(kind)}, c.row, to_jsonb(t) FROM (SELECT c.row {_TRACED} AND c.row IS NOT NULL) c "
                f"JOIN {table} t ON t.id = (c.row->>'id')::bigint WHERE {test} LIMIT {EACH}",
                [table],
            )
            rows = cursor.fetchall()
        for title, sourced_id, before, after in rows:
            fields = [] if what == "ended" else list(_fields(_model(table), orjson.loads(before), orjson.loads(after)))
            yield {"kind": kind, "what": what, "id": sourced_id, "title": title, "fields": fields}


def _fields(model: type[models.Model], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield [field, before, after] of what differs; another row is named by its sourcedId."""
    for field in model._meta.concrete_fields:
        name = str(field.column)
        if name in QUIET or name not in before or before[name] == after.get(name):
            continue
        yield [field.name.replace("_", " "), _words(field, before[name]), _words(field, after.get(name))]


def _words(field: "models.Field[Any, Any]", value: Any) -> str:
    if value is None:
        return ""
    if field.related_model:
        related = _model(field.related_model._meta.db_table)
        named = related._default_manager.filter(pk=value).values_list("sourced_id", flat=True).first()
        return str(named or value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _model(table: str) -> type[models.Model]:
    return {model._meta.db_table: model for model in apps.get_app_config("roster").get_models()}[table]
