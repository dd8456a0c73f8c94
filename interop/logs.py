"""The log as JSON lines: what happened, in which request, and where a fault came from; never what it was about.

Messages of exceptions and addresses of requests may hold names of students, so neither is written: of an exception its
type, PostgreSQL's code and the lines of our code; of a request its number and the kind of address it went to.
"""

import datetime as dt
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from traceback import extract_tb
from typing import Any

import orjson

current_request: ContextVar[str] = ContextVar("current_request", default="")
"""The number of the request this thread answers, blank outside of one."""
DEEPEST = 12
"""Lines of a traceback that are kept: the last ones."""
ROOT = Path(__file__).resolve().parent.parent


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, message, request_id, and of an exception type, code and lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told: dict[str, Any] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **getattr(record, "facts", {}),
        }
        if request := current_request.get():
            told["request_id"] = request
        if record.exc_info and record.exc_info[1]:
            told["exceptions"] = [_told(error) for error in _chain(record.exc_info[1])]
        return orjson.dumps(told, default=str).decode()


def _message(record: logging.LogRecord) -> str:
    """Return the message; of Django's own about a request only the words before its address."""
    if hasattr(record, "request") and isinstance(record.args, tuple) and record.args:
        return str(record.args[0])
    return record.getMessage()


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and those it came from, the newest first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def _told(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    told: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    if code := getattr(error, "sqlstate", None):
        told["sqlstate"] = code
    told["lines"] = [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)[-DEEPEST:]
    ]
    return told


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else filename
