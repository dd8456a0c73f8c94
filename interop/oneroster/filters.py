"""The `filter` parameter: parsed once, then asked of PostgreSQL or of one record in Python, with the same answer.

What the standard leaves open: AND binds tighter than OR; a quote inside a value is doubled; `=` is exact and `~`
ignores case; on a list of texts `=` wants every member of the comma list (or the whole value as one member) and `~`
any of them; on a list of objects one element is enough; `!=` is the opposite of `=`; a field without a value
fails every comparison.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import unquote

import orjson

from .errors import OneRosterError, bad_filter
from .literals import instant, items, literal, loose
from .render import base_url, href, number_text, stamp
from .resource import COLUMNS, REGISTRY, Place, Resource

LONGEST, LONGEST_PART, MOST = 2000, 200, 20
_name = re.compile(r"[ \t]*([A-Za-z_][\w\-]*(?:\.[\w\-]+)*)[ \t]*").match
_predicate = re.compile(r"(!=|>=|<=|=|>|<|~)[ \t]*'").match
_value = re.compile(r"(?:[^']|'')*").match
_logical = re.compile(r"[ \t]+(and|or)(?=[ \t])", re.IGNORECASE).match
_bad = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]").search

ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
Sql = tuple[str, list[Any]]


@dataclass(frozen=True)
class Comparison:
    """One test: a dotted path, a predicate and a value."""

    path: str
    op: str
    value: str


@dataclass(frozen=True)
class And:
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True)
class Or:
    nodes: "tuple[Node, ...]"


Node = Comparison | And | Or


# Reading


def parse_filter(text: str, resource: Resource, version: int) -> Node:
    """The filter as a tree, or a OneRosterError that says where it stops making sense."""
    if len(text) > LONGEST:
        raise bad_filter(f"The filter is longer than {LONGEST} characters.")
    if _bad(text):
        raise bad_filter("The filter contains control characters; remove them.")
    chains: list[list[Node]] = [[]]
    at = count = 0
    while True:
        node, at = _comparison(text, at, resource, version)
        chains[-1].append(node)
        count += 1
        if count > MOST:
            raise bad_filter(f"The filter has more than {MOST} comparisons.")
        if not text[at:].strip(" \t"):
            break
        word = _logical(text, at)
        if not word:
            raise _stopped(at, "AND or OR with spaces around it")
        at = word.end()
        if word[1].lower() == "or":
            chains.append([])
    chain = tuple(nodes[0] if len(nodes) == 1 else And(tuple(nodes)) for nodes in chains)
    return chain[0] if len(chain) == 1 else Or(chain)


def _comparison(text: str, at: int, resource: Resource, version: int) -> tuple[Comparison, int]:
    name = _name(text, at)
    if not name:
        raise _stopped(at, "a field name")
    predicate = _predicate(text, name.end())
    if not predicate:
        raise _stopped(name.end(), "one of = != > >= < <= ~ and a value in single quotes")
    value = _value(text, predicate.end())
    end = value.end() if value else predicate.end()
    if text[end : end + 1] != "'":
        raise _stopped(end, "the closing single quote")
    raw = text[predicate.end() : end].replace("''", "'")
    return _checked(Comparison(name[1], predicate[1], raw), resource, version), end + 1


def _stopped(at: int, expected: str) -> OneRosterError:
    return bad_filter(f"The filter stops making sense at character {at + 1}: {expected} is expected there.")


def _checked(test: Comparison, resource: Resource, version: int) -> Comparison:
    place = resource.place(test.path, version)
    if place is None:
        raise bad_filter(f"There is no field {test.path!r} in {resource.object}; see the API documentation.")
    kind = place.field.kind
    if kind in ("ref", "object", "metadata"):
        part = "sourcedId" if kind == "ref" else next((each.name for each in place.field.parts), "name")
        raise bad_filter(f"{test.path!r} has parts; filter on one of them, for example {test.path}.{part}.")
    if _is_href(place) and test.op not in ("=", "!="):
        raise bad_filter(f"{test.path!r} can only be compared with = and !=; use the sourcedId beside it.")
    if test.op == "~":
        if len(test.value) > LONGEST_PART:
            raise bad_filter(f"{test.path!r} is searched for more than {LONGEST_PART} characters; use fewer.")
        return test
    try:
        return Comparison(test.path, test.op, literal(kind, test.value))
    except (ValueError, OverflowError):
        wanted = "a number" if kind == "float" else "a date like 2026-08-31 or 2026-08-31T09:30:00.000Z"
        raise bad_filter(f"{test.path!r} is compared with {wanted}, not {test.value[:40]!r}.") from None


# Asking PostgreSQL


def where_sql(node: Node, resource: Resource, version: int, alias: str = "r") -> Sql:
    """The condition over roster_record; every value is a parameter."""
    if isinstance(node, Comparison):
        sql, params = _test_sql(node, resource, version, alias)
        return f"({sql})", params
    word = " AND " if isinstance(node, And) else " OR "
    parts = [where_sql(each, resource, version, alias) for each in node.nodes]
    return f"({word.join(sql for sql, _ in parts)})", [param for _, params in parts for param in params]


def _test_sql(test: Comparison, resource: Resource, version: int, alias: str) -> Sql:
    place = _place(resource, test.path, version)
    if test.path in COLUMNS:
        return _column_sql(test, f"{alias}.{COLUMNS[test.path]}")
    find = f"{alias}.find"
    if _is_type(place):
        return (f"{find} ? %s::text", [_id_path(test.path)]) if _fixed(place, test) else ("FALSE", [])
    test, place = _by_id(test, place, version)
    if test.op == "=":
        return _contains_sql(find, test, place)
    if test.op == "!=":
        sql, params = _contains_sql(find, test, place)
        return f"{find} ? %s::text AND NOT ({sql})", [test.path, *params]
    if place.many:
        sql, params = _scalar_sql("each.value", test, place)
        return f"EXISTS (SELECT FROM jsonb_array_elements_text({find}->%s::text) each WHERE {sql})", [
            test.path,
            *params,
        ]
    sql, params = _scalar_sql("(" + find + "->>%s::text)", test, place)
    return sql, [test.path, *params]


def _column_sql(test: Comparison, column: str) -> Sql:
    if test.op == "~":
        if column.endswith(".modified"):
            column = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
        return f'{column} COLLATE "C" ~ %s', [loose(test.value)]
    sign = "<>" if test.op == "!=" else test.op
    if column.endswith(".modified"):
        return f"{column} {sign} %s", [instant(test.value)]
    return f'{column} COLLATE "C" {sign} %s', [test.value]


def _contains_sql(find: str, test: Comparison, place: Place) -> Sql:
    values = _wanted(test, place)
    params = [orjson.dumps({test.path: value}).decode() for value in values]
    return " OR ".join([f"{find} @> %s::jsonb"] * len(values)) or "FALSE", list(params)


def _scalar_sql(expression: str, test: Comparison, place: Place) -> Sql:
    """`~` and the order predicates on one text."""
    if test.op == "~":
        return f'{expression} COLLATE "C" ~ %s', [_pattern(test, place)]
    kind = place.field.kind
    if kind == "float":
        return f"{expression}::double precision {test.op} %s::double precision", [float(test.value)]
    if kind == "date":
        expression = f"({expression} || 'T00:00:00.000000')"
    elif kind == "datetime":
        expression = f"(left({expression}, 23) || '000')"
    return f'{expression} COLLATE "C" {test.op} %s', [literal(kind, test.value)]


# Asking one record in Python


def matches(
    node: Node,
    resource: Resource,
    version: int,
    *,
    sourced_id: str,
    status: str,
    modified: datetime,
    find: Mapping[str, Any],
) -> bool:
    """The same answer as `where_sql` for one record."""
    if not isinstance(node, Comparison):
        answers = (
            matches(each, resource, version, sourced_id=sourced_id, status=status, modified=modified, find=find)
            for each in node.nodes
        )
        return all(answers) if isinstance(node, And) else any(answers)
    if node.path == "dateLastModified":
        return _matches_moment(node, modified)
    if node.path in COLUMNS:
        find = {"sourcedId": sourced_id, "status": status}
    place = _place(resource, node.path, version)
    if _is_type(place):
        return _id_path(node.path) in find and _fixed(place, node)
    test, place = _by_id(node, place, version)
    held = find.get(test.path)
    if held is None:
        return False
    if test.op in ("=", "!="):
        found = any(_holds(held, wanted) for wanted in _wanted(test, place))
        return found if test.op == "=" else not found
    return any(_matches_text(each, test, place) for each in (held if isinstance(held, list) else [held]))


def _matches_moment(test: Comparison, modified: datetime) -> bool:
    if test.op == "~":
        return bool(re.search(loose(test.value), stamp(modified)))
    wanted = instant(test.value)
    if test.op in ("=", "!="):
        return (modified == wanted) is (test.op == "=")
    return ORDER[test.op](modified, wanted)


def _holds(held: Any, wanted: str | list[str]) -> bool:
    return set(wanted) <= set(held) if isinstance(wanted, list) else bool(held == wanted)


def _matches_text(text: str, test: Comparison, place: Place) -> bool:
    if test.op == "~":
        return bool(re.search(_pattern(test, place), text))
    kind = place.field.kind
    if kind == "float":
        return ORDER[test.op](float(text), float(test.value))
    if kind == "date":
        text += "T00:00:00.000000"
    elif kind == "datetime":
        text = text[:23] + "000"
    return ORDER[test.op](text, literal(kind, test.value))


# Both


def sort_sql(path: str, resource: Resource, version: int, alias: str = "r") -> Sql:
    """The expression to order by; records without a value come first, a list counts by its first member."""
    place = _sortable(_place(resource, path, version), resource, version)
    path = place.path
    if path == "dateLastModified":
        return f"{alias}.modified", []
    if path in COLUMNS:
        return f'{alias}.{COLUMNS[path]} COLLATE "C"', []
    value = f"{alias}.find->%s::text->>0" if place.many else f"{alias}.find->>%s::text"
    if place.field.kind == "float":
        return f"coalesce(({value})::double precision, '-infinity')", [path]
    return f"coalesce({value}, '') COLLATE \"C\"", [path]


def sort_key(
    path: str,
    resource: Resource,
    version: int,
    *,
    sourced_id: str,
    status: str,
    modified: datetime,
    find: Mapping[str, Any],
) -> Any:
    """The value `sort_sql` orders by, for one record. Python orders texts by code point, as "C" does."""
    place = _sortable(_place(resource, path, version), resource, version)
    path = place.path
    if path in COLUMNS:
        return {"sourcedId": sourced_id, "status": status, "dateLastModified": modified}[path]
    held = find.get(path)
    first = (held[0] if held else None) if isinstance(held, list) else held
    if place.field.kind == "float":
        return float("-inf") if first is None else float(first)
    return first or ""


def _pattern(test: Comparison, place: Place) -> str:
    if not place.many or place.objects:
        return loose(test.value)
    return "|".join(loose(item) for item in items(test.value))


def _wanted(test: Comparison, place: Place) -> list[str | list[str]]:
    """The values, any of which the record may hold; a list stands for all of its members."""
    kind = place.field.kind
    value = test.value
    if kind == "date":
        moment = instant(value)
        if moment.time() != time.min:
            return []
        value = moment.date().isoformat()
    elif kind == "datetime":
        moment = instant(value)
        if moment.microsecond % 1000:
            return []
        value = stamp(moment)
    elif kind == "float":
        value = number_text(float(value))
    if not place.many:
        return [value]
    if place.objects or "," not in value:
        return [[value]]
    return [items(value), [value]]


def _place(resource: Resource, path: str, version: int) -> Place:
    place = resource.place(path, version)
    if place is None:
        raise bad_filter(f"There is no field {path!r} in {resource.object}; see the API documentation.")
    return place


def _is_href(place: Place) -> bool:
    return place.target is not None and place.path.endswith(".href")


def _is_type(place: Place) -> bool:
    return place.target is not None and place.path.endswith(".type")


def _id_path(path: str) -> str:
    return path.rpartition(".")[0] + ".sourcedId"


def _sortable(place: Place, resource: Resource, version: int) -> Place:
    """hrefs and types of references order by the sourcedId beside them."""
    return _place(resource, _id_path(place.path), version) if _is_href(place) or _is_type(place) else place


def _fixed(place: Place, test: Comparison) -> bool:
    """A reference's type is a constant."""
    kind = place.target or ""
    if test.op == "~":
        return bool(re.search(loose(test.value), kind))
    if test.op in ("=", "!="):
        return (kind == test.value) is (test.op == "=")
    return ORDER[test.op](kind, test.value)


def _by_id(test: Comparison, place: Place, version: int) -> tuple[Comparison, Place]:
    """A comparison with an href is one with the sourcedId it ends in; a foreign href equals nothing."""
    if not _is_href(place):
        return test, place
    target = REGISTRY[place.target or ""]
    start = f"{base_url(target.service, version)}/{target.path}/"
    sourced_id = unquote(test.value[len(start) :]) if test.value.startswith(start) else ""
    known = bool(sourced_id) and href(target, version, sourced_id) == test.value
    path = _id_path(test.path)
    # A sourcedId is never blank, so the blank one stands for "nothing".
    return Comparison(path, test.op, sourced_id if known else ""), place
