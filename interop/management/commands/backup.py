"""Write an encrypted backup of the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from interop.backups import commands, taking
from interop.backups.tools import Database
from interop.vitals import BACKED_UP


class Command(BaseCommand):
    """`backup FOLDER --keep 14`, or `backup FILE`: for a timer; exits non-zero when there is no new backup."""

    help = "Write an encrypted backup of the database, while the portal runs. BACKUP_KEY encrypts it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", type=Path, help="a folder, or the file to write")
        parser.add_argument("--keep", type=int, default=0, help="of a folder, delete all but so many of the newest")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, note it, and delete old ones."""
        path, keep = options["path"], options["keep"]
        if keep and not path.is_dir():
            raise CommandError("--keep needs a folder.")
        file = path / taking.name_for(timezone.now()) if path.is_dir() else path
        with commands.in_one_sentence():
            taken = taking.take(file, commands.key(), Database.configured())
            gone = taking.keep_newest(path, keep) if keep else []
        facts = {"rows": taken.rows, "bytes": taken.size, "deleted": len(gone)}
        commands.note(BACKED_UP, taken.path.name, facts, actor="backup")
        self.stdout.write(f"{taken.path}: {taken.rows:,} rows, {taken.size:,} bytes.")
