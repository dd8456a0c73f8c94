"""The Celery application; messages are only doorbells, the database decides what is done."""

import os

from celery import Celery

from interop.schedule import beat_schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
app = Celery("interop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = beat_schedule()
app.autodiscover_tasks(["interop"])
