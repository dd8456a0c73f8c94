"""Bring connections of an older system from a CSV file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from connections import bringing
from connections.bringing import Outcome

ACTOR = "import_connections"


class Command(BaseCommand):
    help = "Bring connections of an older system from a CSV file; names are matched to the catalogue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and --dry-run."""
        parser.add_argument("file", metavar="FILE", help=f"CSV with a head: {', '.join(bringing.COLUMNS)}")
        parser.add_argument("--dry-run", action="store_true", help="say what would be brought, change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Bring them; raises CommandError with one sentence, after naming every line that is wrong."""
        try:
            with Path(options["file"]).open(newline="", encoding="utf-8-sig") as lines:
                rows = bringing.read(lines)
            with transaction.atomic():
                outcomes = bringing.bring(rows, actor=ACTOR)
                transaction.set_rollback(options["dry_run"])
        except bringing.Unreadable as error:
            for fault in error.faults:
                self.stderr.write(fault)
            raise CommandError(f"Nothing was brought: {len(error.faults)} things to put right.") from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        for outcome in outcomes:
            self.stdout.write(line(outcome))
        self.stdout.write(summary(outcomes, dry_run=options["dry_run"]))


def line(outcome: Outcome) -> str:
    """Return what became of one connection."""
    if outcome.known:
        return f"  {outcome.name}: here already"
    where = outcome.application or "other provisioning credentials, for somebody to adopt"
    return f"  {outcome.name}: {where}{'' if outcome.works else '; generate new credentials'}"


def summary(outcomes: list[Outcome], *, dry_run: bool) -> str:
    """Return how many were brought and what is left to do."""
    new = [outcome for outcome in outcomes if not outcome.known]
    orphans = sum(not outcome.application for outcome in new)
    silent = sum(not outcome.works for outcome in new)
    verb = "would be brought" if dry_run else "brought"
    return (
        f"{len(new)} {verb}, {orphans} to adopt, {silent} in need of new credentials, {len(outcomes) - len(new)} known."
    )
