"""The project as a Django app: its commands, and what it hears of people who sign in."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy


class InteropConfig(AppConfig):
    """Puts the portal's own pages of people in place, and notes who signs in."""

    name = "interop"
    verbose_name = "Interop"

    def ready(self) -> None:
        """Take the place of Django's own pages; listen to who signs in, and to new tables."""
        from interop import rights  # noqa: PLC0415 - needs the settings
        from interop.admin import people  # noqa: F401, PLC0415 - takes the place of Django's own pages
        from interop.signin import trail  # noqa: PLC0415 - needs the models

        apps.get_app_config("auth").verbose_name = gettext_lazy("People who sign in")
        trail.connect()
        post_migrate.connect(rights.grant, sender=self, dispatch_uid="rights")
