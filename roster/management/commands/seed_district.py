"""Fill an empty database with a synthetic district."""

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from interop.progress import terminal_bar
from roster.seeding.district import DistrictNotEmpty, seed

MOST_SCHOOLS = 999


class Command(BaseCommand):
    """Make a synthetic district for trying, testing and measuring."""

    help = "Make a synthetic district in an empty database; the same arguments and date make the same data."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the command's arguments."""
        parser.add_argument("--students", type=int, required=True, help="how many students")
        schools = f"how many schools (default: one for every 750 students, at most {MOST_SCHOOLS})"
        parser.add_argument("--schools", type=int, help=schools)
        parser.add_argument("--seed", type=int, default=1, help="the number all chance comes from (default: 1)")
        parser.add_argument(
            "--scores", choices=["some", "all"], default="some", help="scores in one section of twenty, or in all"
        )
        parser.add_argument("--today", type=datetime.date.fromisoformat, help="YYYY-MM-DD (default: today)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check the arguments and make the district."""
        students = options["students"]
        schools = min(max(1, students // 750), MOST_SCHOOLS) if options["schools"] is None else options["schools"]
        if not 1 <= students <= 2_000_000 or not 1 <= schools <= MOST_SCHOOLS:
            raise CommandError(f"A district needs 1 to 2,000,000 students and 1 to {MOST_SCHOOLS} schools.")
        try:
            today, scores = options["today"] or timezone.localdate(), options["scores"] == "all"
            counts = seed(students, schools, options["seed"], today, terminal_bar, scores=scores)
        except DistrictNotEmpty:
            raise CommandError(
                "The district already has data. seed_district only fills an empty database; "
                "use a new database (or another DATA_DIR) for a synthetic district."
            ) from None
        self.stdout.write(
            f"Synthetic district: {schools} schools, {students:,} students, {counts['person']:,} people, "
            f"{counts['section']:,} sections, {counts['rosterentry'] + counts['sectionstaff']:,} class enrollments, "
            f"{counts['assignment']:,} assignments."
        )
