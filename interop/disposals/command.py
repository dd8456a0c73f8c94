"""What the commands that delete for good share: look, ask, wait for the second officer, carry out, certify."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.urls import reverse

from interop.admin.roles import Role
from interop.disposals import deciding
from interop.disposals.models import Kind
from interop.disposals.rows import Refused


class DisposalCommand(BaseCommand):
    """Run it once to ask, once more after the approval to delete; --dry-run only looks."""

    kind: Kind

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what all of them take."""
        parser.add_argument("--dry-run", action="store_true", help="say what would go; change nothing")
        parser.add_argument("--by", default="", help="the security officer who asks")
        parser.add_argument("--reason", default="", help="why, such as the number of the written request")
        parser.add_argument("--certificate", type=Path, help="the file to write (default: named after its number)")

    def subject(self, options: dict[str, Any]) -> str:
        """Return what is to be deleted."""
        raise NotImplementedError

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do the next step; raises CommandError while it waits, or for what must not be deleted."""
        subject = self.subject(options)
        try:
            if options["dry_run"]:
                self.show(deciding.way(self.kind).look(subject))
                self.stdout.write("Dry run: nothing was changed.")
                return
            waiting = deciding.open_request(self.kind, subject)
            if waiting is None:
                self.ask(subject, options)
            elif not waiting.is_approved:
                raise CommandError(f"Request {waiting.pk} waits for a second security officer at {self.page()}.")
            else:
                self.carry_out(waiting.pk, options["certificate"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def ask(self, subject: str, options: dict[str, Any]) -> None:
        """Write the request down for an officer who exists."""
        able = User.objects.filter(Q(groups__name=Role.OFFICER) | Q(is_superuser=True), is_active=True, is_staff=True)
        officer = able.filter(username__iexact=options["by"]).first()
        if officer is None:
            raise CommandError("--by must name an active security officer.")
        if not options["reason"].strip():
            raise CommandError("--reason says why; it stands on the certificate.")
        asked = deciding.ask(self.kind, subject, reason=options["reason"].strip()[:500], by=officer.username)
        self.show(asked.counts)
        self.stdout.write(
            f"Request {asked.pk} waits for another security officer at {self.page()}. Then run this command again."
        )

    def carry_out(self, pk: int, path: Path | None) -> None:
        """Delete, and write the certificate."""
        file = path or Path(f"certificate-{pk}.json")
        if file.exists():
            raise CommandError(f"{file} exists already; name another file with --certificate.")
        certificate = deciding.carry_out(pk)
        file.write_bytes(orjson.dumps(certificate, option=orjson.OPT_INDENT_2) + b"\n")
        self.show({table: each["rows"] for table, each in certificate["deleted"].items()}, "deleted")
        for table, number in certificate["still_named_in"].items():
            self.stdout.write(f"  {table:<40} {number:>9,} rows still name it and stay")
        self.stdout.write(f"Certificate: {file}. Backups made before hold the data until they are deleted.")

    def show(self, counts: dict[str, int], word: str = "rows") -> None:
        """Print how much of each table."""
        for table, number in sorted(counts.items()):
            self.stdout.write(f"  {table:<40} {number:>9,} {word}")

    def page(self) -> str:
        """Return where requests are approved."""
        return settings.PUBLIC_URL + reverse("admin:disposals")
