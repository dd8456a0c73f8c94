"""What a visibility rule is, and how a list of them is applied to all records or to one."""

import datetime
import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, F, Model, Q, QuerySet, Value, When

from roster.models import SchoolYear


@dataclass(frozen=True)
class Moment:
    """What every rule may depend on besides the tables: the active year and the district's date."""

    year: SchoolYear
    today: datetime.date

    @property
    def first_day(self) -> datetime.date:
        """The first day of the active year."""
        return self.year.first_day

    @property
    def last_day(self) -> datetime.date:
        """The last day of the active year."""
        return self.year.last_day


class Effect(enum.Enum):
    """What a record that fails the rule becomes for vendors who had it."""

    HIDES = "hides"
    """It is not shared; those who had it are told it is to be deleted."""
    ENDS = "ends"
    """Its dates have passed; a student is told as to be deleted even to those who never had it."""
    PROTECTS = "protects"
    """It is withheld on purpose; a person's tombstone says nothing but what the schema requires."""


@dataclass(frozen=True)
class Rule:
    """One named condition a record must meet to be shared. `sentence` says it to people."""

    name: str
    sentence: str
    applies_to: type[Model]
    condition: Callable[[Moment], Q]
    effect: Effect = Effect.HIDES
    of_others: bool = False
    """Whether it asks if another record is shared; the publisher answers that from what it has read already."""
    shows: tuple[str, ...] = ()
    """Paths to what people are shown of the records it looks for; what it compares itself is shown anyway."""
    asks: str = ""
    """The path to the one other record whose being shared it asks about; that one has an explanation of its own."""


def own_rules(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules that ask nothing of other shared records."""
    return tuple(rule for rule in rules if not rule.of_others)


def passing(rules: Sequence[Rule], moment: Moment) -> QuerySet[Any]:
    """Return the records that meet all rules (which must apply to the same model)."""
    model = rules[0].applies_to
    return model._default_manager.filter(*[rule.condition(moment) for rule in rules]).order_by()


def flipping(rules: Sequence[Rule], before: Moment, after: Moment) -> QuerySet[Any]:
    """Return the records for which one of the rules answers differently at the two moments.

    Rules that do not depend on the moment are not asked, nor those about another record: that one flips by itself.
    """
    dated = [
        rule
        for rule in rules
        if not rule.asks and str(passing([rule], before).query) != str(passing([rule], after).query)
    ]
    records: QuerySet[Any] = rules[0].applies_to._default_manager.order_by()
    if not dated:
        return records.none()
    answers = {"then": meets(dated, before), "now": meets(dated, after)}
    differing: QuerySet[Any] = records.annotate(**answers).exclude(then=F("now"))
    return differing


def meets(rules: Sequence[Rule], moment: Moment) -> Case:
    """Return an expression for annotate(): whether the record meets all these rules."""
    every = Q()
    for rule in rules:
        every &= rule.condition(moment)
    return Case(When(every, then=Value(value=True)), default=Value(value=False), output_field=BooleanField())


def with_effect(rules: Sequence[Rule], *effects: Effect) -> tuple[Rule, ...]:
    """Return those of the rules whose effect is one of `effects`."""
    return tuple(rule for rule in rules if rule.effect in effects)


def judge(rules: Sequence[Rule], record: Model, moment: Moment) -> list[tuple[Rule, bool]]:
    """Return each rule with whether this one record meets it: the publisher's own conditions, one statement."""
    names = {f"rule_{number}": rule for number, rule in enumerate(rules)}
    answers = {name: meets([rule], moment) for name, rule in names.items()}
    manager = type(record)._default_manager
    row = manager.filter(pk=record.pk).annotate(**answers).values(*names).first()
    return [(rule, bool(row and row[name])) for name, rule in names.items()]
