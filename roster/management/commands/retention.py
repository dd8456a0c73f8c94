"""Delete for good whoever left long ago."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from interop.disposals.command import DisposalCommand
from interop.disposals.models import Kind


class Command(DisposalCommand):
    """`retention --ended-before 2024-07-01 --by NAME --reason TEXT`; run again after the approval."""

    help = (
        "Delete everything the portal holds about all people who left before a day, after a second security officer "
        "has approved it in the admin. Writes one certificate for all."
    )
    kind = Kind.ENDED

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the day."""
        parser.add_argument(
            "--ended-before", type=dt.date.fromisoformat, required=True, help="YYYY-MM-DD, at least 60 days ago"
        )
        super().add_arguments(parser)

    def subject(self, options: dict[str, Any]) -> str:
        """Return the day."""
        return str(options["ended_before"].isoformat())
