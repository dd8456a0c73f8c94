"""Records found by what people type: a name, an identifier or an address, misspelled a little too."""

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from roster.explaining.parts import title_of
from roster.explaining.remedies import Place
from roster.models import Course, Person, RosterEntry, School, Section, SectionStaff

ENTRY = "entry"
MOST = 12
"""So many of each kind are shown."""
LIKE = 0.45
"""From this likeness on a name may be the one that was meant."""


@dataclass(frozen=True)
class Kind:
    """One kind of record: what names it, the fields that identify it exactly, and the tables its name lies in."""

    title: Any
    models: Sequence[type[Model]]
    names: Sequence[str]
    exact: Sequence[str] = ()


KINDS: Mapping[str, Kind] = {
    "person": Kind(
        _("Person"), (Person,), ("given_name", "preferred_given_name", "family_name", "preferred_family_name"),
        ("local_id", "state_id", "email", "secondary_email", "account__username"),
    ),
    "section": Kind(_("Section"), (Section,), ("title", "number", "calendar__school__name")),
    "course": Kind(_("Course"), (Course,), ("title", "number")),
    "school": Kind(_("School"), (School,), ("name", "identifier")),
    ENTRY: Kind(
        _("Roster entry"), (RosterEntry, SectionStaff), ("person__given_name", "person__family_name", "section__title"),
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
    return _hits(kind, [_rows(model).filter(exactly).order_by("pk")[:MOST] for model in told.models])


def _bearing(kind: str, wanted: Sequence[str]) -> list[Hit]:
    """Return the records whose names and identifiers hold every word."""
    told = KINDS[kind]
    bears = Q()
    for word in wanted:
        test = Q(sourced_id__icontains=word)
        for field in (*told.names, *told.exact):
            test |= Q(**{f"{field}__icontains": word})
        bears &= test
    return _hits(kind, [_rows(model).filter(bears).order_by(*told.names, "pk")[:MOST] for model in told.models])


def _hits(kind: str, found: Sequence[QuerySet[Any]]) -> list[Hit]:
    return [Hit(kind, row) for rows in found for row in rows][:MOST]


def _like(kind: str, wanted: Sequence[str]) -> list[Hit]:
    """Return the records whose names are spelled nearly like this in any order, the nearest first."""
    told = KINDS[kind]
    name = Concat(*[part for field in told.names for part in (F(field), Value(" "))])
    each = [TrigramWordSimilarity(word, name) for word in wanted]
    likeness = functools.reduce(operator.add, each) / float(len(each))
    hits: list[tuple[float, Hit]] = []
    for model in told.models:
        rows = _rows(model).annotate(likeness=likeness).filter(likeness__gte=LIKE)
        hits += [(row.likeness, Hit(kind, row)) for row in rows.order_by("-likeness", "pk")[:MOST]]
    return [hit for _likeness, hit in sorted(hits, key=lambda pair: -pair[0])[:MOST]]
