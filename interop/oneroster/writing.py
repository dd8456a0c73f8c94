"""Bodies that clients send, read by the same declarations that write answers; what is wrong is told field by field."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.http import HttpRequest

from interop.dates import zone
from interop.oneroster.errors import LONGEST_SHOWN, bad_data
from interop.oneroster.literals import instant
from interop.oneroster.resource import REF_PARTS, Field, Resource

MOST_ITEMS, MOST_BYTES, MOST_TOLD = 5_000, 32 * 1024 * 1024, 50
LONGEST_ID, LONGEST_METADATA = 255, 65_536
HEAD = frozenset({"sourcedId", "status", "dateLastModified"})
# What clients call the types of references besides our own words (OneRoster 1.1 names roles and kinds).
ALIASES = {
    "user": {"user", "student", "teacher"},
    "org": {"org", "school", "district"},
    "academicSession": {"academicSession", "term", "gradingPeriod", "semester", "schoolYear"},
}
_day = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_number = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*", re.ASCII).fullmatch
_yes = {"true": True, "false": False}
Read = Callable[[Any], Any]


class Bad(ValueError):
    """A value that cannot be read; the text tells what is wanted."""


class Sent(NamedTuple):
    """One object as a client sent it.

    `values` are those that were given, by field: references as their sourcedId, numbers as Decimal, moments in UTC.
    `cut` names dates that came with a time, `ignored` what the object has no place for.
    """

    sourced_id: str
    deleted: bool
    values: dict[str, Any]
    cut: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """What a write is answered: status, body, and sentences on what was changed on the way."""

    status: int
    body: bytes = b""
    warnings: tuple[str, ...] = ()


def body_of(request: HttpRequest) -> bytes:
    """Return the body; 422 for one beyond the largest that is read."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise bad_data(f"The body is longer than {MOST_BYTES // 1024 // 1024} MB; send it in several requests.")
    return body


def read_one(body: bytes, resource: Resource, version: int, sourced_id: str) -> Sent:
    """Return the object of a PUT; the address says its id. Raises the standard's 422 naming each field."""
    item = _envelope(body, resource.single)
    if not isinstance(item, dict):
        raise bad_data(f"{resource.single}: send one object, like {{{resource.single!r}: {{…}}}}.")
    sent, problems = _read(item, _plan(resource, version), resource.single, frozenset())
    if sent.sourced_id not in ("", sourced_id):
        problems.append(f"{resource.single}.sourcedId: it differs from the one in the address; send them alike.")
    _refuse(problems)
    return Sent(sourced_id, sent.deleted, sent.values, sent.cut, sent.ignored)


def read_many(body: bytes, resource: Resource, version: int, known: frozenset[str]) -> list[Sent]:
    """Return the objects of a POST; `known` are fields the address already says. Raises the 422 naming each item."""
    items = _envelope(body, resource.collection)
    if not isinstance(items, list):
        raise bad_data(f"{resource.collection}: send a list, like {{{resource.collection!r}: [{{…}}]}}.")
    if len(items) > MOST_ITEMS:
        raise bad_data(f"{resource.collection}: send at most {MOST_ITEMS:,} in one request; these are {len(items):,}.")
    plan, found, problems = _plan(resource, version), list[Sent](), list[str]()
    for at, item in enumerate(items):
        where = f"{resource.collection}[{at}]"
        if not isinstance(item, dict):
            problems.append(f"{where}: send an object.")
            continue
        sent, wrong = _read(item, plan, where, known)
        if not sent.sourced_id:
            wrong.append(f"{where}.sourcedId: send one of your own; the answer tells the one it got here.")
        found.append(sent)
        problems += wrong
    _refuse(problems)
    return found


def refusal(problems: Sequence[str]) -> str:
    """Return the sentence that tells the problems, the first fifty of them in full."""
    more = len(problems) - MOST_TOLD
    told = " ".join(problems[:MOST_TOLD])
    return f"Nothing was stored. {told}" + (f" And {more} more." if more > 0 else "")


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise bad_data(refusal(problems))


def _envelope(body: bytes, key: str) -> Any:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_data(f"The body is no JSON: {str(error)[:LONGEST_SHOWN]}.") from None
    if not isinstance(told, dict) or key not in told:
        raise bad_data(f"The body has no {key!r}; send {{{key!r}: …}}.")
    return told[key]


@dataclass(frozen=True)
class Plan:
    """How the objects of a kind are read: by field, whether it must be there and how its value is read."""

    fields: Mapping[str, tuple[bool, Read]]
    needed: tuple[str, ...]
    dates: frozenset[str]


@lru_cache(maxsize=64)
def _plan(resource: Resource, version: int) -> Plan:
    fields = [field for field in resource.fields_in(version) if field.name not in HEAD]
    needed = tuple(field.name for field in fields if field.sent and field.required_in(version))
    dates = frozenset(field.name for field in fields if field.kind == "date")
    return Plan({field.name: (field.name in needed, _reader(field, version)) for field in fields}, needed, dates)


def _read(item: Mapping[str, Any], plan: Plan, where: str, known: frozenset[str]) -> tuple[Sent, list[str]]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    cut: list[str] = []
    ignored: list[str] = []
    for name, given in item.items():
        if name in HEAD or given is None:
            continue
        if name not in plan.fields:
            ignored.append(name[:LONGEST_SHOWN])
            continue
        try:
            value = plan.fields[name][1](given)
        except Bad as wrong:
            problems.append(f"{where}.{name}: {wrong}")
            continue
        if value is not None:
            values[name] = value
            if name in plan.dates and len(given) > len("2026-10-05"):
                cut.append(name)
    problems += [
        f"{where}.{name}: it is missing."
        for name in plan.needed
        if name not in values and name not in known and item.get(name) is None
    ]
    sourced_id, wrong_id = _own_id(item.get("sourcedId"))
    if wrong_id:
        problems.append(f"{where}.sourcedId: {wrong_id}")
    deleted = item.get("status") in ("tobedeleted", "inactive")
    return Sent(sourced_id, deleted, values, tuple(cut), tuple(ignored)), problems


def _own_id(given: Any) -> tuple[str, str]:
    if given is None:
        return "", ""
    try:
        text = _text(given)
    except Bad as wrong:
        return "", str(wrong)
    return (text, "") if 0 < len(text) <= LONGEST_ID else ("", f"use 1 to {LONGEST_ID} characters.")


def _reader(field: Field, version: int) -> Read:
    if field.kind == "object":
        parts = [part for part in field.parts if part.exists_in(version)]
        one: Read = lambda given: _object(given, parts, version)  # noqa: E731
    else:
        one = _ref(field.target or "") if field.kind == "ref" else READERS[field.kind]
    return _many(one) if field.many else one


def _many(one: Read) -> Read:
    def read(given: Any) -> Any:
        if not isinstance(given, list):
            raise Bad("send a list.")
        return [one(each) for each in given]

    return read


def _object(given: Any, parts: Sequence[Field], version: int) -> dict[str, Any]:
    """Return the object as it can be stored and sent back: JSON values only."""
    if not isinstance(given, dict):
        raise Bad("send objects.")
    told: dict[str, Any] = {}
    for part in parts:
        value = given.get(part.name)
        if value is None:
            if part.required_in(version):
                raise Bad(f"{part.name} is missing.")
            continue
        try:
            read = _reader(part, version)(value)
        except Bad as wrong:
            raise Bad(f"{part.name}: {wrong}") from None
        told[part.name] = float(read) if isinstance(read, Decimal) else read
    return told


def _ref(target: str) -> Read:
    kinds = (None, "", *ALIASES.get(target, {target}))
    shape = ", ".join(f"{part.name!r}: …" for part in REF_PARTS)

    def read(given: Any) -> str:
        sourced_id = given.get("sourcedId") if isinstance(given, dict) else None
        if not isinstance(sourced_id, str) or not sourced_id or "\0" in sourced_id:
            raise Bad(f"send a reference, like {{{shape}}}.")
        if given.get("type") not in kinds:
            raise Bad(f"it is a reference to something else; its type is {target!r}.")
        return sourced_id

    return read


def _text(given: Any) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise Bad("use a text.")
    text = str(given)
    if "\0" in text:
        raise Bad("it contains a character that cannot be stored; remove it.")
    return text


def _boolean(given: Any) -> bool | None:
    if given == "":
        return None
    found = given if isinstance(given, bool) else _yes.get(str(given).strip().lower())
    if found is None:
        raise Bad("use 'true' or 'false'.")
    return found


def _decimal(given: Any) -> Decimal | None:
    if given == "":
        return None
    if isinstance(given, bool) or not isinstance(given, int | float | str) or not _number(str(given)):
        raise Bad("use a number.")
    try:
        return Decimal(str(given).strip())
    except InvalidOperation:
        raise Bad("use a number.") from None


def _date(given: Any) -> Any:
    if isinstance(given, str) and _day.fullmatch(given):
        with suppress(ValueError):  # what has the form of a day and is none is refused below
            return date.fromisoformat(given)
    moment = _moment(given)
    return date.fromisoformat(str(given).strip()[:10]) if moment else None


def _moment(given: Any) -> datetime | None:
    """Return the moment in UTC; a plain date is that day's beginning in the district."""
    if given == "":
        return None
    if not isinstance(given, str):
        raise Bad("use a date like 2026-08-31 or 2026-08-31T09:30:00.000Z.")
    text = given.strip()
    try:
        if _day.fullmatch(text):
            return datetime.combine(datetime.fromisoformat(text), time.min, zone())
        return instant(text)
    except (ValueError, OverflowError):
        raise Bad("use a date like 2026-08-31 or 2026-08-31T09:30:00.000Z.") from None


def _metadata(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Bad("send an object.")
    if len(orjson.dumps(given)) > LONGEST_METADATA or "\\u0000" in orjson.dumps(given).decode():
        raise Bad(f"use at most {LONGEST_METADATA:,} characters that can be stored.")
    return given


def _word(given: Any) -> str | None:
    return _text(given).strip() or None


READERS: dict[str, Read] = {
    "string": _text,
    "boolean": _boolean,
    "date": _date,
    "datetime": _moment,
    "float": _decimal,
    "enum": _word,
    "metadata": _metadata,
}
