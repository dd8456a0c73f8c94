"""The screens of the portal itself."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import OFFICERS
from interop.admin.screens import Screen

SCREENS = (
    Screen("find", "find/", "interop.admin.find.find", _("Find")),
    Screen(
        "audit", "audit/", "interop.admin.audit.trail", _("Audit trail"), opens=OFFICERS,
        section="records", icon="history", words=("who did what", "history", "log"),
    ),
    Screen("audit_export", "audit/export.csv", "interop.admin.audit.export", _("Audit trail as CSV"), opens=OFFICERS),
)  # fmt: skip
