"""The portal's scheduler, ringing in the queue of the process that tests."""

import os

from django.conf import settings

from interop.portal.scheduler import main

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
settings.CELERY_BROKER_URL = os.environ["INTEROP_TEST_BROKER"]
settings.CELERY_TASK_DEFAULT_QUEUE = os.environ["INTEROP_TEST_QUEUE"]

if __name__ == "__main__":
    main()
