"""The district's data: looked through, and changed where it is kept here."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS, OFFICERS
from interop.admin.screens import Screen
from roster.screens.data.kinds import KINDS

SCREENS: tuple[Screen, ...] = (
    Screen(
        "data", "data/", "roster.screens.data.index.index", _("School data"), section="data", icon="database",
        words=("District data", "System Administration", "census", "records"),
    ),
    *(
        Screen(
            f"data_{kind.name.replace('-', '_')}", f"data/{kind.name}/", "roster.screens.data.lists.listing",
            kind.title, opens=kind.opens, changes=EDITORS, words=kind.words or (str(kind.name),),
        )
        for kind in KINDS
    ),
    Screen(
        "data_usernames", "data/usernames/", "roster.screens.data.accounts.batch", _("Accounts in batch"),
        opens=EDITORS, changes=EDITORS,
        words=("User Account Batch Wizard", "usernames", "Student Account Automation", "Staff Account Automation"),
    ),
    Screen(
        "data_record", "data/<slug:kind>/<int:pk>/", "roster.screens.data.records.record", _("Record"),
    ),
    Screen(
        "data_change", "data/<slug:kind>/change/", "roster.screens.data.changes.change", _("Before you save"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "data_active_year", "data/school-years/<int:pk>/active/", "roster.screens.data.years.make_active",
        _("Make a school year active"), opens=EDITORS, changes=OFFICERS,
    ),
    Screen(
        "data_scheduling", "data/school-years/<int:pk>/scheduling/", "roster.screens.data.years.scheduling",
        _("Scheduling is final"), opens=EDITORS, changes=EDITORS,
    ),
)  # fmt: skip
