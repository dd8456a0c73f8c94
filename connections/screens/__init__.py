"""The screens of Learning Interoperability: applications, their connections, and how to stop them."""

from django.utils.translation import gettext_lazy as _

from connections.screens import rows
from interop.admin.roles import EDITORS, EVERYONE, OFFICERS
from interop.admin.screens import Screen

SCREENS = (
    Screen(
        "applications", "applications/", "connections.screens.applications.index", _("Applications"),
        section="sharing", icon="layout-grid",
        words=("Learning Interoperability", "Digital Learning Applications Configuration", "OneRoster", "LTI", "tiles"),
    ),
    Screen(
        "add", "applications/add/", "connections.screens.adding.index", _("Add Application"),
        words=("catalogue", "partners", "Connect to Other Applications", "new vendor"),
    ),
    Screen(
        "add_other", "applications/add/other/", "connections.screens.adding.other", _("Connect to Other Applications"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "add_partner", "applications/add/<slug:entry>/", "connections.screens.adding.partner", _("Add Application"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "new_entry", "applications/add/own/new/", "connections.screens.entries.new",
        _("Add a product to the catalogue"), opens=OFFICERS, changes=OFFICERS, words=("catalogue entry", "own product"),
    ),
    Screen(
        "entry", "applications/add/own/<slug:entry>/", "connections.screens.entries.edit",
        _("Change the catalogue"), opens=OFFICERS, changes=OFFICERS,
    ),
    Screen(
        "remove_entry", "applications/add/own/<slug:entry>/remove/", "connections.screens.entries.remove",
        _("Remove from the catalogue"), opens=OFFICERS, changes=OFFICERS,
    ),
    Screen(
        "suggest", "applications/suggest/", "connections.screens.suggestions.suggest", _("Suggest a partner"),
        changes=EVERYONE, words=("missing vendor", "I don't see my vendor"),
    ),
    Screen(
        "adopt", "applications/adopt/<int:pk>/", "connections.screens.orphans.adopt_orphan",
        _("Adopt into an application"), opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "application", "applications/<slug:slug>/", "connections.screens.application.show", _("Application"),
        changes=EDITORS,
    ),
    Screen(
        "switch", "applications/<slug:slug>/switch/", "connections.screens.application.switch",
        _("Make a replacement connection"), opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "delete_application", "applications/<slug:slug>/delete/", "connections.screens.application.delete",
        _("Delete application"), opens=EDITORS, changes=EDITORS,
    ),
    *rows.SCREENS,
)  # fmt: skip
