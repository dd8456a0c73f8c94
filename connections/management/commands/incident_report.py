"""Tell what was read between two moments."""

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from connections.incident import Reads, reads
from interop.backups.commands import note
from interop.dates import zone


def moment(text: str) -> dt.datetime:
    """Return a moment; without an offset it is the district's time. Raises ArgumentTypeError."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a moment such as 2026-11-23 or 2026-11-23T04:10") from error
    return at if at.tzinfo else at.replace(tzinfo=zone())


class Command(BaseCommand):
    """`incident_report --from 2026-11-01 --to 2026-11-04 --output pack.json`: for the notice the law asks for."""

    help = "Tell what each connection read between two moments, from which addresses, and how many people it concerns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--from", dest="since", type=moment, required=True, help="the first moment")
        parser.add_argument("--to", dest="until", type=moment, required=True, help="the moment after the last")
        parser.add_argument("--connection", type=int, help="only this connection (its number)")
        parser.add_argument("--output", type=Path, help="write everything as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a summary and write the pack."""
        since, until = options["since"], options["until"]
        if since >= until:
            raise CommandError("--from must be before --to.")
        found = reads(since, until, options["connection"])
        told = {"from": since.isoformat(), "to": until.isoformat(), "made_at": timezone.now().isoformat()}
        if options["output"]:
            pack = {**told, "connections": [each.told() for each in found]}
            options["output"].write_bytes(orjson.dumps(pack, option=orjson.OPT_INDENT_2) + b"\n")
        note("reported an incident", "access log", {**told, "connections": len(found)}, actor="incident_report")
        for each in found:
            self.tell(each)
        self.stdout.write(f"{len(found)} connections read something." if found else "Nothing was read in that time.")

    def tell(self, each: Reads) -> None:
        """Print one connection."""
        self.stdout.write(
            f"{each.connection} {each.name}: {each.requests:,} requests, {each.refused:,} refused, {each.records:,} "
            f"records, from {each.first:%Y-%m-%d %H:%M} to {each.last:%Y-%m-%d %H:%M} UTC, from "
            f"{len(each.addresses)} addresses"
        )
        self.stdout.write(
            f"    people: {each.people_named:,} known one by one, at most {each.people_at_most:,} by whole lists"
        )
        for operation, count in sorted(each.operations.items()):
            self.stdout.write(f"    {operation}: {count['calls']:,} answers, {count['records']:,} records")
