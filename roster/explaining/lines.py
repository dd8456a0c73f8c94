"""One line of an explanation: a statement, whether it holds, the value that decided it, and what to do otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Model

from roster.explaining.remedies import Place, Screen, marked_by, place_of, remedy_of
from roster.explaining.values import Seen, seen_by
from roster.visibility import Effect, Moment, Rule, judge


@dataclass(frozen=True)
class Line:
    """`passed` None: it does not apply, and the remedy says why. `place` is where it is put right, if anywhere.

    `deeper` names the other record it depends on, to be explained in its turn.
    """

    name: str
    statement: str
    passed: bool | None
    value: str = ""
    remedy: str = ""
    place: Place | Screen | None = None
    deeper: Place | None = None


def lines_of(rules: Sequence[Rule], record: Model, moment: Moment) -> list[Line]:
    """Return a line for each rule, in its order: the publisher's own conditions, asked of this one record."""
    verdicts = judge(rules, record, moment)
    seen = seen_by(rules, record, moment)
    return [_line(rule, met, saw, record) for (rule, met), saw in zip(verdicts, seen, strict=True)]


def _line(rule: Rule, met: bool, saw: Seen, record: Model) -> Line:  # noqa: FBT001 - judge's own answer
    if met:
        return Line(rule.name, rule.sentence, passed=True, value=saw.words)
    place = None if rule.asks else place_of(saw, record)
    remedy = remedy_of(rule, saw.looked)
    if place and rule.effect is Effect.PROTECTS:
        remedy = f"{remedy} {marked_by(place, saw.looked[0].field)}"
    return Line(
        rule.name, rule.sentence, passed=False, value=saw.words, remedy=remedy, place=place,
        deeper=_asked(rule, record),
    )  # fmt: skip


def _asked(rule: Rule, record: Model) -> Place | None:
    """Return the other record a rule asks about."""
    found = record
    for step in rule.asks.split("__") if rule.asks else ():
        found = getattr(found, step)
    return Place.of(found) if rule.asks else None
