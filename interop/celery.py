"""The worker's Celery application; messages are only doorbells, the database decides what is done."""

import gc
import os
from functools import cache

from celery import Celery
from celery.signals import worker_before_create_process, worker_init
from django.utils.module_loading import import_string

from interop.priority import give_way
from interop.schedule import JOBS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
app = Celery("interop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["interop"])


@cache
def load_jobs() -> None:
    """Load once for all processes what the jobs need, and have Python never look through it for garbage.

    Looking would write to memory that the processes share, and so take it once for each.
    """
    for job in JOBS:
        import_string(job.do)
    gc.collect()
    gc.freeze()


@worker_init.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _at_the_start(**_about: object) -> None:
    give_way()


@worker_before_create_process.connect  # type: ignore[untyped-decorator]  # Celery has no types
def _before_a_process(**_about: object) -> None:
    load_jobs()
