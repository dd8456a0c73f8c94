"""The project as a Django app: its commands, and Celery's application for shared tasks."""

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy


class InteropConfig(AppConfig):
    """Loads the Celery application so that shared tasks find their broker in every process, and notes who signs in."""

    name = "interop"
    verbose_name = "Interop"

    def ready(self) -> None:
        """Make the Celery application the default one; listen to who signs in."""
        from interop.admin import people  # noqa: F401, PLC0415 - takes the place of Django's own pages
        from interop.celery import app  # noqa: PLC0415 - needs the settings
        from interop.signin import trail  # noqa: PLC0415 - needs the models

        app.set_default()
        apps.get_app_config("auth").verbose_name = gettext_lazy("People who sign in")
        trail.connect()
