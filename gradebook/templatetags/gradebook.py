"""Numbers of grades as people read them."""

from decimal import Decimal

from django import template

from gradebook.grading import Sum
from gradebook.models import RecordSettings
from gradebook.teaching import explaining, scoring

register = template.Library()


@register.filter
def plain(number: Decimal | None) -> str:
    """Return a number without needless zeros; 0 for None."""
    return scoring.plain(number or Decimal(0))


@register.filter
def cut(percent: Decimal) -> str:
    """Return a percentage with up to two decimals."""
    return explaining.cut(percent)


@register.filter
def added(each: Sum, by_percent: object) -> str:
    """Return what a category adds up."""
    return explaining.counted(each, by_percent=bool(by_percent))


@register.simple_tag
def family_records() -> RecordSettings:
    """Return whether families open report cards and transcripts."""
    return RecordSettings.load()
