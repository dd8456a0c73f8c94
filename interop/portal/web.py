"""The web server: granian, which loads the application once and then makes its processes, so that they share memory."""

import gc
import importlib
import os
import sys

from django.conf import settings
from django.urls import get_resolver
from granian.cli import entrypoint


def load(application: str) -> None:
    """Load what answers requests, its pages included, and have Python never look through it for garbage.

    Looking would write to memory that all processes share, and so take it once for each.
    """
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - as granian does for its own processes
    importlib.import_module(application.partition(":")[0])
    if settings.configured:  # by the application
        _ = get_resolver().reverse_dict
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    load(sys.argv[-1])
    entrypoint()  # type: ignore[no-untyped-call]  # the library leaves it without types
