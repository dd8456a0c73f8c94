"""The screens of Learning Interoperability: applications, their connections, and how to stop them."""

from django.utils.translation import gettext_lazy as _

from interop.admin.screens import Screen

SCREENS = (
    Screen(
        "applications", "applications/", "connections.screens.applications.index", _("Applications"),
        section="sharing", icon="layout-grid",
        words=("Learning Interoperability", "Digital Learning Applications Configuration", "OneRoster", "LTI", "tiles"),
    ),
)  # fmt: skip
