"""The portal without its access log, to see what the log costs. For measuring only."""

from django.utils.module_loading import import_string

application = import_string("interop.wsgi.application")  # sets Django up, so it comes first
import_string("connections.access.Call")._write = lambda *_: None  # noqa: SLF001
