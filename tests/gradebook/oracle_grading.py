"""Grades once more, by fractions and straight from the rules: nothing here is shared with gradebook/grading.py.

Plain values go in: an assignment is a dict with id, category, points, multiplier, active, day; marks are dicts with
score and the set of flags' letters; categories are dicts with weight and drop.
"""

from fractions import Fraction

STEP = 10**10


def percent(assignments, marks, categories, *, weighted=False, percents=False, last=None):
    """Return the grade as a fraction rounded to ten decimals (half to even); None when nothing counts."""
    pile = []
    for work in sorted(assignments, key=lambda each: (each["day"], each["id"])):
        worth = credit(marks.get(work["id"]))
        usable = work["active"] and work["category"] in categories and work["points"] is not None
        if worth is None or not usable or (percents and work["points"] == 0):
            continue
        pile.append((work, worth))
    if last is not None:
        pile = pile[-last:] if last else []
    for name, category in categories.items():
        for _ in range(category["drop"]):
            mine = [each for each in pile if each[0]["category"] == name and each[0]["points"]]
            if len(mine) > 1:
                pile.remove(min(mine, key=lambda each: (each[1] / each[0]["points"], each[0]["day"], each[0]["id"])))
    if not weighted:
        return rounded(ratio(pile, percents))
    top = bottom = Fraction(0)
    for name, category in categories.items():
        share = ratio([each for each in pile if each[0]["category"] == name], percents)
        if share is not None:
            top += share * Fraction(category["weight"] or 0)
            bottom += Fraction(category["weight"] or 0)
    return rounded(top / bottom) if bottom else None


def credit(mark):
    """Return what a mark is worth; None when it does not count."""
    if mark is None or mark["flags"] & {"X", "Dr"}:
        return None
    if mark["flags"] & {"M", "Ch"}:
        return Fraction(0)
    return None if mark["score"] is None else Fraction(mark["score"])


def ratio(pile, percents):
    """Return the percentage of some assignments together; None when there is nothing to divide by."""
    if percents:
        factors = sum(Fraction(work["multiplier"]) for work, _ in pile)
        total = sum(worth / work["points"] * Fraction(work["multiplier"]) for work, worth in pile)
        return 100 * total / factors if factors else None
    possible = sum(work["points"] * Fraction(work["multiplier"]) for work, _ in pile)
    return 100 * sum(worth * Fraction(work["multiplier"]) for work, worth in pile) / possible if possible else None


def mean(parts):
    """Return the composite of (weight, posted, in progress) as a rounded fraction."""
    there = [(weight or 0, posted if posted is not None else going) for weight, posted, going in parts]
    there = [(Fraction(weight), Fraction(share)) for weight, share in there if share is not None]
    weights = sum(weight for weight, _ in there)
    return rounded(sum(weight * share for weight, share in there) / weights) if weights else None


def rounded(value):
    """Return the fraction at the nearest ten-billionth; Python's round goes half to even."""
    return None if value is None else Fraction(round(value * STEP), STEP)
