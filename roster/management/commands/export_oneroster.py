"""Write the district, or what one connection sees of it, as a OneRoster CSV package."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from interop.oneroster.csv import VERSION_NAMES
from interop.progress import terminal_bar
from roster.exports.package import write_package
from roster.exports.shared import NothingShared, grant_to, write_shared


class Command(BaseCommand):
    """Write a package: everything the district has, or what a connection sees."""

    help = (
        "Write the district as a OneRoster CSV package (zip) that imports again to the same data; with --connection "
        "what that connection sees. The same data gives the same bytes."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let our --version, the standard's, take the place of Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's arguments."""
        names = list(VERSION_NAMES.values())
        parser.add_argument("path", type=Path, help="the zip file to write")
        parser.add_argument("--version", choices=names, default="1.2", dest="oneroster", help="OneRoster version")
        parser.add_argument("--connection", type=int, help="only what this connection (its number) sees")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the package."""
        path: Path = options["path"]
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise CommandError(f"{path} is not a file that can be written: name a zip file in a folder that exists.")
        version = {name: number for number, name in VERSION_NAMES.items()}[options["oneroster"]]
        try:
            if options["connection"] is None:
                counts = write_package(path, version, terminal_bar)
            else:
                counts = write_shared(path, version, grant_to(options["connection"]), terminal_bar)
        except NothingShared as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{path}: {sum(counts.values()):,} rows in {len(counts)} files.")
