"""OneRoster documents as people read them: one row a field, references by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from roster.reading.records import Shown
from roster.reading.trim import Reference

Names = Mapping[Reference, str]


@dataclass(frozen=True)
class Row:
    """One field with its values; `left_out` is how many more the district has that this connection is not given."""

    field: str
    values: Sequence[str]
    left_out: int = 0


@dataclass(frozen=True)
class Part:
    """One value before or after a change: `how` is same, added or removed."""

    text: str
    how: str


@dataclass(frozen=True)
class Compared:
    """One field before and after."""

    field: str
    now: Sequence[Part]
    after: Sequence[Part]

    @property
    def same(self) -> bool:
        """Whether nothing changes."""
        return all(part.how == "same" for part in (*self.now, *self.after))


def document(shown: Shown) -> dict[str, Any]:
    """Return what is shown of a record."""
    doc: dict[str, Any] = orjson.loads(shown.data)
    return doc


def references(value: Any) -> Iterator[Reference]:
    """Yield the (object, sourcedId) of every reference in a document or a part of one."""
    if isinstance(value, dict):
        if _is_reference(value):
            yield value["type"], value["sourcedId"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def rows(shown: Shown, names: Names) -> list[Row]:
    """Return a record's fields as the connection gets them, and how much of each it does not get."""
    doc, whole = document(shown), orjson.loads(shown.row.doc)
    fields = [name for name in whole if name in doc] + [name for name in whole if name not in doc]
    fields += [name for name in doc if name not in whole]
    return [
        Row(name, lines(doc.get(name), names), max(0, len(lines(whole.get(name), {})) - len(lines(doc.get(name), {}))))
        for name in fields
    ]


def compared(now: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> list[Compared]:
    """Return every field before and after, the ones that change first."""
    found = []
    for name in dict.fromkeys([*now, *after]):
        before, then = lines(now.get(name), names), lines(after.get(name), names)
        found.append(Compared(name, _parts(before, then, "removed"), _parts(then, before, "added")))
    return sorted(found, key=lambda each: each.same)


def table(records: Iterable[Mapping[str, Any]], names: Names) -> tuple[list[str], list[list[Sequence[str]]]]:
    """Return the fields of these records in the order they come, and the values of each record in that order."""
    listed = list(records)
    fields = list(dict.fromkeys(name for record in listed for name in record))
    return fields, [[lines(record.get(name), names) for name in fields] for record in listed]


def lines(value: Any, names: Names) -> list[str]:
    """Return a field's value as lines of text, one for each of several values."""
    if value is None:
        return []
    if isinstance(value, list):
        return [_text(part, names) for part in value]
    if isinstance(value, dict) and not _is_reference(value):
        return [f"{name}: {_text(part, names)}" for name, part in value.items()]
    return [_text(value, names)]


def _parts(mine: Sequence[str], others: Sequence[str], how: str) -> list[Part]:
    return [Part(text, "same" if text in others else how) for text in mine]


def _text(value: Any, names: Names) -> str:
    if isinstance(value, dict):
        if _is_reference(value):
            return names.get((value["type"], value["sourcedId"]), value["sourcedId"])
        return ", ".join(_text(part, names) for part in value.values())
    if isinstance(value, list):
        return ", ".join(_text(part, names) for part in value)
    return str(value)


def _is_reference(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("sourcedId"), str) and isinstance(value.get("type"), str) and "status" not in value


def indented(value: Any) -> str:
    """Return JSON as people read it."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
