"""Orphans: assignments that their vendor has deleted and a teacher keeps or removes for good."""

from collections.abc import Collection
from typing import TypeVar
from uuid import uuid4

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from gradebook.models import Assignment, Score
from gradebook.services.act import Act, acting
from gradebook.teaching.access import Teacher
from roster.models import Section

Row = TypeVar("Row", Assignment, Score)


def listed(section: Section) -> QuerySet[Assignment]:
    """Return what waits for a decision, with how many scores went along."""
    went = Score.objects.filter(assignment=OuterRef("pk"), deleted_at=OuterRef("deleted_at")).order_by()
    counted = went.values("assignment").annotate(number=Count("pk")).values("number")
    found = Assignment.objects.filter(
        section=section, owner__isnull=False, deleted_at__isnull=False, settled_at=None
    ).select_related("owner", "category")
    return found.annotate(went=Coalesce(Subquery(counted), 0)).order_by("-deleted_at", "pk")


def settle(teacher: Teacher, section: Section, chosen: Collection[int], *, keep: bool) -> int:
    """Keep assignments, with the scores they had, as the teacher's own; or let them go. Return how many."""
    with acting(teacher.name) as act:
        rows = list(
            Assignment.objects.select_for_update(no_key=True).filter(
                pk__in=chosen, section=section, owner__isnull=False, deleted_at__isnull=False, settled_at=None
            ).order_by("pk")
        )  # fmt: skip
        for row in rows:
            if keep:
                _keep(act, row)
            act.changed("assignment", row.pk, section.pk, before={"orphan": True}, after={"kept": keep})
        Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(settled_at=act.at)
        if keep and rows:
            act.dirty(section.pk)
    return len(rows)


def _keep(act: Act, row: Assignment) -> None:
    """Copy an assignment and the scores that were deleted with it; the vendor's own stay deleted for the vendor."""
    scores = list(Score.objects.filter(assignment=row.pk, deleted_at=row.deleted_at).order_by("pk"))
    made = _copied(act, Assignment.objects.get(pk=row.pk))
    made.vendor_category = made.scale = made.metadata = made.objectives = None
    made.aligned_by = Assignment.AlignedBy.TEACHER if not made.uncategorized else ""
    made.save()
    act.changed("assignment", made.pk, made.section_id, after={"title": made.title, "kept_from": row.sourced_id})
    for score in scores:
        _copied(act, score).assignment = made
        score.scale = score.metadata = score.objectives = None
    Score.objects.bulk_create(scores, batch_size=500)


def _copied(act: Act, row: Row) -> Row:
    """Make a row that was read a new one of the district's own."""
    row.pk, row.sourced_id, row.owner, row.deleted_at, row.modified = None, str(uuid4()), None, None, act.at
    return row
