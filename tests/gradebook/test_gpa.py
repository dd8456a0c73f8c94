"""Credits and averages, against another way to work them out: fractions, and lines written out one by one."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gradebook.gpa import Final, Total, total

POINTS = st.none() | st.decimals(0, 5, places=3)
CREDITS = st.none() | st.decimals(0, 3, places=3)


def oracle(grades: list[Final]) -> tuple[Fraction, Fraction, Fraction | None]:
    """Every thousandth of a credit is a grade of its own; the average is their plain mean."""
    told = [(int((each.credits or 0) * 1000), each.points) for each in grades]
    attempted = sum(number for number, _points in told)
    earned = attempted - sum(number for number, points in told if points == 0)
    counted = [(number, Fraction(points)) for number, points in told if points is not None]
    divisor = sum(number for number, _points in counted)
    mean = sum(number * points for number, points in counted) / divisor if divisor else None
    return Fraction(attempted, 1000), Fraction(earned, 1000), mean


@given(st.lists(st.builds(Final, POINTS, CREDITS), max_size=12))
def test_totals_are_those_of_the_oracle(grades: list[Final]) -> None:
    found = total(grades)
    attempted, earned, mean = oracle(grades)
    assert (Fraction(found.attempted), Fraction(found.earned)) == (attempted, earned)
    if mean is None:
        assert found.average is None
    else:
        exact = Decimal(mean.numerator * 10**9 // mean.denominator) / 10**9
        assert abs(Fraction(found.average) - mean) <= Fraction(1, 2000)
        assert found.average == found.average.quantize(Decimal("0.001"))
        assert abs(found.average - exact.quantize(Decimal("0.001"), ROUND_HALF_UP)) <= Decimal("0.001")
    assert total(grades[::-1]) == found


def test_what_counts_and_what_does_not() -> None:
    one, half = Decimal(1), Decimal("0.5")
    assert total([]) == Total(Decimal(0), Decimal(0), None)
    assert total([Final(Decimal(4), one), Final(Decimal(3), half)]).average == Decimal("3.667")
    failed = total([Final(Decimal(4), one), Final(Decimal(0), one)])
    assert failed == (Decimal(2), one, Decimal(2)), "a zero counts in the average and earns nothing"
    assert total([Final(None, one), Final(Decimal(2), one)]) == (Decimal(2), Decimal(2), Decimal(2)), "P has no points"
    assert total([Final(Decimal("2.0005"), one)]).average == Decimal("2.001"), "halves go up"
