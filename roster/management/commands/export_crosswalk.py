"""Write who is whom in OneRoster 1.1 and 1.2, for a vendor that moves."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from roster.exports.crosswalk import write_crosswalk
from roster.exports.shared import NothingShared, grant_to


class Command(BaseCommand):
    """Write a CSV file: each user's id in 1.1, the role, the id in 1.2."""

    help = (
        "Write a CSV file of each user's id in OneRoster 1.1, the role, and the person's id in 1.2, without names; "
        "with --connection only of those that connection sees."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("path", type=Path, help="the CSV file to write")
        parser.add_argument("--connection", type=int, help="only whom this connection (its number) sees")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        path: Path = options["path"]
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise CommandError(f"{path} is not a file that can be written: name a CSV file in a folder that exists.")
        number = options["connection"]
        try:
            rows = write_crosswalk(path, None if number is None else grant_to(number))
        except NothingShared as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"{path} cannot be written: {problem.strerror}.") from None
        self.stdout.write(f"{path}: {rows:,} users.")
