"""Why a record is shared with a connection, or not."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from connections.models import Connection
from interop import audit
from roster.explaining import KINDS, Explanation, Line, by_sourced_id, explain
from roster.explaining.journey import Journey, journey_of
from roster.explaining.preview import Look, looks
from roster.explaining.verdict import EXPLAINED, verdict

ACTOR = "explain"


class Command(BaseCommand):
    """`explain KIND SOURCED_ID --connection ID`: each rule, passed or failed, with what to change."""

    help = "Tell why a record is or is not shared with a connection: each rule, passed or failed, with what to change."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("kind", choices=list(KINDS), help="what kind of record it is")
        parser.add_argument("sourced_id", help="the record's identifier in the student information system")
        parser.add_argument("--connection", type=int, required=True, help="the connection's number")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the explanation; exits non-zero with one line when record or connection is not there."""
        connection = Connection.objects.select_related("application").filter(pk=options["connection"]).first()
        if connection is None:
            raise CommandError(f"There is no connection {options['connection']}.")
        record = by_sourced_id(options["kind"], options["sourced_id"])
        if record is None:
            raise CommandError(f"There is no {options['kind']} {options['sourced_id']} in the district's data.")
        audit.record(ACTOR, EXPLAINED, record, after={"connection": connection.pk})
        now = timezone.now()
        told, journey = explain(record, connection, now), journey_of(record, connection)
        for line in (*report(told, journey), *documents(looks(told, journey, now))):
            self.stdout.write(line)


def report(told: Explanation, journey: Journey) -> Iterator[str]:
    """Yield the explanation as lines of text, what fails before what does not."""
    answer = verdict(told, journey)
    yield f"{answer.title} {answer.more}"
    for part in sorted(told.parts, key=lambda part: len(part.failed)):
        yield ""
        yield (
            f"{part.candidate.way.title}: {part.candidate.place}"
            if part.candidate.place
            else str(part.candidate.way.title)
        )
        yield from _lines(part.lines)
    yield ""
    yield "The connection"
    yield from _lines([*told.whole, *told.access])
    yield ""
    at = journey.published_at
    yield f"Last published: {f'{at:%Y-%m-%d %H:%M} UTC' if at else 'never'}{', as removed' if journey.ended else ''}"
    yield f"Next refresh: {journey.next_at:%Y-%m-%d %H:%M} UTC"
    if journey.fetched:
        yield f"Last fetched: {journey.fetched.operation} at {journey.fetched.at:%Y-%m-%d %H:%M} UTC"
    else:
        yield "Last fetched: never, as far as the access log reaches"


def documents(found: Sequence[Look]) -> Iterator[str]:
    """Yield the record as each version shows it, and where it is not shared, as it would."""
    for look in found:
        if not look.shown and not look.would:
            yield f"OneRoster {look.version}: nothing"
        for title, each in (("as shared", look.shown), ("not shared; it would be", look.would)):
            for shown in each:
                yield f"OneRoster {look.version}, {title}:"
                yield orjson.dumps(orjson.loads(shown.data), option=orjson.OPT_INDENT_2).decode()


def _lines(lines: Any) -> Iterator[str]:
    """Yield each rule with its sign: + met, - not met with the remedy below, . not asked."""
    for line in sorted(lines, key=_order):
        sign = {True: "+", False: "-", None: "."}[line.passed]
        yield f"  {sign} {line.statement}{f' [{line.value}]' if line.value else ''}"
        if not line.passed and line.remedy:
            yield f"      {line.remedy}"


def _order(line: Line) -> int:
    return (False, True, None).index(line.passed)
