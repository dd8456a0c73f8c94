"""The web application, as servers load it."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
# A request waits this long and no longer, so that a slow statement or a lock never takes all processes. The PostgreSQL
# driver reads it when it connects; worker and commands, which may take their time, are not held to it.
os.environ.setdefault(
    "PGOPTIONS", "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s"
)
_portal = get_wsgi_application()
application = import_string("connections.gate.Gate")(_portal)
# Requests leave next to no cycles behind, and a list of thousands makes so many objects that Python would look through
# everything several times. So it looks seldom, and never at what was loaded to stay (interop/portal/web.py).
gc.set_threshold(50_000)
