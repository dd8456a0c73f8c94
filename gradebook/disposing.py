"""What the grade book's memory of vendors' messages keeps of people who are deleted for good."""

from collections.abc import Iterable

from django.db import connection

from gradebook.models import RecordBatch

_OF_PERSON = """
    DELETE FROM gradebook_receipt
    WHERE position(%(named)s IN came::text) > 0 OR position(%(named)s IN notes::text) > 0
"""


def forget(ids: Iterable[str]) -> None:
    """Delete the sync receipts that speak of somebody with one of these wire ids, and all report cards made in batch.

    Scores and grades go with the person.
    """
    RecordBatch.objects.all().delete()
    with connection.cursor() as cursor:
        for wire_id in ids:
            cursor.execute(_OF_PERSON, {"named": f'"{wire_id}"'})
