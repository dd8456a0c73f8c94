#!/usr/bin/env python
"""Django's command line for this portal: starts the embedded servers for the commands that need them."""

from __future__ import annotations

import atexit
import gc
import os
import sys

OLDEST_PYTHON = (3, 11)
SELDOM = 50_000
"""New objects after which garbage is looked for; a process that starts makes hundreds of thousands that stay."""
WITHOUT_SERVERS = {
    "help", "version", "--version", "--help", "-h",
    "collectstatic", "compilemessages", "makemessages", "makemigrations",
}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run one management command; what people can put right is told in one sentence, without a traceback."""
    if sys.version_info < OLDEST_PYTHON:
        return refuse(
            f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed; this is {sys.version.split()[0]}."
        )
    gc.set_threshold(SELDOM)
    atexit.register(gc.freeze)  # Python would look through everything once more on its way out, a quarter of a second
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.db.utils import OperationalError

        from interop.embedded.errors import EmbeddedError
    except ImportError as error:
        return refuse(f"{error.name} is not installed; run make setup.")
    try:
        run(arguments)
    except (ImproperlyConfigured, EmbeddedError) as error:
        return refuse(str(error))
    except OperationalError as error:
        return refuse(f"The database cannot be used: {' '.join(str(error).split())}")
    except KeyboardInterrupt:
        return 130
    return 0


def run(arguments: list[str]) -> None:
    """Run the command, between start and stop of the embedded servers when it needs them."""
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from interop.embedded import ensure

    word = arguments[1] if len(arguments) > 1 else "help"
    if settings.EMBEDDED is None or word in WITHOUT_SERVERS or {"--help", "-h"} & set(arguments):
        execute_from_command_line(arguments)
        return
    with ensure(settings.EMBEDDED):
        execute_from_command_line(arguments)


def refuse(sentence: str) -> int:
    """Print one sentence and return the exit code of a failure."""
    print(sentence, file=sys.stderr)  # noqa: T201 - the command line speaks on stderr
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
