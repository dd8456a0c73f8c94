"""Applications, connections and credentials as a Django app."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "connections"
    verbose_name = "Learning interoperability"

    def ready(self) -> None:
        """Listen for changes of enabled schools, which no save() sees."""
        from connections import signals  # noqa: F401, PLC0415
