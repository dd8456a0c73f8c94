"""A piece of work done by a process beside this one, which finds in its memory all that this one has read."""

import contextlib
import fcntl
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Generic, NoReturn, TypeVar

T = TypeVar("T")
Buffer = bytes | memoryview
Texts = Sequence[Sequence[Buffer]]
"""What is told by the megabyte: some texts, each in parts."""
NO_FILES = 3
"""The first file that is neither input, output nor errors."""
MANY_FILES = 1 << 20
PIPE = 1 << 20
"""Bytes that wait in the pipe: as many as anybody may ask for."""
AT_ONCE = 1 << 17
"""So many bytes of a text are taken at once, always into the same memory."""
ENDED = "The process that was to do it has ended."


class Lost(RuntimeError):
    """The work failed, or the process that did it ended by itself; the message tells what is known."""


class Beside(Generic[T]):
    """Work that a copy of this process does. It may only compute: no database, no files, no other threads.

    The copy ends when all it has made was taken, or when nobody is there any more to take it.
    """

    def __init__(self, work: Callable[[], tuple[T, Texts]]) -> None:
        source, sink = os.pipe()
        with contextlib.suppress(AttributeError, OSError):  # what is not Linux, or wants to save memory, is slower
            fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, PIPE)
        self._process = os.fork()
        if not self._process:
            _do(work, sink)
        os.close(sink)
        self._source = os.fdopen(source, "rb")

    def result(self) -> tuple[T, list[Iterator[memoryview]]]:
        """Wait for the outcome; return it and the texts, to be read to their ends in their order. Raises Lost."""
        try:
            done, outcome, sizes = pickle.load(self._source)  # noqa: S301 - written by a copy of this process
        except EOFError:
            done, outcome, sizes = False, ENDED, []
        if not done:
            raise Lost(outcome)
        return outcome, [self._text(size) for size in sizes]

    def _text(self, size: int) -> Iterator[memoryview]:
        """Yield a text of so many bytes; what was yielded before is overwritten."""
        taken = memoryview(bytearray(min(size, AT_ONCE)))
        while size:
            many = self._source.readinto(taken[:size])
            if not many:
                raise Lost(ENDED)
            yield taken[:many]
            size -= many

    def close(self) -> None:
        """Let go of the copy, whether or not it has ended by itself."""
        self._source.close()
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _do(work: Callable[[], tuple[Any, Texts]], sink: int) -> NoReturn:
    """Work and tell the outcome in the pipe. The process ends here: nothing that its original began is its to end."""
    try:
        # else a connection of a killed original would seem to be alive until this process has ended too
        os.closerange(NO_FILES, sink)
        os.closerange(sink + 1, MANY_FILES)
        with os.fdopen(sink, "wb") as told:
            _tell(work, told)
    finally:
        os._exit(0)


def _tell(work: Callable[[], tuple[Any, Texts]], told: BinaryIO) -> None:
    texts: Texts = ()
    try:
        outcome, texts = work()
        answer = (True, outcome, [sum(map(len, parts)) for parts in texts])
    except BaseException:  # noqa: BLE001 - whatever it is, the original raises it
        answer = (False, traceback.format_exc(), [])
    pickle.dump(answer, told, pickle.HIGHEST_PROTOCOL)
    for parts in texts:
        told.writelines(parts)
