"""One program of the portal in this process, for systemd units and containers."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from interop.portal import programs

WEB, WORKER, SCHEDULER = "web", "worker", "scheduler"


class Command(BaseCommand):
    """`serve web`, `serve worker` or `serve scheduler`; signals reach the program itself: TERM ends it in order."""

    help = "Run one program of the portal in this process, where DATABASE_URL is given; `portal` runs all of them."
    requires_system_checks = []  # noqa: RUF012 - they load every URL for a process that is replaced at once

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("program", choices=(WEB, WORKER, SCHEDULER))
        parser.add_argument("--host", default=programs.HOST, help="address of the web server (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port of the web server (default: %(default)s)")
        parser.add_argument("--processes", type=int, default=2, help="of the web server (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the program; does not return."""
        if settings.EMBEDDED is not None:
            raise CommandError("Give DATABASE_URL and REDIS_URL; on this machine alone, `portal` runs everything.")
        name = options["program"]
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        commands = {
            WEB: programs.web_server(options["port"], host=options["host"], processes=options["processes"]),
            WORKER: programs.worker(),
            SCHEDULER: programs.scheduler(settings.DATA_DIR / "celerybeat-schedule"),
        }
        environment = programs.environment(settings.DATA_DIR / "metrics" / f"{name}-{options['port']}")
        os.chdir(settings.BASE_DIR)
        os.execve(sys.executable, [sys.executable, *commands[name]], environment)  # noqa: S606 - our own programs
