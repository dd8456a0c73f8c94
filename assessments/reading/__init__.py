"""Assessments as vendors read them; lists and documents are the grade book's way of reading live rows."""
