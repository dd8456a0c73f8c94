"""Where the grade book keeps sealed values."""

from interop.sealed import Column

PLACES = (
    Column("report cards to print", "gradebook.RecordBatch", "pages"),
    Column("report cards as CSV", "gradebook.RecordBatch", "sheet"),
)
