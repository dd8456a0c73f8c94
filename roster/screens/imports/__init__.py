"""The SIS feed on screen: its imports, one of them with all it would do, and how imports are done."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS, OFFICERS
from interop.admin.screens import Screen

SCREENS: tuple[Screen, ...] = (
    Screen(
        "imports", "imports/", "roster.screens.imports.index.index", _("Imports"), changes=EDITORS,
        section="data", icon="upload", waits="roster.screens.imports.index.waits",
        words=("SIS feed", "upload", "OneRoster CSV", "package", "held import", "student information system"),
    ),
    Screen(
        "import_settings", "imports/settings/", "roster.screens.imports.settings.settings", _("Import settings"),
        opens=EDITORS, changes=OFFICERS,
        words=("limits", "guard", "thresholds", "blackout", "rollover", "additions only"),
    ),
    Screen(
        "import", "imports/<int:pk>/", "roster.screens.imports.one.one", _("Import"),
        opens=EDITORS, changes=OFFICERS,
    ),
    Screen(
        "import_again", "imports/<int:pk>/again/", "roster.screens.imports.one.again", _("Try again"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "import_undo", "imports/<int:pk>/undo/", "roster.screens.imports.undo.undo", _("Undo an import"),
        opens=OFFICERS, changes=OFFICERS,
    ),
    Screen(
        "import_errors", "imports/<int:pk>/errors.csv", "roster.screens.imports.lists.errors", _("Errors as CSV"),
        opens=EDITORS,
    ),
    Screen(
        "import_difference", "imports/<int:pk>/difference.csv", "roster.screens.imports.lists.difference",
        _("Difference as CSV"), opens=EDITORS,
    ),
)  # fmt: skip
