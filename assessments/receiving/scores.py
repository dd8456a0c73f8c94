"""What vendors send as assessmentResults becomes test scores."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from assessments import rules
from assessments.models import ScoreField, ScoreKind
from assessments.receiving.batch import RESULT, lacks
from assessments.receiving.references import Scale, Seat, Taken, gone, scales, seats
from assessments.receiving.unmatched import forget
from assessments.services.scores import Draft, put_scores
from gradebook.receiving.batch import Batch, remark
from gradebook.rules import OWNER_OTHER
from gradebook.services.act import Act
from gradebook.services.results import Done
from gradebook.wire.result import STATUSES

FLAGS = {"late": "late", "missing": "missing", "incomplete": "incomplete", "inProgress": "in_progress"}
EXTRA = {"rawScore": ScoreKind.RAW, "scaleScore": ScoreKind.SCALE, "percent": ScoreKind.PERCENT}
"""Further kinds of one score, which the standard has no field for, in `metadata`."""
Numbers = dict[ScoreKind, tuple[str, Decimal]]
Bounds = tuple[Decimal | None, Decimal | None]
HUNDRED: Bounds = (Decimal(0), Decimal(100))


def work(batch: Batch, act: Act) -> Done:
    """Put the batch's scores."""
    remark(batch)
    wanted = [
        {"place": place, "id": sent.sourced_id, "test": sent.values["assessmentLineItem"],
         "student": sent.values["student"]}
        for place, sent in enumerate(batch.sent)
    ]  # fmt: skip
    found = seats(batch.grant, batch.owner, wanted)
    past = gone(batch.grant, [batch.sent[at].values["student"] for at, seat in found.items() if seat.person is None])
    scale_of = _scales(batch, found)
    drafts = []
    for place, seat in found.items():
        test = _test(batch, place, seat)
        _student(batch, place, seat, past)
        if test is not None:
            drafts.append(_draft(batch, place, seat, test, scale_of.get(place)))
    batch.notes.check()
    done = put_scores(act, batch.owner, drafts, batch.notes)
    if waited := [batch.sent[place].sourced_id for place, seat in found.items() if seat.waits]:
        forget(batch.owner, RESULT, waited)
    return done


def _student(batch: Batch, place: int, seat: Seat, past: set[str]) -> None:
    """A student of the current school year, and a score of it."""
    values = batch.sent[place].values
    name, day = values["student"], values["scoreDate"]
    if seat.person is None:
        rule = rules.STUDENT_PAST if name in past else rules.STUDENT_MISSING
        lacks(batch, place, rule, "student", name)
    if seat.first is not None and day < seat.first:
        batch.note(place, rules.DATE_PAST, "scoreDate", day=day.isoformat(), first=seat.first.isoformat())


def _test(batch: Batch, place: int, seat: Seat) -> Taken | None:
    """Return the test a score is of; None, noted, when it may not be."""
    name, test = batch.sent[place].values["assessmentLineItem"], seat.test
    if test is None:
        lacks(batch, place, rules.TEST_MISSING, "assessmentLineItem", name)
    elif test.owner != batch.owner:
        batch.note(place, OWNER_OTHER, "assessmentLineItem", id=name)
    elif not test.reached:
        batch.note(place, rules.ELSEWHERE, "assessmentLineItem", id=name)
    else:
        return test
    return None


def _scales(batch: Batch, found: Mapping[int, Seat]) -> dict[int, Scale]:
    """Return the scale of each score that names one, or whose test has one; an unknown one is refused."""
    named = {place: sent.values["scoreScale"] for place, sent in enumerate(batch.sent) if "scoreScale" in sent.values}
    of_tests = {
        place: seat.test.scale for place, seat in found.items()
        if place not in named and seat.test is not None and seat.test.scale is not None
    }  # fmt: skip
    known = scales(batch.grant, batch.owner, set(named.values()), set(of_tests.values()))
    by_name, by_key = {each.sourced_id: each for each in known}, {each.id: each for each in known}
    for place, name in named.items():
        if name not in by_name:
            batch.note(place, rules.SCALE_UNKNOWN, "scoreScale", id=name)
    return {place: by_name[name] for place, name in named.items() if name in by_name} | {
        place: by_key[key] for place, key in of_tests.items() if key in by_key
    }


def _draft(batch: Batch, place: int, seat: Seat, test: Taken, scale: Scale | None) -> Draft:
    sent = batch.sent[place]
    values: Mapping[str, Any] = sent.values
    numbers = _numbers(batch, place, ScoreKind(test.score_is))
    _check(batch, place, test, numbers, scale)
    told = str(values.get("scoreStatus", ""))
    plain = told.removeprefix("ext:").strip().lower()
    return Draft(
        place=place,
        sourced_id=sent.sourced_id,
        test=test.id,
        person=seat.person or 0,
        date=values["scoreDate"],
        told=test.score_is,
        numbers=numbers,
        connection=batch.grant.connection,
        level=values.get("textScore", ""),
        status=plain if plain in STATUSES else told[:100],
        flags={column: values.get(name) for name, column in FLAGS.items()},
        comment=values.get("comment", ""),
        scale=scale.id if scale is not None and "scoreScale" in values else None,
        metadata=values.get("metadata"),
        objectives=values.get("learningObjectiveSet") or None,
        before=seat.before,
    )


def _numbers(batch: Batch, place: int, told: ScoreKind) -> Numbers:
    """Return the scores that were sent, by kind."""
    values = batch.sent[place].values
    found: Numbers = {}
    for name, kind in EXTRA.items():
        given = (values.get("metadata") or {}).get(name)
        if given not in (None, ""):
            try:
                number = Decimal(str(given).strip())
            except InvalidOperation:
                number = Decimal("NaN")
            if number.is_finite() and not isinstance(given, bool):
                found[kind] = (f"metadata.{name}", number)
            else:
                batch.note(place, rules.NO_NUMBER, f"metadata.{name}")
    if "score" in values:
        found[told] = ("score", values["score"])
    if "scorePercentile" in values:
        found[ScoreKind.PERCENTILE] = ("scorePercentile", values["scorePercentile"])
    return found


def _check(batch: Batch, place: int, test: Taken, numbers: Numbers, scale: Scale | None) -> None:
    """Scores are inside the scales that are known, and a performance level is one of its scale's."""
    own = ScoreKind(test.score_is)
    bounds: dict[ScoreKind, Bounds] = {ScoreKind.PERCENTILE: HUNDRED}
    if numbers.keys() - {own, ScoreKind.PERCENTILE}:
        bounds |= {
            ScoreKind(each.kind): (each.minimum, each.maximum) for each in ScoreField.objects.filter(test=test.id)
        }
    low, high = scale.bounds if scale is not None else (None, None)
    bounds[own] = (low if test.minimum is None else test.minimum, high if test.maximum is None else test.maximum)
    for kind, (field, number) in numbers.items():
        low, high = bounds.get(kind, (None, None))
        if (low is not None and number < low) or (high is not None and number > high):
            batch.note(place, rules.BOUNDS, field, score=str(number)[:50], low=_plain(low), high=_plain(high))
    text = batch.sent[place].values.get("textScore", "")
    if text and scale is not None and text not in scale.names:
        names = ", ".join(scale.names)
        batch.note(place, rules.LEVEL_UNKNOWN, "textScore", text=text[:100], id=scale.sourced_id, names=names[:200])


def _plain(bound: Decimal | None) -> str:
    return "…" if bound is None else f"{bound.normalize():f}"
