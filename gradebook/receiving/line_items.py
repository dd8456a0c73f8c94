"""What vendors send as lineItems becomes assignments."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from gradebook import rules
from gradebook.alignment import Own, mappings, setups
from gradebook.models import UNCATEGORIZED
from gradebook.receiving import posted
from gradebook.receiving.batch import Batch, remark, unique
from gradebook.receiving.references import (
    Category,
    Class,
    categories_asked,
    categories_in,
    classes_asked,
    classes_in,
    scales,
)
from gradebook.services.act import Act
from gradebook.services.assignments import ASSIGNMENTS, Draft, put_assignments
from gradebook.services.results import Done
from interop.dates import district_day
from interop.oneroster.resource import V1P1
from interop.oneroster.writing import Sent
from interop.statements import Question

TASK = "gradingTask"


def work(batch: Batch, act: Act, parents: Mapping[str, str]) -> Done:
    """Put the batch's assignments; `parents` are the class or school the address names."""
    remark(batch)
    unique(batch)
    classes, known, *_ = act.ask(*(batch.asks or questions(batch, parents)))
    found = _classes(batch, parents, classes_in(classes))
    named = categories_in(known)
    own = [each.id for each in named.values() if each.owner is not None]
    mapped = mappings(own) if own else {}
    usable = scales(batch.owner, {str(sent.values["scoreScale"]) for sent in batch.sent if "scoreScale" in sent.values})
    setup = setups(set(batch.places.values()), district_day(timezone.now()))
    drafts = []
    for place, taught in found.items():
        sent, section = batch.sent[place], setup[taught.id]
        if not batch.given and posted.known(batch.grant, sent.sourced_id):
            batch.note(place, rules.OWNER_OTHER, "sourcedId", id=sent.sourced_id)
        category = _category(batch, place, taught, named, section.categories)
        wanted = sent.values.get("scoreScale")
        scale = usable.get((taught.id, wanted)) if wanted else None
        if wanted and scale is None:
            batch.note(place, rules.SCALE_UNKNOWN, "scoreScale", id=wanted, section=taught.sourced_id)
        drafts.append(_draft(batch, place, taught, category, mapped, scale))
    return put_assignments(act, batch.owner, drafts, setup, batch.notes)


def questions(batch: Batch, parents: Mapping[str, str]) -> list[Question]:
    """Return what the act asks first: classes and categories, and of one line item its row."""
    named = {str(sent.values["category"]) for sent in batch.sent if "category" in sent.values}
    taught = {_class_of(sent, parents) for sent in batch.sent}
    asked = [classes_asked(batch.grant, taught), categories_asked(batch.grant, named)]
    return asked if batch.several else [*asked, ASSIGNMENTS.lock([batch.sent[0].sourced_id])]


def _classes(batch: Batch, parents: Mapping[str, str], known: Mapping[str, Class]) -> dict[int, Class]:
    """Return the class of each item that has one it may be in; the others are refused."""
    wanted = {place: _class_of(sent, parents) for place, sent in enumerate(batch.sent)}
    found: dict[int, Class] = {}
    for place, name in wanted.items():
        taught, values = known.get(name), batch.sent[place].values
        if "class" in parents and values.get("class", name) != name:
            batch.note(place, rules.CLASS_OTHER, "class", id=values["class"], wanted=name)
        elif taught is None:
            batch.note(place, rules.CLASS_UNKNOWN, "class", id=name)
        elif values.get("school", taught.school) != taught.school:
            batch.note(place, rules.SCHOOL_OTHER, "school", id=values["school"], wanted=taught.school)
        elif parents.get("school", taught.school) != taught.school:
            batch.note(place, rules.SCHOOL_OTHER, "class", id=parents["school"], wanted=taught.school)
        else:
            found[place] = taught
            batch.places[place] = taught.id
    return found


def _class_of(sent: Sent, parents: Mapping[str, str]) -> str:
    return parents.get("class") or str(sent.values.get("class", ""))


def _category(
    batch: Batch, place: int, taught: Class, named: Mapping[str, Category], offered: Mapping[int, str]
) -> Category | None:
    """Return the category an item names; 1.1 may leave it out, 1.2 names one of the class or of its own."""
    name = batch.sent[place].values.get("category")
    older = batch.grant.version == V1P1
    if name in (None, UNCATEGORIZED):
        if not older and name is None:
            batch.note(place, rules.CATEGORY_MISSING, "category", id=taught.sourced_id)
        elif not older:
            batch.note(place, rules.CATEGORY_MARKER, "category", id=name)
        return None
    found = named.get(name)
    if found is None or (found.owner is None and found.id not in offered):
        rule = rules.CATEGORY_PASSED if older else rules.CATEGORY_UNKNOWN
        batch.note(place, rule, "category", id=name, section=taught.sourced_id)
        return None
    return found


def _draft(
    batch: Batch,
    place: int,
    taught: Class,
    category: Category | None,
    mapped: Mapping[int, tuple[int, ...]],
    scale: int | None,
) -> Draft:
    values: Mapping[str, Any] = batch.sent[place].values
    own = category if category is not None and category.owner is not None else None
    metadata = values.get("metadata")
    if values.get("learningObjectiveSet"):
        batch.note(place, rules.OBJECTIVES_NOT_GRADED, "learningObjectiveSet")
    task = (metadata or {}).get(TASK)
    return Draft(
        place=place,
        sourced_id=batch.id_of(place),
        section=taught.id,
        title=values["title"],
        description=values.get("description", ""),
        assigned_at=values.get("assignDate"),
        due_at=values.get("dueDate"),
        points=values.get("resultValueMax"),
        minimum=values.get("resultValueMin"),
        category=category.id if category is not None and own is None else None,
        own_category=own.id if own else None,
        own=Own(own.title, mapped.get(own.id, ())) if own else None,
        task=str(task.get("sourcedId", "")) if isinstance(task, dict) else str(task) if task else None,
        period=values.get("gradingPeriod"),
        session=values.get("academicSession"),
        scale=scale,
        metadata=metadata,
        objectives=values.get("learningObjectiveSet") or None,
    )
