"""Make a connection with credentials from the command line; the secret is printed once and kept nowhere."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from connections import expiry, published, services
from connections.information import base_url
from connections.models import VERSIONS, Connection, SharingSettings
from connections.oauth2 import token_url

ACTOR = "create_connection"
SHARES = {
    "gradebook": "share_gradebook",
    "assessments": "share_assessments",
    "assessments-as-line-items": "assessments_as_line_items",
    "demographics": "share_demographics",
    "guardians": "share_guardians",
    "relatives": "share_relatives",
    "secondary-email": "use_secondary_email",
}


class Command(BaseCommand):
    help = "Make a OneRoster connection for an application and print its credentials once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        parser.add_argument("--application", required=True, metavar="NAME", help="made if it is not there")
        parser.add_argument("--version", required=True, choices=sorted(VERSIONS.values()), dest="oneroster")
        parser.add_argument("--oauth", default="2", choices=["1", "2"], help="1 for vendors of OneRoster 1.1 only")
        parser.add_argument("--share", metavar="LIST", help=f"comma-separated, of {', '.join(SHARES)}")
        parser.add_argument("--school", action="append", metavar="SOURCED_ID", help="repeat for several schools")
        parser.add_argument("--partner", action="store_true", help="the application is a supported partner")
        parser.add_argument("--sha1", action="store_true", help="accept HMAC-SHA1 too, for old vendors of OAuth 1")
        parser.add_argument("--no-limits", action="store_true", help="no request limits for this connection")
        parser.add_argument("--json", action="store_true", help="print exactly one JSON object")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Give --version to us: Django's own --version prints Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make the connection; raises CommandError with one sentence for anything that cannot be."""
        oauth = int(options["oauth"])
        choices = chosen(options["share"]) | {
            "version": next(number for number, text in VERSIONS.items() if text == options["oneroster"]),
            "oauth": oauth,
            "allow_sha1": options["sha1"],
            **({"bucket": 0, "at_once": 0} if options["no_limits"] else {}),
            "expires_at": expiry.first_end(oauth, SharingSettings.load(), timezone.now()),
        }
        try:
            with transaction.atomic():
                answer = self.make(choices, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if told := published.caution():
            self.stderr.write(told)
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        for name, value in answer.items():
            self.stdout.write(f"{name:14} {value}")
        self.stderr.write("The secret is shown only now; keep it safe.")

    def make(self, choices: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
        """Make application, connection and credential; return what is printed."""
        schools = schools_named(options["school"])
        application = services.application_named(options["application"], partner=options["partner"], actor=ACTOR)
        connection = services.create_connection(application, actor=ACTOR, schools=schools, choices=choices)
        issued = services.add_credential(connection, actor=ACTOR)
        return {"connection": connection.pk} | credentials(issued) | {
            "base_url": base_url(connection.version),
            "version": VERSIONS[connection.version],
            "oauth": connection.oauth,
        }  # fmt: skip


def credentials(issued: services.Issued) -> dict[str, str]:
    """Return key and secret under the names vendors know them by, and where OAuth 2 fetches its tokens."""
    key = issued.credential.client_id
    if issued.credential.connection.oauth == 1:
        return {"consumer_key": key, "consumer_secret": issued.secret}
    return {"client_id": key, "client_secret": issued.secret, "token_url": token_url()}


def chosen(share: str | None) -> dict[str, bool]:
    """Return the fields --share sets: none without it, all of them with it. Raises CommandError for an unknown word."""
    if share is None:
        return {}
    words = {word.strip() for word in share.split(",") if word.strip()}
    if unknown := sorted(words - SHARES.keys()):
        raise CommandError(f"--share does not know {', '.join(unknown)}; it takes {', '.join(SHARES)}.")
    return {field: word in words for word, field in SHARES.items()}


def schools_named(sourced_ids: list[str] | None) -> list[int] | None:
    """Return the primary keys of the schools, None for every school. Raises CommandError naming the unknown ones."""
    if sourced_ids is None:
        return None
    schools = Connection.schools.rel.model._default_manager
    known = dict(schools.filter(sourced_id__in=sourced_ids, ended_at=None).values_list("sourced_id", "pk"))
    if unknown := [sourced_id for sourced_id in sourced_ids if sourced_id not in known]:
        raise CommandError(f"There is no school {', '.join(unknown)}. Give the sourcedId the SIS feed names it by.")
    return sorted(known.values())
