"""Rings the bells of interop/schedule.py: Celery's scheduler, which needs the settings but none of the apps."""

import os
import sys

from celery import Celery
from django.conf import settings
from django.utils.log import configure_logging

from interop.schedule import beat_schedule


def main() -> None:
    """Run as `python -m interop.portal.scheduler MEMORY`; it notes in that file when each bell rang last."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    app = Celery("interop", fixups=())  # the usual one for Django loads every app
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.beat_schedule = beat_schedule()
    app.Beat(schedule=sys.argv[1], loglevel="WARNING", quiet=True).run()


if __name__ == "__main__":
    main()
