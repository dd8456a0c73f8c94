"""Delete a connection for good."""

from argparse import ArgumentParser
from typing import Any

from interop.disposals.command import DisposalCommand
from interop.disposals.models import Kind


class Command(DisposalCommand):
    """`purge_connection 7 --by NAME --reason TEXT`; run again after the approval."""

    help = (
        "Delete a disabled connection for good, with its keys, tokens and what was kept of its pulls, after a second "
        "security officer has approved it in the admin. Its access log stays. Writes a certificate."
    )
    kind = Kind.CONNECTION

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the number."""
        parser.add_argument("connection", type=int, help="the connection's number")
        super().add_arguments(parser)

    def subject(self, options: dict[str, Any]) -> str:
        """Return the number as text."""
        return str(options["connection"])
