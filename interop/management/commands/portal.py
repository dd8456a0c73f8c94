"""The portal on one machine: prepares what is missing, then runs web, worker and scheduler under one command."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from interop.portal import supervisor
from interop.portal.first_run import prepare, take_address

HIGHEST_PORT = 65535


class Command(BaseCommand):
    """`python manage.py portal`, which `make run` calls."""

    help = "Run the whole portal on this machine: web, worker, scheduler and (without DATABASE_URL) its own servers."
    requires_system_checks = []  # noqa: RUF012 - they load every URL for a process that is replaced soon

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's options."""
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: 8000)")
        parser.add_argument("--no-demo", action="store_true", help="start empty: no demo district, no demo connection")

    def handle(self, *_args: Any, port: int, no_demo: bool, **_options: Any) -> None:
        """Prepare, then become the program that runs the others until Ctrl-C."""
        if not 0 < port <= HIGHEST_PORT:
            raise CommandError(f"{port} is not a port; give a number from 1 to {HIGHEST_PORT}.")
        try:
            supervisor.check_port(port)
        except supervisor.PortInUseError as error:
            raise CommandError(str(error)) from error
        take_address(port)
        prepare(demo=not no_demo, say=self.say)
        self.say(f"\nInterop runs at {settings.PUBLIC_URL}/ (Ctrl-C stops it).")
        connections.close_all()
        supervisor.become(port, settings.DATA_DIR, settings.EMBEDDED)

    def say(self, text: str) -> None:
        """Print at once, also into a pipe."""
        self.stdout.write(text)
        self.stdout.flush()
