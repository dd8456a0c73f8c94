"""Assessments: tests and how they are scored, the scores of students, and what waits for a missing part."""

from assessments.models.scores import TestScore
from assessments.models.setup import KINDS, NUMBERS, ResultStatus, ScoreField, ScoreKind, Test
from assessments.models.unmatched import Unmatched

__all__ = ["KINDS", "NUMBERS", "ResultStatus", "ScoreField", "ScoreKind", "Test", "TestScore", "Unmatched"]
