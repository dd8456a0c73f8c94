"""Load the SIS feed: a OneRoster CSV package."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from interop.priority import GivingWay
from interop.progress import terminal_bar
from roster.imports.feed import Difference, Held, import_package
from roster.imports.problems import ImportRefused, Report

SHOWN = 200
"""Errors written out; all are counted."""


class Command(GivingWay):
    """Check a package completely, then apply it in one transaction or not at all."""

    help = "Load a OneRoster 1.1 or 1.2 CSV package (zip or folder, bulk or delta) into the district's tables."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("path", type=Path, help="the zip file or folder")
        parser.add_argument("--dry-run", action="store_true", help="check and show the difference; change nothing")
        parser.add_argument("--yes", action="store_true", help="apply even if the difference is unusually large")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the package and say what changed."""

        try:
            difference, report = import_package(
                options["path"], dry_run=options["dry_run"], confirmed=options["yes"], bar=terminal_bar
            )
        except ImportRefused as refusal:
            raise CommandError(self._refused(refusal)) from None
        except Held as held:
            self._show(held.difference)
            raise CommandError(
                f"Held, nothing was changed: {held}. Read the difference above; if it is what the student information "
                "system means, run the command again with --yes."
            ) from None
        self._warn(report)
        self._show(difference)
        if not difference:
            same = "is the package applied last" if difference.known else "says nothing the district does not have"
            self.stdout.write(f"Nothing to do: this {same}.")
        elif options["dry_run"]:
            for alarm in difference.alarms:
                self.stdout.write(f"Would be held: {alarm}.")
            self.stdout.write("Dry run: nothing was changed.")

    def _refused(self, refusal: ImportRefused) -> str:
        for problem in refusal.problems[:SHOWN]:
            self.stderr.write(str(problem))
        shown = min(SHOWN, len(refusal.problems))
        rest = f"; the first {shown} are shown" if refusal.total > shown else ""
        return f"{refusal.total:,} error{'s' * (refusal.total > 1)}{rest}. Nothing was changed."

    def _warn(self, report: Report) -> None:
        for (file, column, message), count in report.warnings.items():
            place = f"{file}, {column}" if column else file
            self.stderr.write(f"Warning: {place}: {message}" + (f" ({count:,} times)" if count > 1 else ""))

    def _show(self, difference: Difference) -> None:
        for line in difference.lines():
            self.stdout.write(line)
