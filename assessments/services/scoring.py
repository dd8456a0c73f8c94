"""Scores that people of the district enter, change and delete; a vendor's resend overwrites what they change of its."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

import orjson
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessments.models import ScoreKind, Test, TestScore
from assessments.services.rows import SCORES
from assessments.services.setup import bounds, fields_of
from assessments.services.wrong import Wrong
from gradebook.models import Change
from gradebook.services.act import Act, acting
from gradebook.services.numbers import BELOW, STEP
from gradebook.services.rows import difference
from roster.models import Person

Values = Mapping[ScoreKind, Decimal | str | None]
LONGEST_LEVEL = 255
KEPT = {name: SCORES.columns[name] for name in ("date", *TestScore.COLUMNS.values(), "comment")} | {
    "modified": "timestamptz"
}
"""The columns that people change, with their types."""
_KEEP = f"""
    UPDATE assessments_testscore t SET {", ".join(f"{name} = n.{name}" for name in KEPT)}
    FROM json_to_recordset(%s::json) AS n(id bigint, {", ".join(f"{name} {kind}" for name, kind in KEPT.items())})
    WHERE t.id = n.id
"""


def enter_score(
    actor: str, test: Test, person: Person, date: dt.date, *, values: Values, comment: str = ""
) -> TestScore:
    """Give a student a score of a day; raises Wrong."""
    if test.archived:
        raise Wrong(_("The test is archived; it takes no new scores."))
    with acting(actor) as act:
        score = TestScore(
            sourced_id=str(uuid4()), test=test, person=person, date=date, told=test.score_is, modified=act.at,
            comment=comment,
        )  # fmt: skip
        fill(score, values)
        score.save()
        act.changed("testscore", score.pk, None, after=facts(score))
    return score


def edit_score(
    actor: str, score: TestScore, *, date: dt.date | None = None, values: Values | None = None,
    comment: str | None = None,
) -> TestScore:  # fmt: skip
    """Change a score; kinds that are not named stay. Raises Wrong."""
    with acting(actor) as act:
        current = TestScore.objects.select_for_update(of=("self",)).select_related("test").get(pk=score.pk)
        if current.deleted_at is not None:
            raise Wrong(_("The score was deleted meanwhile."))
        before = facts(current)
        current.date = date or current.date
        current.comment = current.comment if comment is None else comment
        fill(current, {kind: _value(current, kind) for kind in TestScore.COLUMNS} | dict(values or {}))
        keep(act, [(current, before)])
    return current


def keep(act: Act, scores: Iterable[tuple[TestScore, Mapping[str, Any]]]) -> None:
    """Save scores, each with its facts of before, and note what differs; one that differs in nothing is left alone.

    It is one statement, whatever their number; a file may change thousands.
    """
    rows = []
    for score, before in scores:
        old, new = difference(before, facts(score))
        if new:
            score.modified = max(act.at, score.modified + dt.timedelta(milliseconds=1))
            act.changed("testscore", score.pk, None, before=old, after=new)
            rows.append({"id": score.pk, **{name: getattr(score, name) for name in KEPT}})
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [orjson.dumps(rows, default=str).decode()])


def delete_score(actor: str, score: TestScore) -> None:
    """Delete a score; the history keeps it."""
    with acting(actor) as act:
        current = TestScore.objects.select_for_update(of=("self",)).get(pk=score.pk)
        if current.deleted_at is None:
            SCORES.bury(act, [current.pk])
            act.changed("testscore", current.pk, None, before=facts(current), after={"deleted": True})


def history(kind: str, key: int) -> QuerySet[Change]:
    """Return what became of a test or a score ("test", "testscore"), the newest first."""
    return Change.objects.filter(kind=kind, key=key).order_by("-at", "-pk")


def fill(score: TestScore, values: Values) -> None:
    """Give a score what was typed: inside the scales, and with all that the test asks for. Raises Wrong."""
    chosen = fields_of(score.test)
    limits = bounds(score.test, chosen)
    for kind, given in values.items():
        if kind is ScoreKind.LEVEL:
            score.level = str(given or "")
            if len(score.level) > LONGEST_LEVEL:
                raise Wrong(_("%(name)s: use at most 255 characters.") % {"name": kind.label}, str(kind))
            continue
        setattr(score, TestScore.COLUMNS[kind], _number(kind, given, *limits.get(kind, (None, None))))
    for field in chosen:
        if field.required and _value(score, field.kind) in (None, ""):
            raise Wrong(_("%(name)s is required.") % {"name": field.kind.label}, str(field.kind))
    if all(_value(score, kind) in (None, "") for kind in TestScore.COLUMNS):
        raise Wrong(_("Give at least one kind of score."))


def _number(kind: ScoreKind, given: Decimal | str | None, low: Decimal | None, high: Decimal | None) -> Decimal | None:
    """Return the number as it is stored; None: none was given. Raises Wrong."""
    if given is None or given == "":
        return None
    try:
        number = Decimal(given)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise Wrong(_("%(name)s: use a number.") % {"name": kind.label}, str(kind))
    if (low is not None and number < low) or (high is not None and number > high) or abs(number) >= BELOW:
        told = {"name": kind.label, "low": _plain(low), "high": _plain(high)}
        raise Wrong(_("%(name)s: use a number from %(low)s to %(high)s.") % told, str(kind))
    return number.quantize(STEP)


def facts(score: TestScore) -> dict[str, Any]:
    """Return what the history keeps of a score."""
    return {
        "date": score.date.isoformat(), **{str(kind): _value(score, kind) for kind in TestScore.COLUMNS},
        "comment": score.comment,
    }  # fmt: skip


def _value(score: TestScore, kind: ScoreKind) -> Any:
    return getattr(score, TestScore.COLUMNS[kind])


def _plain(bound: Decimal | None) -> str:
    return "…" if bound is None else f"{bound.normalize():f}"
