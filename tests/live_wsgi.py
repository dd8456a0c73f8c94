"""The web application on the test database; `tests/live.py` starts it with the portal's own web server."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
settings.DATABASES["default"]["NAME"] = os.environ["INTEROP_TEST_DATABASE"]
settings.WHITENOISE_USE_FINDERS = True
settings.WHITENOISE_MAX_AGE = 3600  # a browser asks for no file again while the tests run
django.setup()

from interop.wsgi import application  # noqa: E402 - loads the settings changed above

__all__ = ["application"]
