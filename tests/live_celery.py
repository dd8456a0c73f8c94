"""The worker's Celery application on the test database and the queue of the process that tests."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
settings.DATABASES["default"]["NAME"] = os.environ["INTEROP_TEST_DATABASE"]
settings.CELERY_BROKER_URL = os.environ["INTEROP_TEST_BROKER"]
settings.CELERY_TASK_DEFAULT_QUEUE = os.environ["INTEROP_TEST_QUEUE"]
django.setup()

from interop.celery import app  # noqa: E402 - loads the settings changed above

__all__ = ["app"]
