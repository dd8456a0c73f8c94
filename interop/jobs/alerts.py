"""What people are told when a job is given up."""

from django.urls import reverse
from django.utils.translation import gettext as _

from interop import schedule
from interop.admin.roles import EDITORS
from interop.dates import district_day
from interop.jobs.models import JobRun
from interop.messages.models import PROCESS, Message
from interop.messages.telling import tell


def given_up(row: JobRun, told: str) -> None:
    """Tell that a job was tried as often as it may be; once a day for each job."""
    message = Message(
        key=f"{PROCESS}:{row.job}:{row.subject}:{district_day(row.due_at)}",
        process=PROCESS,
        kind="failing",
        title=_("%s was given up") % schedule.job(row.job).title,
        text=_("%s Ask whoever runs this portal to look at the worker’s log, then run it again.") % told,
        link=reverse("admin:jobs"),
        button=_("Open Jobs"),
        roles=sorted(EDITORS),
    )
    tell([message])
