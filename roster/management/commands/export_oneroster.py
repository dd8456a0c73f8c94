"""Write the district as a OneRoster CSV package."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from roster.exports.package import write_package


class Command(BaseCommand):
    """Write a package that imports again to the same rows."""

    help = "Write the district as a OneRoster CSV package (zip); the same data gives the same bytes."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let our --version, the standard's, take the place of Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("path", type=Path, help="the zip file to write")
        parser.add_argument("--version", choices=["1.2"], default="1.2", dest="oneroster", help="OneRoster version")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the package."""
        path: Path = options["path"]
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise CommandError(f"{path} is not a file that can be written: name a zip file in a folder that exists.")

        def progress(name: str, count: int) -> None:
            self.stderr.write(f"{count:>9,} {name}.csv")

        counts = write_package(path, 12, progress)
        self.stdout.write(f"{path}: {sum(counts.values()):,} rows in {len(counts)} files.")
