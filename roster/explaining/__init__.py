"""Why a record is shared with a connection or not: the publisher's own rules, asked about one record."""

from roster.explaining.explanation import Explanation, Part, explain
from roster.explaining.finding import KINDS, Hit, by_sourced_id, find
from roster.explaining.lines import Line

__all__ = ["KINDS", "Explanation", "Hit", "Line", "Part", "by_sourced_id", "explain", "find"]
