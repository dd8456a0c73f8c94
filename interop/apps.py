"""The project as a Django app: its commands, and Celery's application for shared tasks."""

from django.apps import AppConfig


class InteropConfig(AppConfig):
    """Loads the Celery application so that shared tasks find their broker in every process."""

    name = "interop"
    verbose_name = "Interop"

    def ready(self) -> None:
        """Make the Celery application the default one."""
        from interop.celery import app  # noqa: PLC0415 - needs the settings

        app.set_default()
