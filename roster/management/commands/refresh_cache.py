"""Publish now, in this process."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from interop.priority import GivingWay
from interop.progress import terminal_bar
from roster.publishing import GROUPS, Held, NotPublished, Outcome, publish
from roster.readiness import Finding, findings
from roster.statistics import rows_to_publish

SHOWN = 5


class Command(GivingWay):
    """`refresh_cache`: apply the visibility rules and publish what changed as one edition."""

    help = "Publish what the district's data say now, as one edition, and print what changed."
    requires_system_checks = []  # noqa: RUF012 - they load every URL, which takes longer than an idle refresh

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare --group and --yes."""
        parser.add_argument(
            "--group",
            choices=GROUPS,
            help="publish only structure (class) or people (student), and what their new records point to",
        )
        parser.add_argument(
            "--yes", action="store_true", help="publish even if it removes or changes suspiciously much"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish; exits non-zero with one line when nothing could be published."""
        try:
            with terminal_bar("Comparing", rows_to_publish(), "records") as advance:
                outcome = publish(timezone.now(), force=options["yes"], group=options["group"], advance=advance)
        except Held as held:
            raise CommandError(f"{held} Nothing was published. Run again with --yes to publish all the same.") from held
        except NotPublished as refusal:
            raise CommandError(str(refusal)) from refusal
        found = findings(outcome.people) if outcome.changed else ()
        for line in [*lines(outcome), *(warning(finding) for finding in found)]:
            self.stdout.write(line)


def warning(finding: Finding) -> str:
    """Return what should be put right, with the first of the records it concerns."""
    shown = ", ".join(finding.sourced_ids[:SHOWN])
    return f"Put right: {finding.sentence} ({shown}{', …' if len(finding.sourced_ids) > SHOWN else ''})"


def lines(outcome: Outcome) -> list[str]:
    """Return what a publication did, one line a kind."""
    if not outcome.changed:
        return [f"Nothing changed; edition {outcome.edition} goes on."]
    table = [
        f"  {kind:<16} {count.new:>9,} new {count.changed:>9,} changed {count.ended:>9,} ended"
        for kind, count in outcome.counts.items()
    ]
    return [f"Edition {outcome.edition} published at {outcome.published_at:%Y-%m-%d %H:%M:%S} UTC:", *table]
