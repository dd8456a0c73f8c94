"""The watched folder: whatever is complete there is taken, imported, and moved to `done` or `refused`.

A file is complete when two looks find it unchanged. Taking is one rename into `taken`, so two workers never take the
same file, and a file that was taken by a process that died is found there.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from interop.jobs.running import Refused, Run
from roster.feeding import deliveries
from roster.models import FeedImport

SEEN = "feed.folder"
REMEMBERED = 3600
TAKEN = "taken"
Seen = Mapping[str, list[int]]
"""Size and time of change, in nanoseconds, by file name."""


def look(_run: Run) -> str:
    """Take what is complete, go on with what waits, and put away what is over (a job)."""
    now = timezone.now()
    deliveries.tidy(now)
    told = _("No folder is watched.")
    if place := watched():
        try:
            taken = take(place, now)
        except OSError as problem:
            raise Refused(_("The watched folder cannot be used: %s.") % problem.strerror) from problem
        told = _("%d packages taken.") % len(taken)
    deliveries.ask_waiting(now)
    return told


def watched() -> Path | None:
    """Return the folder this installation watches."""
    place: Path | None = settings.IMPORT_FOLDER
    return place


def take(place: Path, now: dt.datetime) -> list[FeedImport]:
    """Take every complete package of the folder."""
    here = place / TAKEN
    here.mkdir(exist_ok=True)
    found = seen(place)
    for name in complete(cache.get(SEEN) or {}, found):
        (place / name).rename(here / f"{now:%Y%m%dT%H%M%S}-{name}")
    cache.set(SEEN, {name: list(each) for name, each in found.items()}, REMEMBERED)
    known = set(FeedImport.objects.filter(path__startswith=str(here)).values_list("path", flat=True))
    return [
        deliveries.arrived(path, deliveries.called(path.name.partition("-")[2]), FeedImport.Source.FOLDER)
        for path in sorted(here.iterdir())
        if str(path) not in known
    ]


def seen(place: Path) -> dict[str, list[int]]:
    """Return the zip files of the folder; hidden ones, links and other kinds are left alone."""
    files = [each for each in place.iterdir() if each.suffix.lower() == ".zip" and not each.name.startswith(".")]
    told = {each.name: each.stat() for each in files if each.is_file() and not each.is_symlink()}
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in told.items()}


def complete(before: Seen, now: Seen) -> Iterable[str]:
    """Return the names that two looks found unchanged, and not empty."""
    return [name for name, each in sorted(now.items()) if before.get(name) == each and each[0]]
