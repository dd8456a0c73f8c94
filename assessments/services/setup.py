"""Test setup: the tree of tests, how they are scored, what results are called."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import uuid4

from django.db.models import Count, Max, Model
from django.utils.translation import gettext as _

from assessments.models import KINDS, ResultStatus, ScoreField, ScoreKind, Test, TestScore
from assessments.services.tests import LEVELS, TESTS, height
from assessments.services.wrong import Wrong
from gradebook.services.act import Act, acting
from gradebook.services.numbers import BELOW, STEP
from roster.models import SchoolYear

FACTS = (
    "title", "description", "code", "type", "parent", "sequence", "section", "score_is", "minimum", "maximum",
    "portal", "restricted",
)  # fmt: skip
"""What people change of a test; of a vendor's, a resend overwrites title, description, parent, section and bounds."""
Bounds = tuple[Decimal | None, Decimal | None]
HUNDRED: Bounds = (Decimal(0), Decimal(100))


@dataclass
class Branch:
    """A test in the tree: how many scores of how many students it has, when it or one of them came last."""

    test: Test
    level: int
    scores: int = 0
    students: int = 0
    received_at: dt.datetime | None = None
    children: "list[Branch]" = field(default_factory=list)


@dataclass(frozen=True)
class Field:
    """A kind of score in use, as ScoreField keeps it."""

    kind: ScoreKind
    required: bool = False
    hidden: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True)
class Status:
    """What results are called, as ResultStatus keeps it."""

    name: str
    kind: ScoreKind
    minimum: Decimal | None = None
    maximum: Decimal | None = None


Line = TypeVar("Line", Field, Status)


def tree(
    *,
    year: int | None = None,
    type: str = "",  # noqa: A002 - the column's name
    state: str = "active",
    vendor: int | None = None,
    added_by_vendor: bool | None = None,
    text: str = "",
) -> list[Branch]:
    """Return the tests that fit as a tree, parents of what fits with them; roots by newest year, type and title.

    `state` is active, archived or all; `vendor` an application's key; `text` a part of title or code.
    """
    everything = Test.objects.filter(deleted_at=None).select_related("owner", "connection", "year")
    everything = everything.order_by("-year__end_year", "type", "sequence", "title", "pk")
    if year is not None:
        everything = everything.filter(year=year)
    branches = {test.pk: Branch(test, 0) for test in everything}
    kept: set[int] = set()
    for key, branch in branches.items():
        if _fits(branch.test, type, state, vendor, text.casefold(), added=added_by_vendor):
            above: int | None = key
            while above is not None and above in branches and above not in kept:
                kept.add(above)
                above = branches[above].test.parent_id
    _count(branches, kept)
    roots: list[Branch] = []
    for key in (each for each in branches if each in kept):
        parent = branches[key].test.parent_id
        (branches[parent].children if parent in kept and parent is not None else roots).append(branches[key])
    _level(roots, 0)
    return roots


def _fits(test: Test, kind: str, state: str, vendor: int | None, text: str, *, added: bool | None) -> bool:
    return (
        (not kind or test.type == kind)
        and (state == "all" or test.archived == (state == "archived"))
        and (vendor is None or test.owner_id == vendor)
        and (added is None or test.added_by_vendor == added)
        and (not text or text in test.title.casefold() or text in test.code.casefold())
    )


def _count(branches: Mapping[int, Branch], kept: Iterable[int]) -> None:
    found = TestScore.objects.filter(test__in=list(kept), deleted_at=None).values_list("test")
    for key, scores, students, came in found.annotate(Count("pk"), Count("person", distinct=True), Max("received_at")):
        branches[key].scores, branches[key].students, branches[key].received_at = scores, students, came
    for branch in branches.values():
        branch.received_at = max(filter(None, (branch.received_at, branch.test.received_at)), default=None)


def _level(branches: Sequence[Branch], level: int) -> None:
    for branch in branches:
        branch.level = level
        _level(branch.children, level + 1)


def create_test(actor: str, *, year: SchoolYear, title: str, parent: Test | None = None, **facts: Any) -> Test:
    """Make a test of the district's own; raises Wrong."""
    with acting(actor) as act:
        test = Test(sourced_id=str(uuid4()), year=year, created_at=act.at, modified=act.at)
        _set(test, {"title": title, "parent": parent, **facts})
        test.save()
        act.changed("test", test.pk, None, after=_told(test, FACTS))
    return test


def change_test(actor: str, test: Test, **facts: Any) -> Test:
    """Change a test; raises Wrong. The history keeps what it was; a vendor's resend overwrites what is the vendor's."""
    with acting(actor) as act:
        current = Test.objects.select_for_update(of=("self",)).get(pk=test.pk, deleted_at=None)
        before = _told(current, facts)
        _set(current, facts)
        after = _told(current, facts)
        if before != after:
            current.modified = max(act.at, current.modified + dt.timedelta(milliseconds=1))
            current.save()
            changed = [name for name in after if before[name] != after[name]]
            act.changed(
                "test", current.pk, None,
                before={name: before[name] for name in changed}, after={name: after[name] for name in changed},
            )  # fmt: skip
    return current


def archive(actor: str, test: Test, *, on: bool) -> None:
    """Archive a test with all below it, or take it back."""
    with acting(actor) as act:
        for each in _below(test):
            if each.archived != on:
                Test.objects.filter(pk=each.pk).update(archived=on)
                act.changed("test", each.pk, None, before={"archived": not on}, after={"archived": on})


def remove(actor: str, test: Test) -> None:
    """Delete a test that never had scores and has no children; raises Wrong. Others are archived."""
    with acting(actor) as act:
        current = Test.objects.select_for_update(of=("self",)).get(pk=test.pk, deleted_at=None)
        if current.children.filter(deleted_at=None).exists():
            raise Wrong(_("It has tests below it. Remove those first, or archive it."))
        if current.scores.exists():
            raise Wrong(_("Students have scores in it. Archive it instead."))
        TESTS.bury(act, [current.pk])
        act.changed("test", current.pk, None, before={"title": current.title}, after={"deleted": True})


def fields_of(test: Test) -> list[Field]:
    """Return the kinds of score in use, in order; all of them when nobody chose."""
    found = [
        Field(ScoreKind(each.kind), each.required, each.hidden, each.minimum, each.maximum)
        for each in test.fields.all()
    ]
    return found or [Field(kind) for kind in KINDS]


def bounds(test: Test, fields: Sequence[Field] | None = None) -> dict[ScoreKind, Bounds]:
    """Return the lowest and highest score of each kind that is a number; null: no bound."""
    found: dict[ScoreKind, Bounds] = {ScoreKind.PERCENTILE: HUNDRED}
    for each in fields if fields is not None else fields_of(test):
        if each.minimum is not None or each.maximum is not None:
            found[each.kind] = (each.minimum, each.maximum)
    found[ScoreKind(test.score_is)] = (test.minimum, test.maximum)
    return found


def status_of(score: TestScore, statuses: Iterable[ResultStatus]) -> str:
    """Return what a result is called: the performance level that was sent, else the status it lies in; blank: none."""
    if score.level:
        return score.level
    for each in statuses:
        number = score.number(ScoreKind(each.kind))
        if number is not None and (each.minimum is None or number >= each.minimum) and (
            each.maximum is None or number <= each.maximum
        ):  # fmt: skip
            return each.name
    return ""


def set_fields(actor: str, test: Test, fields: Sequence[Field]) -> None:
    """Choose the kinds of score in use, in this order; none: all. Raises Wrong."""
    if len({each.kind for each in fields}) < len(fields):
        raise Wrong(_("A kind of score is there twice."), "kind")
    fields = [_in_numbers(each) for each in fields]
    with acting(actor) as act:
        before = [_plain(each) for each in test.fields.all()]
        test.fields.all().delete()
        rows = [
            ScoreField(
                test=test, kind=each.kind, required=each.required, hidden=each.hidden, sequence=at,
                minimum=each.minimum, maximum=each.maximum,
            )
            for at, each in enumerate(fields)
        ]  # fmt: skip
        _noted(act, test, "fields", before, [_plain(each) for each in ScoreField.objects.bulk_create(rows)])


def set_statuses(actor: str, test: Test, statuses: Sequence[Status]) -> None:
    """Choose what results are called, in this order: the first that fits counts. Raises Wrong."""
    names = [each.name.strip() for each in statuses]
    if not all(names):
        raise Wrong(_("Give every status a name."), "name")
    if len({name.casefold() for name in names}) < len(names):
        raise Wrong(_("Two statuses have the same name."), "name")
    statuses = [_in_numbers(each) for each in statuses]
    with acting(actor) as act:
        before = [_plain(each) for each in test.statuses.all()]
        test.statuses.all().delete()
        rows = [
            ResultStatus(
                test=test, name=name, kind=each.kind, minimum=each.minimum, maximum=each.maximum, sequence=at
            )
            for at, (name, each) in enumerate(zip(names, statuses, strict=True))
        ]  # fmt: skip
        _noted(act, test, "statuses", before, [_plain(each) for each in ResultStatus.objects.bulk_create(rows)])


def number(given: Decimal | float | str | None, name: str) -> Decimal | None:
    """Return a number as it is stored; blank: none. Raises Wrong, naming the field."""
    if given is None or given == "":
        return None
    try:
        found = Decimal(str(given).strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= BELOW:
        raise Wrong(_("Use a number below 100,000,000."), name)
    return found.quantize(STEP)


def _in_numbers(line: Line) -> Line:
    """Return a line whose bounds are as they are stored; raises Wrong."""
    low, high = number(line.minimum, "minimum"), number(line.maximum, "maximum")
    _check_range(low, high)
    return replace(line, minimum=low, maximum=high)


def _check_range(low: Decimal | None, high: Decimal | None) -> None:
    if low is not None and high is not None and low > high:
        raise Wrong(_("The lowest value is above the highest."), "minimum")


def _noted(act: Act, test: Test, name: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    if before != after:
        act.changed("test", test.pk, None, before={name: before}, after={name: after})


def _plain(row: ScoreField | ResultStatus) -> dict[str, Any]:
    """Return a line as the history keeps it."""
    told = {"kind": str(row.kind), "minimum": row.minimum, "maximum": row.maximum}
    if isinstance(row, ResultStatus):
        return {"name": row.name, **told}
    return {**told, "required": row.required, "hidden": row.hidden}


def _below(test: Test) -> list[Test]:
    """Return a test and all below it, from the top."""
    found = level = [test]
    for _step in range(1, LEVELS):
        level = list(Test.objects.filter(parent__in=level, deleted_at=None))
        found = [*found, *level]
    return found


def _set(test: Test, facts: Mapping[str, Any]) -> None:
    """Give a test what people typed; raises Wrong."""
    unknown = set(facts) - set(FACTS)
    if unknown:
        raise ValueError(f"no facts of a test: {unknown}")
    for name, value in facts.items():
        setattr(test, name, number(value, name) if name in ("minimum", "maximum") else value)
    test.title = test.title.strip()
    if not test.title:
        raise Wrong(_("Give it a name."), "title")
    _check_range(test.minimum, test.maximum)
    _check_parent(test)


def _check_parent(test: Test) -> None:
    """Levels are three, and nothing is below itself; whoever moves a test waits for others who do."""
    if test.parent is None:
        return
    levels, itself = height(test.parent.pk, test.pk)
    if itself:
        raise Wrong(_("A test cannot be below itself."), "parent")
    if levels > LEVELS:
        raise Wrong(_("Tests have three levels: parent, child and grandchild."), "parent")


def _told(test: Test, names: Iterable[str]) -> dict[str, Any]:
    """Return facts as the history keeps them."""
    found = {name: getattr(test, name) for name in names}
    return {name: value.pk if isinstance(value, Model) else value for name, value in found.items()}
