"""The screens of the district's data: what vendors see of it, the API tried from inside, and the settings."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS, OFFICERS
from interop.admin.screens import Screen
from roster.screens.data import SCREENS as DATA
from roster.screens.imports import SCREENS as IMPORTS

CONNECTION = "applications/connections/<int:pk>/"
SCREENS: tuple[Screen, ...] = (
    Screen(
        "vendors_see", "vendors-see/", "roster.screens.chooser.vendors_see", _("What vendors see"),
        section="sharing", icon="eye", words=("counts", "records", "preview", "what a vendor gets", "OneRoster"),
    ),
    Screen(
        "vendor_sees", f"{CONNECTION}sees/", "roster.screens.sees.vendor_sees", _("What this vendor sees"),
        changes=EDITORS,
    ),
    Screen(
        "vendor_difference", f"{CONNECTION}difference/", "roster.screens.difference.vendor_difference",
        _("Before you save"), changes=EDITORS,
    ),
    Screen(
        "explain", "explain/", "roster.screens.explain.why", _("Why isn’t this shared?"),
        opens=EDITORS, changes=EDITORS, section="sharing", icon="circle-help",
        words=("Why isn't this shared", "missing record", "missing student", "missing teacher", "rules", "visibility",
               "External LMS Exclude", "troubleshoot"),
    ),
    Screen(
        "readiness", "readiness/", "roster.screens.readiness.readiness", _("Readiness"),
        section="sharing", icon="check", words=("usernames", "emails", "missing", "quality", "before you start"),
    ),
    Screen(
        "readiness_list", "readiness/<str:name>/", "roster.screens.readiness.readiness_list", _("Readiness"),
        opens=EDITORS,
    ),
    Screen(
        "api", "api/", "roster.screens.chooser.api", _("API documentation"), opens=EDITORS,
        section="records", icon="book-open", words=("console", "try the API", "endpoints", "OpenAPI", "OneRoster"),
    ),
    Screen(
        "api_console", f"{CONNECTION}console/", "roster.screens.console.api_console", _("API console"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "received", "activity/received/", "roster.screens.received.received", _("Who received a student’s record?"),
        opens=OFFICERS, changes=OFFICERS,
        words=("disclosure", "FERPA", "who saw", "breach", "access log", "record of access"),
    ),
    *IMPORTS,
    *DATA,
    Screen(
        "activation_codes", "activation-codes/", "roster.screens.activation.activation_codes", _("Activation codes"),
        opens=EDITORS, changes=EDITORS, section="data", icon="key-round",
        words=("System Administration", "sign in", "password", "teachers", "students", "parents", "accounts", "login"),
    ),
    Screen(
        "settings", "settings/", "roster.screens.settings.settings", _("Settings"), changes=OFFICERS,
        section="records", icon="settings",
        words=("Learning Interoperability settings", "Digital Learning", "OneRoster", "secondary email",
               "local grades", "refresh times", "timetable", "OAuth 1", "installation", "version", "partners"),
    ),
    Screen(
        "refresh_cache", "applications/cache/refresh/", "roster.screens.cache.refresh", _("Refresh OneRoster Cache"),
        opens=EDITORS, changes=EDITORS, words=("publish", "cache"),
    ),
)  # fmt: skip
