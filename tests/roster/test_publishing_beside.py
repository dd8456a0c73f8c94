"""Work done by a process beside this one."""

import os
import signal

import pytest

from roster.publishing.beside import Beside, Lost


def test_the_outcome_of_work_comes_back_whatever_its_size():
    numbers = list(range(100_000))
    begun = Beside(lambda: (sum(numbers), ([bytes(1_000_000), b"end"], [], [b"other"])))
    outcome, texts = begun.result()
    assert outcome == sum(numbers)
    assert [b"".join(map(bytes, text)) for text in texts] == [bytes(1_000_000) + b"end", b"", b"other"]
    begun.close()


def test_work_that_fails_says_why():
    with pytest.raises(Lost, match="ZeroDivisionError"):
        Beside(lambda: 1 / 0).result()


def test_work_whose_process_is_killed_is_lost():
    with pytest.raises(Lost, match="ended"):
        Beside(lambda: os.kill(os.getpid(), signal.SIGKILL)).result()


def test_work_nobody_wants_any_more_ends_at_once():
    begun = Beside(signal.pause)
    begun.close()
    with pytest.raises(ProcessLookupError):
        os.kill(begun._process, 0)
