"""Where packages wait: uploads in a private folder of this installation, others in the watched folder; what is over."""

import datetime as dt
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from interop import audit
from interop.dates import district_day
from interop.jobs import asking
from interop.jobs.models import OPEN, JobRun
from roster.models import FeedImport, FeedPause

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

JOB = "import"
MOST = 200 << 20
"""Bytes an uploaded package may have."""
QUOTES_KEPT = dt.timedelta(days=30)
"""How long problems and samples, which quote the package, are kept."""
KEPT = dt.timedelta(days=400)
UNDECIDED = dt.timedelta(days=14)
"""After this a held import nobody decided on is over: the district has moved on."""
State = FeedImport.State
WAITS = (State.WAITING, State.WORKING, State.HELD)


def folder() -> Path:
    """Return the private folder of uploads; nobody but the portal reads it."""
    place: Path = settings.DATA_DIR / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


@transaction.atomic
def upload(file: "UploadedFile[Any]", *, by: str) -> FeedImport:
    """Keep an uploaded package and have the worker import it."""
    path = folder() / f"{secrets.token_hex(12)}.zip"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        for chunk in file.chunks():
            target.write(chunk)
    feed = arrived(path, called(file.name or ""), FeedImport.Source.UPLOAD, by=by)
    audit.record(by, "uploaded an import", feed, after={"bytes": feed.size})
    return feed


def arrived(path: Path, name: str, source: FeedImport.Source, *, by: str = "") -> FeedImport:
    """Note a package that came in and have the worker import it."""
    feed = FeedImport.objects.create(name=name, source=source, by=by, path=str(path), size=path.stat().st_size)
    asking.ask(JOB, subject=str(feed.pk))
    return feed


def called(name: str) -> str:
    """Return a file's name as it may be shown."""
    return "".join(each for each in Path(name).name if each.isprintable())[:255] or "package.zip"


def finish(feed: FeedImport) -> None:
    """Put away the file of an import that is over: uploads are deleted, what came by folder goes to done or refused."""
    if not feed.path:
        return
    path = Path(feed.path)
    if feed.source == FeedImport.Source.UPLOAD:
        path.unlink(missing_ok=True)
    elif path.exists():
        good = feed.state in (State.PUBLISHING, State.DONE, State.NOTHING, State.UNDONE, State.UNDOING)
        target = path.parent.parent / ("done" if good else "refused")
        target.mkdir(exist_ok=True)
        shutil.move(path, target / path.name)
    FeedImport.objects.filter(pk=feed.pk).update(path="")


def pause(now: dt.datetime) -> FeedPause | None:
    """Return the pause that holds imports back now."""
    today = district_day(now)
    return FeedPause.objects.filter(first__lte=today, last__gte=today).order_by("-last").first()


def ask_waiting(now: dt.datetime) -> None:
    """Have the worker go on with every import that waits, unless a pause is on or the worker knows of it."""
    if pause(now):
        return
    known = set(JobRun.objects.filter(job=JOB, state__in=OPEN).values_list("subject", flat=True))
    for pk in FeedImport.objects.filter(state=State.WAITING).order_by("pk").values_list("pk", flat=True):
        if str(pk) not in known:
            asking.ask(JOB, subject=str(pk))


def tidy(now: dt.datetime) -> None:
    """Put away what is over: files, old quotes, old rows, and holds nobody decided on."""
    undecided = FeedImport.objects.filter(state=State.HELD, at__lt=now - UNDECIDED)
    undecided.update(state=State.STOPPED, ended_at=now, told="Nobody decided within 14 days.")
    _finish_all(FeedImport.objects.exclude(path="").exclude(state__in=WAITS))
    old = FeedImport.objects.filter(at__lt=now - QUOTES_KEPT).exclude(state__in=WAITS)
    old.exclude(problems=[], samples=[]).update(problems=[], samples=[])
    old.filter(at__lt=now - KEPT, steps=None).delete()


def replace_held(feed: FeedImport, now: dt.datetime) -> None:
    """Let the imports that are held end: a later one was applied in their place."""
    FeedImport.objects.filter(state=State.HELD, pk__lt=feed.pk).update(
        state=State.STOPPED, ended_at=now, told="A later import was applied."
    )


def _finish_all(feeds: Iterable[FeedImport]) -> None:
    for feed in feeds:
        finish(feed)
