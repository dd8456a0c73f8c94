"""Filters of the grade book's pages."""
