"""How far records have to be counted to know that not too many end or change."""

import pytest

from roster.feeding.limits import OTHERS, Limit, Limits


@pytest.mark.parametrize(("ended", "changed"), [(25, 0), (0, 25), (133, 76), (30, 1_001), (24, 400)])
def test_as_many_rows_as_are_enough_make_an_end_or_a_change_small_and_one_less_does_not(ended, changed):
    limits = Limits(25, {OTHERS: Limit(10, 75)})

    def too_many(before: int) -> bool:
        return limits.ends_too_many(OTHERS, before, ended) or limits.changes_too_many(OTHERS, before, changed)

    enough = limits.enough(OTHERS, ended, changed)
    assert not too_many(enough)
    assert too_many(enough - 1)


def test_a_few_rows_need_no_counting_and_where_nothing_may_end_all_are_counted():
    assert Limits(25).enough(OTHERS, 24, 24) == 0
    assert Limits(25, {OTHERS: Limit(0, 75)}).enough(OTHERS, 25, 0) is None
    assert Limits(25, {OTHERS: Limit(0, 75)}).enough(OTHERS, 0, 100) == 134
