"""The wire: what each OneRoster object of assessments looks like. OneRoster 1.1 has none of them."""

from .assessment_line_item import ASSESSMENT_LINE_ITEM
from .assessment_result import ASSESSMENT_RESULT

__all__ = ["ASSESSMENT_LINE_ITEM", "ASSESSMENT_RESULT"]
