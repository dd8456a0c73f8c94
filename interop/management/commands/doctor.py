"""Look over this installation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from interop.doctor import configuration, people, servers
from interop.doctor.finding import Check, Finding, Grade

CHECKS: tuple[Check, ...] = (
    configuration.debugging, configuration.address, configuration.time_zone, configuration.key_files,
    configuration.static_files, servers.database, servers.rights, servers.clocks, servers.replica, servers.redis,
    servers.worker, people.officers, people.keys, configuration.disks, servers.backups, configuration.mail,
)  # fmt: skip
"""Every question the doctor asks, in the order of its answers."""
SIGNS = {Grade.BROKEN: "✗", Grade.DOUBTFUL: "!", Grade.FINE: "✓"}


class Command(BaseCommand):
    """`doctor`: one line for each finding and one for its remedy; exits non-zero when something is broken."""

    help = "Check the configuration of this installation; each finding comes with what to do about it."
    requires_system_checks = []  # noqa: RUF012 - the doctor comes when things are broken

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--quiet", action="store_true", help="tell only what is not fine")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask everything, then tell."""
        found = [finding for check in CHECKS for finding in check()]
        for finding in found:
            if finding.grade != Grade.FINE or not options["quiet"]:
                self.tell(finding)
        if number := sum(finding.grade == Grade.BROKEN for finding in found):
            raise CommandError(f"{number} broken." if number > 1 else "One thing is broken.")

    def tell(self, finding: Finding) -> None:
        """Print one finding and its remedy."""
        self.stdout.write(f"{SIGNS[finding.grade]} {finding.what}")
        if finding.remedy:
            self.stdout.write(f"    {finding.remedy}")
