"""The portal on one machine: prepares what is missing, then runs web, worker and scheduler under one command."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from interop.portal.first_run import prepare, take_address
from interop.portal.supervisor import PortInUseError, Supervisor, check_port

HIGHEST_PORT = 65535


class Command(BaseCommand):
    """`python manage.py portal`, which `make run` calls."""

    help = "Run the whole portal on this machine: web, worker, scheduler and (without DATABASE_URL) its own servers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's options."""
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default: 8000)")
        parser.add_argument("--no-demo", action="store_true", help="start empty: no demo district, no demo connection")

    def handle(self, *_args: Any, port: int, no_demo: bool, **_options: Any) -> None:
        """Prepare, then run until Ctrl-C."""
        if not 0 < port <= HIGHEST_PORT:
            raise CommandError(f"{port} is not a port; give a number from 1 to {HIGHEST_PORT}.")
        try:
            check_port(port)
            take_address(port)
            prepare(demo=not no_demo, say=self.say)
            self.say(f"\nInterop runs at {settings.PUBLIC_URL}/ (Ctrl-C stops it).")
            sentence = Supervisor(port).run()
        except PortInUseError as error:
            raise CommandError(str(error)) from error
        if sentence:
            raise CommandError(sentence)
        self.say("Stopped.")

    def say(self, text: str) -> None:
        """Print at once, also into a pipe."""
        self.stdout.write(text)
        self.stdout.flush()
