"""The grade book: what is graded and how, what came from vendors, and the grades."""

from gradebook.models.alignment import CategoryMapping, DefaultAlignment, KeywordRule
from gradebook.models.grades import DirtyMark, InProgressGrade, PostedGrade
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
    "UNCATEGORIZED", "Assignment", "Category", "CategoryMapping", "Change", "DefaultAlignment", "DirtyMark",
    "GradeOptions", "GradingScale", "GradingScaleRange", "GradingTask", "IdempotencyKey", "InProgressGrade",
    "KeywordRule", "LivePull", "PostedGrade", "Receipt", "Score", "SectionScale", "TaskPeriod",
]  # fmt: skip
