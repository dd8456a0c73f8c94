"""Credits and the grade point average of a transcript: pure arithmetic with decimals, and nothing else.

Each final grade has the points its scale gives its score, and the credits of its course. The average is that of the
points by credits, over the grades that have both; a grade without points (such as P) is left out of it. Credits are
earned by every grade but one of zero points.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NamedTuple

ZERO, STEP = Decimal(0), Decimal("0.001")
EXACT = Context(prec=60)


class Final(NamedTuple):
    """A final grade: the points of its score and the credits of its course; None: it has none."""

    points: Decimal | None
    credits: Decimal | None


class Total(NamedTuple):
    """What grades come to; `average` None: none of them has both points and credits."""

    attempted: Decimal
    earned: Decimal
    average: Decimal | None


def total(grades: Iterable[Final]) -> Total:
    """Return credits attempted and earned, and the average to three decimals, halves up."""
    attempted = earned = weight = points = ZERO
    with localcontext(EXACT):
        for grade in grades:
            worth = grade.credits or ZERO
            attempted += worth
            if grade.points is None or grade.points > 0:
                earned += worth
            if grade.points is not None and worth > 0:
                weight += worth
                points += grade.points * worth
        average = (points / weight).quantize(STEP, ROUND_HALF_UP) if weight else None
    return Total(attempted, earned, average)
