"""Load the SIS feed: a OneRoster CSV package."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from roster.imports.feed import Difference, Held, import_package
from roster.imports.problems import ImportRefused, Report


class Command(BaseCommand):
    """Check a package completely, then apply it in one transaction or not at all."""

    help = "Load a OneRoster 1.1 or 1.2 CSV package (zip or folder, bulk or delta) into the district's tables."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("path", type=Path, help="the zip file or folder")
        parser.add_argument("--dry-run", action="store_true", help="check and show the difference; change nothing")
        parser.add_argument("--yes", action="store_true", help="apply even if the difference is unusually large")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the package and say what changed."""

        def progress(name: str, count: int) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"{count:>9,} {name}")

        try:
            difference, report = import_package(
                options["path"], dry_run=options["dry_run"], confirmed=options["yes"], progress=progress
            )
        except ImportRefused as refusal:
            for problem in refusal.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"{refusal.total} errors; nothing was changed.") from None
        except Held as held:
            self._show(held.difference)
            raise CommandError(
                f"Held, nothing was changed: {held}. Read the difference; --yes applies it anyway."
            ) from None
        self._warn(report)
        self._show(difference)
        if not difference:
            self.stdout.write("Nothing to do: the district already has everything in this package.")
        elif options["dry_run"]:
            for alarm in difference.alarms:
                self.stderr.write(f"Would be held: {alarm}")
            self.stdout.write("Dry run: nothing was changed.")

    def _warn(self, report: Report) -> None:
        for (file, column, message), count in report.warnings.items():
            place = f"{file}, {column}" if column else file
            self.stderr.write(f"Warning: {place}: {message}" + (f" ({count:,} times)" if count > 1 else ""))

    def _show(self, difference: Difference) -> None:
        for line in difference.lines():
            self.stdout.write(line)
