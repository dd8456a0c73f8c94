"""The wire: what each OneRoster object of the grade book looks like, both versions side by side."""

from .category import CATEGORY
from .line_item import LINE_ITEM
from .result import RESULT
from .score_scale import SCORE_SCALE

__all__ = ["CATEGORY", "LINE_ITEM", "RESULT", "SCORE_SCALE"]
