"""Numbers as they can be stored: fourteen digits, six of them behind the point."""

from decimal import ROUND_HALF_EVEN, Decimal

from gradebook import rules
from gradebook.rules import Notes

STEP = Decimal("0.000001")
BELOW = Decimal(100_000_000)


def fitted(number: Decimal | None, place: int, field: str, notes: Notes) -> Decimal | None:
    """Return the number as it is stored, with a note when that is another one."""
    if number is None:
        return None
    if not abs(number) < BELOW:
        notes.add(place, rules.NUMBER_RANGE, field, most=f"{BELOW:,}")
        return None
    stored = number.quantize(STEP, ROUND_HALF_EVEN)
    if stored != number:
        notes.add(place, rules.NUMBER_CUT, field, sent=str(number), stored=f"{stored.normalize():f}")
    return stored
