"""Prove that a backup can be restored."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from interop.backups import commands
from interop.backups.drill import drill
from interop.backups.taking import SUFFIX
from interop.backups.tools import Database


class Command(BaseCommand):
    """`restore_drill FOLDER`: takes the newest backup; exits non-zero when it is not good."""

    help = (
        "Restore a backup into a database of its own on the same server, compare every table with what was backed up, "
        "check it, and drop it again. The user of DATABASE_URL must be allowed to make databases."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", type=Path, help="a backup, or a folder whose newest is taken")
        parser.add_argument("--report", type=Path, help="write what was found as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the drill and tell what was found."""
        path = options["path"]
        if path.is_dir():
            found = sorted(path.glob(f"*{SUFFIX}"))
            if not found:
                raise CommandError(f"There is no backup in {path}.")
            path = found[-1]
        with commands.in_one_sentence():
            report = drill(path, commands.key(), Database.configured())
            told = report.told(timezone.now())
            if options["report"]:
                options["report"].write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        commands.note("drilled a restore", path.name, told, actor="restore_drill")
        if report.faults:
            raise CommandError(f"{path.name} is not good: {'; '.join(report.faults)}")
        self.stdout.write(
            f"{path.name} is good: {report.backup.rows:,} rows of {len(report.backup.tables)} tables came back as they "
            f"were, in {report.seconds:.0f} s."
        )
