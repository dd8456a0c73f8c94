"""What the data office opens of the grade book: grading setup, report cards, transcripts, and sync receipts."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS
from interop.admin.screens import Screen

HERE = "gradebook.office."
SCREENS: tuple[Screen, ...] = (
    Screen(
        "grading", "grading/", f"{HERE}courses.index", _("Grading setup"), section="data", icon="graduation-cap",
        words=("grading tasks", "standards", "courses", "credits", "composite", "grade calculation", "mandated"),
    ),
    Screen("grading_course", "grading/courses/<int:pk>/", f"{HERE}courses.course", _("Grading of a course"),
           changes=EDITORS),
    Screen("grading_task", "grading/tasks/<int:pk>/", f"{HERE}tasks.task", _("Grading task"), changes=EDITORS),
    Screen("grading_options", "grading/courses/<int:pk>/calculation/", f"{HERE}options.mandated",
           _("Mandated grade calculation"), changes=EDITORS),
    Screen(
        "grading_windows", "grading/windows/", f"{HERE}windows.windows", _("Grading windows"), changes=EDITORS,
        words=("posting", "open", "close", "terms", "grading period"),
    ),
    Screen(
        "grading_scales", "grading/scales/", f"{HERE}scales.index", _("Grading scales"), changes=EDITORS,
        words=("score group", "letters", "GPA", "points", "percent", "minimum"),
    ),
    Screen("grading_scale", "grading/scales/<int:pk>/", f"{HERE}scales.scale", _("Grading scale"), changes=EDITORS),
    Screen(
        "records", "report-cards/", f"{HERE}records.index", _("Report cards and transcripts"), opens=EDITORS,
        changes=EDITORS, section="data", icon="file-text", words=("GPA", "credits", "posted grades", "print"),
    ),
    Screen("record_card", "report-cards/students/<int:pk>/report-card/", f"{HERE}records.card", _("Report card"),
           opens=EDITORS),
    Screen("record_transcript", "report-cards/students/<int:pk>/transcript/", f"{HERE}records.transcript",
           _("Transcript"), opens=EDITORS),
    Screen("record_batch", "report-cards/batches/<int:pk>/", f"{HERE}records.batch", _("Report cards"),
           opens=EDITORS),
    Screen("record_sheet", "report-cards/batches/<int:pk>/records.csv", f"{HERE}records.sheet", _("As CSV"),
           opens=EDITORS),
    Screen(
        "receipts", "grade-book-receipts/", f"{HERE}receipts.index", _("Grade book receipts"), opens=EDITORS,
        section="data", icon="inbox", words=("sync receipts", "refused", "rounded", "assignments", "scores"),
    ),
)  # fmt: skip
