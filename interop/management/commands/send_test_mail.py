"""Send a mail, to see that mail works."""

from argparse import ArgumentParser
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils.translation import gettext as _


class Command(BaseCommand):
    """`send_test_mail ADDRESS`: exits non-zero with the mail server's own words when it does not take the mail."""

    help = "Send a test mail by the server of MAIL_URL, as messages are sent."
    requires_system_checks = []  # noqa: RUF012 - mail needs none of it

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the address."""
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send it, or say in one line why not."""
        if not settings.MAIL:
            raise CommandError("Set MAIL_URL and MAIL_FROM first, such as smtp://user:password@mail.example.org:587.")
        try:
            validate_email(options["address"])
        except ValidationError as error:
            raise CommandError(f"{options['address']} is not a mail address.") from error
        body = _("Mail from the portal at %s arrives. There is nothing to do.") % settings.PUBLIC_URL
        letter = EmailMessage(_("A test from the portal"), f"{body}\n", to=[options["address"]])
        try:
            letter.send()
        except (SMTPException, OSError) as error:
            raise CommandError(f"The mail server did not take it: {' '.join(str(error).split())}") from error
        self.stdout.write(f"The mail server took a mail to {options['address']}. Look whether it arrives.")
