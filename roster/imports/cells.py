"""Checking one cell: strict about meaning, lenient where exporters are known to drift."""

import contextlib
import datetime
import re
from collections.abc import Callable
from functools import cache, lru_cache

from interop.oneroster.csv import Column

Check = Callable[[str], tuple[str, str, str]]
"""Takes a cell; returns (clean value, error or '', warning or '')."""

IDENTIFIER = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
EXTENSION = re.compile(r"ext:[a-zA-Z0-9.\-_]+")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?")
PAIRS = re.compile(r"\{[^{}:]+:[^{}]*\}(,\s*\{[^{}:]+:[^{}]*\})*")


@cache
def checker(column: Column, version: int) -> Check:
    """Return the check of one column."""
    check = _enum(column, version) if column.kind in {"enum", "enums"} else _CHECKS[column.kind]
    return _limited(check, column) if column.limit else check


def _limited(check: Check, column: Column) -> Check:
    """Return a check that also measures the text, or each item of a list."""
    limit, many = column.limit, column.kind in {"list", "enums"}

    def measured(value: str) -> tuple[str, str, str]:
        clean, error, warning = check(value)
        if len(clean) > limit and not error:
            longest = max(map(len, clean.split(","))) if many else len(clean)
            if longest > limit:
                return clean, f"has {longest} characters; at most {limit} are expected", warning
        return clean, error, warning

    return measured


def _text(value: str) -> tuple[str, str, str]:
    return value, "", ""


def _id(value: str) -> tuple[str, str, str]:
    if IDENTIFIER.fullmatch(value):
        return value, "", ""
    return value, f"{_shown(value)} is not a sourcedId; expected 1 to 255 of 0-9 A-Z a-z . / @ _ -", ""


def _list(value: str) -> tuple[str, str, str]:
    items = [item.strip() for item in value.split(",")]
    if not all(items):
        return value, f"{_shown(value)} has an empty item", ""
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


@lru_cache(maxsize=10_000)
def _date(value: str) -> tuple[str, str, str]:
    plain = value.removesuffix("Z")
    try:
        if len(plain) == len("YYYY-MM-DD") and plain[4] == plain[7] == "-":
            return datetime.date.fromisoformat(plain).isoformat(), "", "" if plain == value else "a date has no Z"
    except ValueError:
        pass
    return value, f"{_shown(value)} is not a date; expected YYYY-MM-DD", ""


def _moment(value: str) -> tuple[str, str, str]:
    with contextlib.suppress(ValueError):
        if MOMENT.fullmatch(value) and datetime.datetime.fromisoformat(value):
            return value, "", ""
    return value, f"{_shown(value)} is not a moment; expected YYYY-MM-DDTHH:MM:SS.sssZ", ""


def _year(value: str) -> tuple[str, str, str]:
    if re.fullmatch(r"[12]\d{3}", value):
        return value, "", ""
    return value, f"{_shown(value)} is not a year; expected YYYY", ""


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
        if value in exact:
            return value, "", ""
        if column.open and EXTENSION.fullmatch(value):
            return value, "", "" if version == 12 else "ext: values are a matter of 1.2"
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
    "year": _year, "number": _number, "pairs": _pairs,
}  # fmt: skip
