"""The screens of one connection."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS, OFFICERS
from interop.admin.screens import Screen

HERE = "applications/connections/<int:pk>/"

SCREENS = (
    Screen(
        "generate", "applications/<slug:slug>/generate/", "connections.screens.generate.generate",
        _("Generate OneRoster connection"), opens=EDITORS, changes=EDITORS,
    ),
    Screen("connection", HERE, "connections.screens.connection.edit", _("Connection"), changes=EDITORS),
    Screen("check_connection", HERE + "check/", "connections.screens.checking.check", _("Test connection")),
    Screen(
        "renew_connection", HERE + "renew/", "connections.screens.connection.renew", _("Renew"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "new_secret", HERE + "new-secret/", "connections.screens.secrets.new_secret", _("Generate new secret"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "end_secret", HERE + "secrets/<int:credential>/end/", "connections.screens.secrets.end", _("End a secret"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "one_time_link", HERE + "one-time-link/", "connections.screens.handover.make", _("One-time link"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "withdraw_link", HERE + "withdraw-link/", "connections.screens.handover.withdraw", _("Withdraw the link"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "share_demographics", HERE + "demographics/", "connections.screens.demographics.decide",
        _("Share demographics"), opens=OFFICERS, changes=OFFICERS,
    ),
    Screen(
        "approvals", "applications/connections/approvals/", "connections.screens.demographics.waiting",
        _("Waiting for a second officer"), opens=OFFICERS, words=("approvals", "approve demographics"),
    ),
    Screen(
        "connection_limits", HERE + "limits/", "connections.screens.limits.edit", _("Limits and addresses"),
        opens=EDITORS, changes=OFFICERS,
    ),
    Screen(
        "activity", "activity/", "connections.screens.activity.index", _("Activity"), section="sharing",
        icon="activity", words=("access log", "health", "calls", "volumes", "errors", "freeze", "limits"),
    ),
    Screen("connection_activity", "activity/<int:pk>/", "connections.screens.activity.show", _("Activity")),
    Screen(
        "freeze", "activity/<int:pk>/freeze/", "connections.screens.activity.freeze", _("Freeze"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "unfreeze", "activity/<int:pk>/unfreeze/", "connections.screens.activity.unfreeze", _("Let it go on"),
        opens=OFFICERS, changes=OFFICERS,
    ),
    Screen(
        "disable_connection", HERE + "disable/", "connections.screens.stopping.disable", _("Disable"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "remove_credentials", HERE + "remove-credentials/", "connections.screens.stopping.remove_credentials",
        _("Remove credentials"), opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "delete_connection", HERE + "delete/", "connections.screens.stopping.delete", _("Delete connection"),
        opens=EDITORS, changes=EDITORS,
    ),
)  # fmt: skip
