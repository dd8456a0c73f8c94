"""Bring a backup back into an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from interop.backups import commands, restoring
from interop.backups.tools import Database


class Command(BaseCommand):
    """`restore FILE`: all of it or nothing, compared with what was backed up, made safe for vendors, and noted."""

    help = (
        "Restore a backup into the empty database of DATABASE_URL. All access tokens are revoked, sessions end, and "
        "every record counts as modified now, so that vendors' next deltas are full."
    )
    requires_system_checks = []  # noqa: RUF012 - the database is empty

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("path", type=Path, help="the backup")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, compare, put right, migrate, note."""
        path, database = options["path"], Database.configured()
        with commands.in_one_sentence():
            backup = restoring.read(path, commands.key())
            with database.connect() as server:
                if number := restoring.others(server):
                    raise CommandError(f"Stop the portal first: {number} other sessions use the database.")
            restoring.load(path, commands.key(), database)
            with database.connect() as server:
                if faults := restoring.differences(backup, server):
                    raise CommandError(f"The restored database is not what was backed up: {'; '.join(faults)}")
                done = restoring.put_right(server)
        connection.close()
        call_command("migrate", interactive=False, verbosity=0)
        facts = {"backup_of": backup.at.isoformat(), "version": backup.version, "rows": backup.rows}
        commands.note("restored", path.name, facts, actor="restore")
        self.stdout.write(f"Restored {backup.rows:,} rows as they were on {backup.at:%Y-%m-%d %H:%M} UTC.")
        for sentence in done:
            self.stdout.write(sentence)
        self.stdout.write(
            "Credentials removed and connections disabled after that moment work again: look at the audit trail you "
            "have elsewhere. Then start the portal; the next refresh compares everything."
        )
