"""Delete one person's data for good."""

from argparse import ArgumentParser
from typing import Any

from interop.disposals.command import DisposalCommand
from interop.disposals.models import Kind


class Command(DisposalCommand):
    """`purge_student SOURCED_ID --by NAME --reason TEXT`; run again after the approval."""

    help = (
        "Delete everything the portal holds about one person who has left, after a second security officer has "
        "approved it in the admin. Writes a certificate with counts and hashes, without names."
    )
    kind = Kind.STUDENT

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the identifier."""
        parser.add_argument("sourced_id", help="the person's identifier in the student information system")
        super().add_arguments(parser)

    def subject(self, options: dict[str, Any]) -> str:
        """Return the identifier."""
        return str(options["sourced_id"])
