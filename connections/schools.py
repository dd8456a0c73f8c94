"""The schools a connection can be limited to, as the office chooses among them."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from connections.models import Connection

KINDS: tuple[tuple[str, Any, str], ...] = (
    ("elementary", _("Elementary"), r"elementary|primary|grade school"),
    ("middle", _("Middle"), r"middle|junior|intermediate"),
    ("high", _("High"), r"high|secondary|senior"),
)
OTHER = ("other", _("Other"))


@dataclass(frozen=True)
class Choice:
    """One school: its key and name, the number the office knows it by, and its kind."""

    pk: int
    name: str
    number: str
    kind: str
    chosen: bool


def choices(connection: Connection) -> list[Choice]:
    """Return the schools of the district and those the connection names. Two statements."""
    return listed(set(connection.schools.values_list("pk", flat=True)))


def listed(chosen: Collection[int]) -> list[Choice]:
    """Return the district's schools by name, and those that are chosen although they ended. One statement."""
    schools = Connection.schools.rel.model._default_manager.filter(Q(ended_at=None) | Q(pk__in=chosen))
    return [
        Choice(pk, name, identifier or sourced_id, kind_of(name), pk in chosen)
        for pk, name, identifier, sourced_id in schools.order_by("name", "pk").values_list(
            "pk", "name", "identifier", "sourced_id"
        )
    ]


def kind_of(name: str) -> str:
    """Return the kind a school's name speaks of; the SIS sends no type of school."""
    for kind, _title, words in KINDS:
        if re.search(rf"\b(?:{words})\b", name, re.IGNORECASE):
            return kind
    return OTHER[0]


def counted(schools: Sequence[Choice]) -> list[tuple[str, Any, int]]:
    """Return (kind, title, how many) of the kinds there are."""
    found = Counter(school.kind for school in schools)
    titles = [(kind, title) for kind, title, _words in KINDS] + [OTHER]
    return [(kind, title, found[kind]) for kind, title in titles if found[kind]]
