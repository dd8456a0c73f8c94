"""What tests and scores have in common: when they came last, and scores that go with their test."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from assessments.models import TestScore
from gradebook.services.act import Act
from gradebook.services.rows import Table

TREE = "tree of assessments"
"""The lock of those that move a test to another parent."""
SEEN_AGAIN = dt.timedelta(hours=1)
SCORES = Table(
    "assessments_testscore",
    {
        "test_id": "bigint", "person_id": "bigint", "date": "date", "raw": "numeric", "scaled": "numeric",
        "percent": "numeric", "percentile": "numeric", "level": "text", "told": "text", "status": "text",
        "late": "bool", "missing": "bool", "incomplete": "bool", "in_progress": "bool", "comment": "text",
        "scale_id": "bigint", "metadata": "jsonb", "objectives": "jsonb", "connection_id": "bigint",
        "received_at": "timestamptz",
    },
)  # fmt: skip


def received(act: Act, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep that rows came again as they are: once an hour, without a new date for vendors."""
    keys = [row["id"] for row in rows if not row["received_at"] or act.at - row["received_at"] > SEEN_AGAIN]
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table.name} SET received_at = %s WHERE id = ANY(%s)", [act.at, keys])


def bury_scores(act: Act, tests: Sequence[int]) -> None:
    """Delete the scores of tests that are deleted."""
    rows = TestScore.objects.filter(test__in=tests, deleted_at=None)
    SCORES.bury(act, list(rows.values_list("pk", flat=True)))
