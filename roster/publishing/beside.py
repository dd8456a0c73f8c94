"""A piece of work done by a process beside this one, which finds in its memory all that this one has read."""

import contextlib
import fcntl
import os
import pickle
import signal
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, Generic, NoReturn, TypeVar

T = TypeVar("T")
NO_FILES = 3
"""The first file that is neither input, output nor errors."""
MANY_FILES = 1 << 20
YIELDING = 10
"""How nice the copy is: whoever answers vendors meanwhile gets the processor first."""
PIPE = 1 << 20
"""Bytes that wait in the pipe: as many as anybody may ask for."""


class Lost(RuntimeError):
    """The work failed, or the process that did it ended by itself; the message tells what is known."""


class Beside(Generic[T]):
    """Work that a copy of this process does. It may only compute: no database, no files, no other threads.

    The copy ends with its work, or when nobody is there any more to take the outcome.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        source, sink = os.pipe()
        with contextlib.suppress(AttributeError, OSError):  # what is not Linux, or wants to save memory, is slower
            fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, PIPE)
        self._process = os.fork()
        if not self._process:
            _do(work, sink)
        os.close(sink)
        self._source = os.fdopen(source, "rb")

    def result(self) -> T:
        """Wait for the outcome and return it. Raises Lost."""
        with self._source as source:
            try:
                done, outcome = pickle.load(source)  # noqa: S301 - written by a copy of this process
            except EOFError:
                done, outcome = False, "The process that was to do it has ended."
        os.waitpid(self._process, 0)
        if not done:
            raise Lost(outcome)
        return outcome  # type: ignore[no-any-return]

    def abandon(self) -> None:
        """End the work; nobody wants its outcome any more."""
        self._source.close()
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _do(work: Callable[[], Any], sink: int) -> NoReturn:
    """Work and tell the outcome in the pipe. The process ends here: nothing that its original began is its to end."""
    try:
        os.nice(YIELDING)
        # else a connection of a killed original would seem to be alive until this process has ended too
        os.closerange(NO_FILES, sink)
        os.closerange(sink + 1, MANY_FILES)
        with os.fdopen(sink, "wb", buffering=0) as told:
            _tell(work, told)
    finally:
        os._exit(0)


def _tell(work: Callable[[], Any], told: BinaryIO) -> None:
    try:
        outcome = (True, work())
    except BaseException:  # noqa: BLE001 - whatever it is, the original raises it
        outcome = (False, traceback.format_exc())
    pickle.dump(outcome, told, pickle.HIGHEST_PROTOCOL)
