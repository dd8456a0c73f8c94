"""Cells of ours that hold JSON lists: their shapes, and a check as strict as that of plain cells."""

from dataclasses import replace
from typing import Any

import orjson

from interop.oneroster.csv import FILES, Column, columns
from roster.imports.cells import Check, checker
from roster.imports.sources import METADATA, PREFIX

# The staged lists as SQL: s is the staged row, c a calendar of the school, x a row of the innermost list.
CALENDARS = f"""stage_orgs s CROSS JOIN LATERAL
  jsonb_array_elements(coalesce(nullif(s."{PREFIX}calendars", ''), '[]')::jsonb) AS c"""
RELATIONSHIPS = f"""stage_users s CROSS JOIN LATERAL
  jsonb_array_elements(coalesce(nullif(s."{PREFIX}relationships", ''), '[]')::jsonb) AS x"""


def of_calendars(what: str) -> str:
    """Return the SQL of the lists within the calendars: structures or grades."""
    return f"{CALENDARS} CROSS JOIN LATERAL jsonb_array_elements(coalesce(nullif(c->'{what}', 'null'), '[]')) AS x"


def _texts(shape: tuple[Column, ...], **limits: int) -> tuple[Column, ...]:
    return tuple(replace(column, limit=limits.get(column.name, 0)) for column in shape)


SHAPES: dict[str, tuple[Column, ...]] = {
    "calendars": columns(
        "sourcedId!:id schoolYear!:id startDate:date endDate:date exclude:boolean endedAt:datetime "
        "structures:structures grades:grades"
    ),
    "structures": _texts(columns("sourcedId!:id name exclude:boolean endedAt:datetime"), name=255),
    "grades": _texts(
        columns("sourcedId!:id structure:id local state nces exclude:boolean endedAt:datetime"),
        local=50,
        state=50,
        nces=10,
    ),
    "relationships": _texts(
        columns(
            "sourcedId!:id contact!:id type guardian:boolean portal:boolean startDate:date endDate:date "
            "endedAt:datetime"
        ),
        type=100,
    ),
    "roles": tuple(
        column
        for column in (*FILES[12]["roles"], *METADATA["roles"])
        if column.name not in {"status", "dateLastModified", "userSourcedId", "userProfileSourcedId"}
    ),
}


def nested_checker(kind: str) -> Check:
    """Return the check of a cell that holds a JSON list of objects of one shape."""

    def check(value: str) -> tuple[str, str, str]:
        try:
            rows = orjson.loads(value)
        except orjson.JSONDecodeError:
            return "", "is not JSON; expected a list as export_oneroster writes it", ""
        return value, wrong(kind, rows), ""

    return check


def wrong(kind: str, rows: Any) -> str:
    """Say what is wrong in a list of one shape, with the place; '' when nothing is."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return f"{kind} is not a JSON list of objects; expected a list as export_oneroster writes it"
    shape = {column.name: column for column in SHAPES[kind]}
    for number, row in enumerate(rows, 1):
        if unknown := sorted(set(row) - set(shape)):
            return f"{kind} {number} has the unknown name {unknown[0][:40]!r}; expected {', '.join(shape)}"
        for name, column in shape.items():
            if error := _wrong_value(column, row.get(name)):
                return f"{kind} {number}, {name}: {error}"
    return ""


def _wrong_value(column: Column, value: Any) -> str:
    if value is None or value == "":
        return "is missing; a value is expected" if column.required else ""
    if column.kind in SHAPES:
        return wrong(column.kind, value)
    if isinstance(value, bool) and column.kind == "boolean":
        return ""
    if not isinstance(value, str) or "\0" in value:
        return "is no text; expected a JSON string" if column.kind != "boolean" else "expected true or false"
    _, error, warning = checker(column, 12)(value)
    return error or warning
