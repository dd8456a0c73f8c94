"""The screens of the portal itself."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS, EVERYONE, OFFICERS
from interop.admin.screens import Screen

SCREENS = (
    Screen(
        "messages", "messages/", "interop.messages.screens.center", _("Message Center"), changes=EVERYONE,
        section="records", icon="inbox", words=("alerts", "announcements", "inbox", "notices"),
    ),
    Screen(
        "announce", "messages/announce/", "interop.messages.screens.announce", _("Announce"),
        opens=EDITORS, changes=EDITORS, words=("announcement", "tell everybody"),
    ),
    Screen(
        "jobs", "jobs/", "interop.jobs.screens.jobs", _("Jobs"),
        section="records", icon="clock", words=("schedule", "timetable", "tasks", "runs", "background", "next refresh"),
    ),
    Screen("job", "jobs/<slug:name>/", "interop.jobs.screens.job", _("A job"), changes=EDITORS),
    Screen(
        "disposals", "disposals/", "interop.disposals.screens.index", _("Deletions"), opens=OFFICERS, changes=OFFICERS,
        section="records", icon="trash-2", words=("purge", "delete for good", "certificate", "retention", "privacy"),
    ),
    Screen(
        "certificate", "disposals/<int:pk>/certificate.json", "interop.disposals.screens.certificate",
        _("Certificate of a deletion"), opens=OFFICERS,
    ),
    Screen("find", "find/", "interop.admin.find.find", _("Find")),
    Screen(
        "audit", "audit/", "interop.admin.audit.trail", _("Audit trail"), opens=OFFICERS,
        section="records", icon="history", words=("who did what", "history", "log"),
    ),
    Screen("audit_export", "audit/export.csv", "interop.admin.audit.export", _("Audit trail as CSV"), opens=OFFICERS),
)  # fmt: skip
