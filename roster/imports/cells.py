"""Checking one cell: strict about meaning, lenient where exporters are known to drift."""

import datetime
import re
from collections.abc import Callable

from interop.oneroster.csv import Column

Check = Callable[[str], tuple[str, str, str]]
"""Takes a cell; returns (clean value, error or '', warning or '')."""

IDENTIFIER = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
EXTENSION = re.compile(r"ext:[a-zA-Z0-9.\-_]+")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?")
PAIRS = re.compile(r"\{[^{}:]+:[^{}]*\}(,\s*\{[^{}:]+:[^{}]*\})*")
TEXT_LIMIT = 255


def checker(column: Column, version: int) -> Check:
    """Return the check of one column."""
    if column.kind in {"enum", "enums"}:
        return _enum(column, version)
    return _CHECKS[column.kind]


def _text(value: str) -> tuple[str, str, str]:
    if len(value) > TEXT_LIMIT:
        return value, f"has {len(value)} characters; at most {TEXT_LIMIT} are expected", ""
    return value, "", ""


def _id(value: str) -> tuple[str, str, str]:
    if IDENTIFIER.fullmatch(value):
        return value, "", ""
    return value, f"{_shown(value)} is not a sourcedId; expected 1 to 255 of 0-9 A-Z a-z . / @ _ -", ""


def _list(value: str) -> tuple[str, str, str]:
    items = [item.strip() for item in value.split(",")]
    if not all(items):
        return value, f"{_shown(value)} has an empty item", ""
    if any(len(item) > TEXT_LIMIT for item in items):
        return value, f"has an item longer than {TEXT_LIMIT} characters", ""
    clean = ",".join(items)
    return clean, "", "" if clean == value else "spaces around list items were removed"


def _ids(value: str) -> tuple[str, str, str]:
    clean, error, warning = _list(value)
    for item in clean.split(","):
        error = error or _id(item)[1]
    return clean, error, warning


def _boolean(value: str) -> tuple[str, str, str]:
    if value in {"true", "false"}:
        return value, "", ""
    if value.strip().lower() in {"true", "false"}:
        return value.strip().lower(), "", "true and false are written in lower case"
    return value, f"{_shown(value)} is not a boolean; expected true or false", ""


def _date(value: str) -> tuple[str, str, str]:
    plain = value.removesuffix("Z")
    try:
        if len(plain) == len("YYYY-MM-DD"):
            return datetime.date.fromisoformat(plain).isoformat(), "", "" if plain == value else "a date has no Z"
    except ValueError:
        pass
    return value, f"{_shown(value)} is not a date; expected YYYY-MM-DD", ""


def _moment(value: str) -> tuple[str, str, str]:
    if MOMENT.fullmatch(value):
        return value, "", ""
    return value, f"{_shown(value)} is not a moment; expected YYYY-MM-DDTHH:MM:SS.sssZ", ""


def _year(value: str) -> tuple[str, str, str]:
    if re.fullmatch(r"[12]\d{3}", value):
        return value, "", ""
    return value, f"{_shown(value)} is not a year; expected YYYY, the year the school year ends", ""


def _number(value: str) -> tuple[str, str, str]:
    return value, "" if NUMBER.fullmatch(value) else f"{_shown(value)} is not a number", ""


def _pairs(value: str) -> tuple[str, str, str]:
    if PAIRS.fullmatch(value):
        return value, "", ""
    return value, f"{_shown(value)} is not a list of pairs; expected {{type:id}},{{type:id}}", ""


def _enum(column: Column, version: int) -> Check:
    exact = frozenset(column.values)
    folded = {value.lower(): value for value in column.values}

    def one(value: str) -> tuple[str, str, str]:
        if value in exact or (column.open and version == 12 and EXTENSION.fullmatch(value)):
            return value, "", ""
        if value.strip().lower() in folded:
            return folded[value.strip().lower()], "", "values of the vocabulary are written in their exact case"
        return value, f"{_shown(value)} is unknown; expected one of {', '.join(column.values)}", ""

    def many(value: str) -> tuple[str, str, str]:
        clean, error, warning = _list(value)
        results = [one(item) for item in clean.split(",")]
        error = error or next((result[1] for result in results if result[1]), "")
        return ",".join(result[0] for result in results), error, warning

    return many if column.kind == "enums" else one


def _shown(value: str) -> str:
    return f'"{value[:40]}{"…" if len(value) > 40 else ""}"'


_CHECKS: dict[str, Check] = {
    "text": _text, "id": _id, "ids": _ids, "list": _list, "boolean": _boolean, "date": _date, "datetime": _moment,
    "year": _year, "number": _number, "pairs": _pairs, "json": lambda value: (value, "", ""),
}  # fmt: skip
