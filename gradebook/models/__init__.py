"""The grade book: what is graded and how, what came from vendors, and the grades."""

from gradebook.models.alignment import CategoryMapping, DefaultAlignment, KeywordRule
from gradebook.models.family import FamilyChoice
from gradebook.models.grades import DirtyMark, InProgressGrade, PostedGrade
from gradebook.models.records import RecordBatch, RecordSettings
from gradebook.models.setup import (
    UNCATEGORIZED,
    Category,
    GradeOptions,
    GradingScale,
    GradingScaleRange,
    GradingTask,
    SectionScale,
    TaskPeriod,
)
from gradebook.models.sync import Change, IdempotencyKey, LivePull, Receipt
from gradebook.models.work import Assignment, Score

__all__ = [
    "UNCATEGORIZED",
    "Assignment",
    "Category",
    "CategoryMapping",
    "Change",
    "DefaultAlignment",
    "DirtyMark",
    "FamilyChoice",
    "GradeOptions",
    "GradingScale",
    "GradingScaleRange",
    "GradingTask",
    "IdempotencyKey",
    "InProgressGrade",
    "KeywordRule",
    "LivePull",
    "PostedGrade",
    "Receipt",
    "RecordBatch",
    "RecordSettings",
    "Score",
    "SectionScale",
    "TaskPeriod",
]  # fmt: skip
