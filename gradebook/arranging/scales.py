"""Making and changing grading scales: scores, the percentages they begin at, and their points in an average."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from gradebook.arranging.tasks import Refused
from gradebook.models import GradeOptions, GradingScale, GradingScaleRange, PostedGrade, SectionScale
from gradebook.services.act import acting
from interop import audit


class Line(NamedTuple):
    """A score, the percentage it begins at, and its points."""

    score: str
    minimum: Decimal | None
    points: Decimal | None


def save(actor: str, title: str, kind: str, lines: Sequence[Line], scale: GradingScale | None = None) -> GradingScale:
    """Make or change a scale; sections that use it are computed again and their vendors told. Raises Refused."""
    _check(lines)
    with acting(actor) as act:
        row = scale or GradingScale()
        before = _facts(row) if scale else None
        row.title, row.type = title, kind
        row.save()
        row.ranges.all().delete()
        ordered = sorted(lines, key=lambda line: (line.minimum is None, -(line.minimum or 0)))
        GradingScaleRange.objects.bulk_create(
            GradingScaleRange(scale=row, sequence=at, **line._asdict()) for at, line in enumerate(ordered)
        )
        after = _facts(row)
        if before != after:
            SectionScale.objects.filter(scale=row, deleted_at=None).update(modified=act.at)
            act.dirty(*_sections(row))
            act.changed("gradingscale", row.pk, None, before=before, after=after)
            audit.record(actor, "changed a grading scale" if scale else "made a grading scale", row,
                         before=before, after=after)  # fmt: skip
    return row


def delete(actor: str, scale: GradingScale) -> None:
    """Delete a scale nothing is calculated with. Raises Refused."""
    used = GradeOptions.objects.filter(scale=scale).count()
    if used:
        raise Refused(_("It is in use: the options of %d grading tasks name it. Choose another scale there.") % used)
    with acting(actor) as act:
        audit.record(actor, "deleted a grading scale", scale, before=_facts(scale))
        shared = SectionScale.objects.filter(scale=scale)
        if shared.exists():
            raise Refused(_("Sections share it with vendors; it has to stay."))
        act.changed("gradingscale", scale.pk, None, before=_facts(scale), after={"deleted": True})
        scale.delete()


def in_use(scale: GradingScale) -> tuple[int, int]:
    """Return how many options name a scale, and how many grades were posted with it."""
    periods = GradeOptions.objects.filter(scale=scale).values("period")
    return periods.count(), PostedGrade.objects.filter(period__in=periods, deleted_at=None).count()


def _check(lines: Sequence[Line]) -> None:
    if not lines:
        raise Refused(_("A scale needs at least one score."))
    scores, minimums = [line.score for line in lines], [line.minimum for line in lines if line.minimum is not None]
    if len(set(scores)) < len(scores):
        raise Refused(_("Each score stands in a scale once."))
    if len(set(minimums)) < len(minimums):
        raise Refused(_("Two scores begin at the same percentage; a percentage leads to one score only."))


def _facts(row: GradingScale) -> dict[str, object]:
    lines = [f"{each.score}: {each.minimum} ({each.points})" for each in row.ranges.order_by("sequence")]
    return {"title": row.title, "type": row.type, "scores": [line.replace("None", "–") for line in lines]}


def _sections(row: GradingScale) -> list[int]:
    return list(SectionScale.objects.filter(scale=row, deleted_at=None).values_list("section_id", flat=True))
