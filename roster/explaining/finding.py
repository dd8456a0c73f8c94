"""Records found by what people type: a name, an identifier or an address, misspelled a little too."""

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import transaction
from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from roster.explaining.parts import title_of
from roster.explaining.remedies import Place
from roster.models import Course, Person, RosterEntry, School, Section, SectionStaff
from roster.models.people import PERSON_TEXT
from roster.models.schedule import SECTION_TEXT
from roster.searching import bearing, like, set_likeness

ENTRY = "entry"
MOST = 12
"""So many of each kind are shown."""
LIKE = 0.45
"""From this likeness on a name may be the one that was meant."""


@dataclass(frozen=True)
class Kind:
    """One kind of record: the tables it lies in, what names it, all it is searched by, and what identifies it alone."""

    title: Any
    models: Sequence[type[Model]]
    names: Sequence[str]
    text: Sequence[str]
    exact: Sequence[str] = ()


KINDS: Mapping[str, Kind] = {
    "person": Kind(
        _("Person"), (Person,), ("given_name", "preferred_given_name", "family_name", "preferred_family_name"),
        (*PERSON_TEXT, "account__username"), ("local_id", "state_id", "email", "secondary_email", "account__username"),
    ),
    "section": Kind(
        _("Section"), (Section,), ("title", "number", "calendar__school__name"),
        (*SECTION_TEXT, "calendar__school__name"),
    ),
    "course": Kind(_("Course"), (Course,), ("title", "number"), ("title", "number", "sourced_id")),
    "school": Kind(_("School"), (School,), ("name", "identifier"), ("name", "identifier", "sourced_id")),
    ENTRY: Kind(
        _("Roster entry"), (RosterEntry, SectionStaff), ("person__given_name", "person__family_name", "section__title"),
        (*(f"person__{name}" for name in PERSON_TEXT), *(f"section__{name}" for name in SECTION_TEXT)),
    ),
}  # fmt: skip
_WITH: Mapping[type[Model], tuple[str, ...]] = {
    Section: ("calendar__school",), Course: ("school",), RosterEntry: ("person", "section"),
    SectionStaff: ("person", "section"),
}  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """A record that was found: its kind, number, name, and what tells it from others of that name."""

    kind: str
    record: Any

    @property
    def key(self) -> str:
        """Return what a form sends to name it: the table and the number, never a name."""
        return Place.of(self.record).key

    @property
    def title(self) -> str:
        """Return its name."""
        return title_of(self.record)

    @property
    def beside(self) -> str:
        """Return what tells it from others."""
        if isinstance(self.record, Section):
            return f"{self.record.number} {self.record.calendar.school.name}".strip()
        if isinstance(self.record, Course):
            return self.record.number
        return ""


def find(words: str, kinds: Sequence[str]) -> list[Hit]:
    """Return what all the words identify; else what bears every one of them; else what is spelled nearly like that.

    Roster entries stand on the page of their person, so by name they are looked for only when they alone are asked for.
    """
    wanted = words.replace("\0", "").replace(",", " ").split()[:8]
    if not wanted:
        return []
    named = [kind for kind in kinds if kind != ENTRY] or kinds
    for look, among in ((_identified, kinds), (_bearing, named), (_like, named)):
        if hits := [hit for kind in among for hit in look(kind, wanted)]:
            return hits
    return []


def by_sourced_id(kind: str, sourced_id: str) -> Any:
    """Return the record the student information system gave this identifier; None when there is none of the kind."""
    rows = (model._default_manager.filter(sourced_id=sourced_id).first() for model in KINDS[kind].models)
    return next((row for row in rows if row is not None), None)


def by_key(key: str) -> Any:
    """Return the record of such a key; None when there is none."""
    table, _colon, number = key.partition(":")
    tables = {model._meta.model_name: model for kind in KINDS.values() for model in kind.models}
    if table not in tables or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    return _rows(tables[table]).filter(pk=int(number)).first()


def kind_of(record: Model) -> str:
    """Return the kind of a record."""
    return next(name for name, kind in KINDS.items() if type(record) in kind.models)


def _rows(model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.select_related(*_WITH.get(model, ()))


def _identified(kind: str, wanted: Sequence[str]) -> list[Hit]:
    """Return the records all that was typed identifies."""
    told, whole = KINDS[kind], " ".join(wanted)
    exactly = Q(sourced_id=whole)
    for field in told.exact:
        exactly |= Q(**{f"{field}__iexact": whole})
    found = [_rows(model).filter(exactly) for model in told.models]
    if told.exact:  # what is equal to a value holds it too, and that is found by an index
        found = [rows.filter(bearing(rows.model, told.text, whole)) for rows in found]
    return _hits(kind, [rows.order_by("pk")[:MOST] for rows in found])


def _bearing(kind: str, wanted: Sequence[str]) -> list[Hit]:
    """Return the records whose names and identifiers hold every word."""
    told = KINDS[kind]
    found = [
        functools.reduce(lambda rows, word: rows.filter(bearing(rows.model, told.text, word)), wanted, _rows(model))
        for model in told.models
    ]
    return _hits(kind, [rows.order_by(*told.names, "pk")[:MOST] for rows in found])


def _hits(kind: str, found: Sequence[QuerySet[Any]]) -> list[Hit]:
    return [Hit(kind, row) for rows in found for row in rows][:MOST]


@transaction.atomic
def _like(kind: str, wanted: Sequence[str]) -> list[Hit]:
    """Return the records whose names are spelled nearly like this in any order, the nearest first.

    Words that are so like on average have one among them that is, and that one is found by an index.
    """
    set_likeness(LIKE)
    told = KINDS[kind]
    name = Concat(*[part for field in told.names for part in (F(field), Value(" "))])
    each = [TrigramWordSimilarity(word, name) for word in wanted]
    likeness = functools.reduce(operator.add, each) / float(len(each))
    hits: list[tuple[float, Hit]] = []
    for model in told.models:
        # two statements, because the database does not know what a likeness costs and may measure every row
        near = list(model._default_manager.filter(like(model, told.text, wanted)).order_by().values_list("pk"))
        rows = _rows(model).filter(pk__in=[pk for (pk,) in near]).annotate(likeness=likeness)
        rows = rows.filter(likeness__gte=LIKE)
        hits += [(row.likeness, Hit(kind, row)) for row in rows.order_by("-likeness", "pk")[:MOST]]
    return [hit for _likeness, hit in sorted(hits, key=lambda pair: -pair[0])[:MOST]]
