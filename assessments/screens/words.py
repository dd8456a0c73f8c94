"""Tests and scores as the office reads them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import ScoreKind, Test
from assessments.services.setup import Bounds
from gradebook.models import Change
from gradebook.teaching.scoring import plain

LABELS: dict[str, Any] = {
    "title": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "code": gettext_lazy("Code"),
    "type": gettext_lazy("Type"),
    "parent": gettext_lazy("Part of"),
    "sequence": gettext_lazy("Order"),
    "minimum": gettext_lazy("Lowest score"),
    "maximum": gettext_lazy("Highest score"),
    "score_is": gettext_lazy("A vendor’s score is"),
    "portal": gettext_lazy("Shown to families"),
    "restricted": gettext_lazy("Restricted"),
    "archived": gettext_lazy("Archived"),
    "fields": gettext_lazy("Score fields"),
    "statuses": gettext_lazy("Result statuses"),
    "date": gettext_lazy("Day"),
    "raw": ScoreKind.RAW.label,
    "scale": ScoreKind.SCALE.label,
    "scaled": ScoreKind.SCALE.label,
    "percent": ScoreKind.PERCENT.label,
    "percentile": ScoreKind.PERCENTILE.label,
    "level": ScoreKind.LEVEL.label,
    "comment": gettext_lazy("Comment"),
    "deleted": gettext_lazy("Deleted"),
}


WORDS: dict[str, dict[Any, Any]] = {
    "type": dict(Test.Type.choices), "score_is": dict(ScoreKind.choices), "kind": dict(ScoreKind.choices),
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One fact that an act changed: what it is called, how it was and is."""

    label: Any
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One act of the history."""

    at: dt.datetime
    actor: str
    created: bool
    differences: Sequence[Difference]


def test_or_404(pk: int) -> Test:
    """Return a living test with all that its pages name. Raises Http404."""
    joined = Test.objects.select_related(
        "year", "parent__parent", "section__course", "section__calendar__school", "owner", "connection", "scale__scale"
    )
    found = joined.filter(pk=pk, deleted_at=None).first()
    if found is None:
        raise Http404
    return found


def trail(test: Test | None = None) -> list[tuple[str, str]]:
    """Return the way to a test."""
    begun = [(_("Test setup"), reverse("admin:tests"))]
    return [*begun, (test.title, reverse("admin:test", args=[test.pk]))] if test else begun


def day(value: dt.date) -> str:
    """Return `Nov 22, 2026`."""
    return str(formats.date_format(value, _("M j, Y")))


def score_words(value: Decimal | str | None) -> str:
    """Return a score as it is read: a number without needless zeros, or a level; blank for none."""
    return plain(value) if isinstance(value, Decimal) else value or ""


def bounds_words(found: Bounds | None) -> str:
    """Return `from 200 to 800`; blank: no bounds are known."""
    low, high = found or (None, None)
    if low is not None and high is not None:
        return _("from %(low)s to %(high)s") % {"low": plain(low), "high": plain(high)}
    if low is not None:
        return _("from %(low)s") % {"low": plain(low)}
    return _("up to %(high)s") % {"high": plain(high)} if high is not None else ""


def history_words(changes: Sequence[Change]) -> list[Told]:
    """Return acts of the history in words, in their order."""
    sides = [side for each in changes for side in (each.before or {}, each.after or {})]
    keys = {side["parent"] for side in sides if side.get("parent")}
    parents = dict(Test.objects.filter(pk__in=keys).values_list("pk", "title"))
    return [
        Told(each.at, each.actor, each.before is None, _differences(each.before or {}, each.after or {}, parents))
        for each in changes
    ]


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], parents: Mapping[int, str]) -> list[Difference]:
    names = [name for name in LABELS if name in before or name in after]
    told = [
        (LABELS[name], _fact(name, before.get(name), parents), _fact(name, after.get(name), parents)) for name in names
    ]
    return [Difference(*each) for each in told if each[1] != each[2]]


def _fact(name: str, value: Any, parents: Mapping[int, str]) -> str:
    """Return a fact in words; what is not there is blank."""
    if name == "parent":
        return parents.get(value, "")
    return str(WORDS[name][value]) if name in WORDS and value in WORDS[name] else _plain(value)


def _plain(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "; ".join(_plain(each) for each in value)
    if isinstance(value, Mapping):
        return _line(value)
    try:
        return plain(Decimal(str(value)))
    except ArithmeticError:
        return str(value)


def _line(fact: Mapping[str, Any]) -> str:
    """Return a score field or a result status as the history has it: `Meets (Scale score from 500)`."""
    low, high = (Decimal(str(fact[name])) if fact.get(name) is not None else None for name in ("minimum", "maximum"))
    kind = " ".join(filter(None, (str(WORDS["kind"].get(fact.get("kind"), "")), bounds_words((low, high)))))
    marks = [words for name, words in (("required", _("required")), ("hidden", _("hidden"))) if fact.get(name)]
    told = ", ".join([kind, *marks])
    return f"{fact['name']} ({told})" if fact.get("name") else told
