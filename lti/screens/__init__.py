"""The office's screens of learning tools: the LTI connections of an application."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS
from interop.admin.screens import Screen

HERE = "applications/tools/<int:pk>/"

SCREENS = (
    Screen(
        "new_tool", "applications/<slug:slug>/tools/new/", "lti.screens.adding.by_hand", _("Add LTI connection"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "register_tool", "applications/<slug:slug>/tools/register/", "lti.screens.adding.by_itself",
        _("Let the tool register itself"), opens=EDITORS, changes=EDITORS,
    ),
    Screen("tool", HERE, "lti.screens.tool.edit", _("LTI connection"), changes=EDITORS),
    Screen(
        "accept_tool", HERE + "accept/", "lti.screens.adding.accept", _("Accept a learning tool"), opens=EDITORS,
        changes=EDITORS,
    ),
    Screen(
        "turn_tool", HERE + "turn/", "lti.screens.tool.turn", _("Disable a learning tool"), opens=EDITORS,
        changes=EDITORS,
    ),
    Screen("try_tool", HERE + "try/", "lti.screens.tool.try_out", _("Try a learning tool"), changes=EDITORS),
    Screen(
        "delete_tool", HERE + "delete/", "lti.screens.tool.delete", _("Delete a learning tool"), opens=EDITORS,
        changes=EDITORS,
    ),
)  # fmt: skip
