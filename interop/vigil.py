"""What the data office is told when the portal's own ground gives way: disks that fill, backups that stay away."""

import datetime as dt
import shutil
from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interop import vitals
from interop.admin.roles import OFFICERS
from interop.dates import district_day
from interop.jobs.running import Run
from interop.messages.models import PROCESS, Message
from interop.messages.telling import tell

NEARLY, ALMOST = 80, 90
"""Per cent of a disk."""
BACKUP_DUE = dt.timedelta(hours=30)


def watch(_run: Run) -> str:
    """Tell what has to be seen to, each thing once a day; return how much that was."""
    found = [*_disks(), *_backups(timezone.now())]
    tell(found)
    return _("%d things to see to.") % len(found) if found else _("All is well.")


def _disks() -> Iterator[Message]:
    for name, path in vitals.disks().items():
        usage = shutil.disk_usage(path)
        full = round(100 * usage.used / (usage.used + usage.free))
        if full >= NEARLY:
            yield _message(
                f"disk:{name}:{full >= ALMOST}",
                _("A disk is %d %% full") % full,
                _("When it is full vendors get no answers. Ask whoever runs this portal to make room on %s.") % path,
                worst=full >= ALMOST,
            )


def _backups(now: dt.datetime) -> Iterator[Message]:
    """Where backups have been made, one that is overdue is told."""
    at = vitals.last_backup()
    if at and now - at > BACKUP_DUE:
        yield _message(
            "backup",
            _("There has been no backup since %s") % district_day(at).isoformat(),
            _("Ask whoever runs this portal to look at its timer, and to run `manage.py backup`."),
            worst=False,
        )


def _message(key: str, title: str, text: str, *, worst: bool) -> Message:
    return Message(
        key=f"{PROCESS}:{key}:{district_day(timezone.now())}", process=PROCESS, kind="failing" if worst else "expiring",
        title=title, text=text, link=reverse("admin:jobs"), button=_("Open Jobs"), roles=sorted(OFFICERS),
    )  # fmt: skip
