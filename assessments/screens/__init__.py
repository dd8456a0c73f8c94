"""The screens of assessments: Test setup, the scores of a test and of a student, and what waits."""

from django.utils.translation import gettext_lazy as _

from interop.admin.roles import EDITORS
from interop.admin.screens import Screen

TEST, PERSON = "tests/<int:pk>/", "data/people/<int:pk>/tests/"
SCREENS: tuple[Screen, ...] = (
    Screen(
        "tests", "tests/", "assessments.screens.index.index", _("Test setup"), section="data", icon="graduation-cap",
        words=("assessments", "Assessment Center", "tests", "state tests", "score fields", "proficiency"),
    ),
    Screen(
        "test_new", "tests/new/", "assessments.screens.editing.make", _("New test"), opens=EDITORS, changes=EDITORS,
        words=("add a test", "new assessment"),
    ),
    Screen(
        "unmatched", "tests/unmatched/", "assessments.screens.unmatched.listed", _("Unmatched results"),
        opens=EDITORS, changes=EDITORS, words=("missing test", "waiting scores", "inbox", "assessments"),
    ),
    Screen(
        "test_receipts", "tests/receipts/", "assessments.screens.receipts.listed", _("Assessment receipts"),
        opens=EDITORS, words=("refused scores", "what vendors sent", "assessments sync"),
    ),
    Screen(
        "test_score", "tests/scores/<int:pk>/", "assessments.screens.score.edit", _("Test score"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen("test", TEST, "assessments.screens.test.show", _("Test"), changes=EDITORS),
    Screen(
        "test_edit", f"{TEST}edit/", "assessments.screens.editing.edit", _("Edit a test"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "test_delete", f"{TEST}delete/", "assessments.screens.test.delete", _("Delete a test"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "test_scores", f"{TEST}scores/", "assessments.screens.distribution.show", _("Scores of a test"), opens=EDITORS,
    ),
    Screen(
        "test_export", f"{TEST}scores.csv", "assessments.screens.distribution.export", _("Scores as CSV"),
        opens=EDITORS,
    ),
    Screen(
        "test_import", f"{TEST}import/", "assessments.screens.importing.upload", _("Import scores"),
        opens=EDITORS, changes=EDITORS,
    ),
    Screen(
        "test_sample", f"{TEST}import/sample.csv", "assessments.screens.importing.template",
        _("A file to begin with"), opens=EDITORS,
    ),
    Screen("person_tests", PERSON, "assessments.screens.student.show", _("Assessments of a student"), opens=EDITORS),
    Screen(
        "person_test_new", f"{PERSON}new/", "assessments.screens.score.make", _("New test score"),
        opens=EDITORS, changes=EDITORS,
    ),
)  # fmt: skip
