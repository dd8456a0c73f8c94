"""A refresh looks at what was touched alone, and leaves exactly what a look at everything would leave."""

import random
from typing import Any

import orjson
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from roster import models
from roster.publishing import publish
from tests.conftest import DEAR, MOST, PROVE
from tests.roster.conftest import at
from tests.roster.districts import BOUNDARIES, DAY, GONE, RandomDistrict


def live() -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Everything that is published now: what stands beside each document, and the document but for its date."""
    bodies = dict(models.Body.objects.values_list("pk", "doc"))
    rows = models.Record.objects.filter(retired_at=None).values_list(
        "pk", "version", "object", "sourced_id", "status", "school", "others", "former", "audience", "digest", "find"
    )
    return {row[1:4]: (*row[4:9], bytes(row[9]), row[10], undated(bytes(bodies[row[0]]))) for row in rows}


def undated(doc: bytes) -> dict[str, Any]:
    return {name: value for name, value in orjson.loads(doc).items() if name != "dateLastModified"}


def look_at_everything(day: Any, group: Any) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What a refresh from scratch would leave; it is undone."""
    with transaction.atomic():
        publish(at(day), force=True, group=group, scratch=True)
        found = live()
        transaction.set_rollback(True)
    return found


class Office:
    """Changes a random district in every way that the generator's own disturbances leave out."""

    def __init__(self, district: RandomDistrict) -> None:
        self.district, self.chance = district, district.chance

    def act(self) -> None:
        acts = [
            self.link, self.unlink, self.account, self.demographics, self.rename, self.resource, self.course,
            self.delete, self.seat, self.family, self.arrive, self.person, self.district.disturb, self.district.disturb,
        ]  # fmt: skip
        for _ in range(self.chance.randint(1, 3)):
            self.chance.choice(acts)()

    def any(self, model: Any) -> Any:
        rows = list(model.objects.order_by("pk"))
        return self.chance.choice(rows) if rows else None

    def update(self, model: Any, **values: Any) -> None:
        if row := self.any(model):
            model.objects.filter(pk=row.pk).update(**values)

    def link(self) -> None:
        field = self.chance.choice(
            [models.Section.terms, models.Section.resources, models.Course.resources, models.Person.resources]
        )
        owner, other = self.any(field.field.model), self.any(field.field.related_model)
        if owner and other:
            getattr(owner, field.field.name).add(other)

    def unlink(self) -> None:
        model = self.chance.choice([
            models.Section.terms.through, models.Section.resources.through, models.Course.resources.through,
            models.Person.resources.through,
        ])  # fmt: skip
        if row := self.any(model):
            row.delete()

    def account(self) -> None:
        """Somebody gets a username, or is left without one; then 1.1 has no user."""
        person = self.any(models.Person)
        if not models.Account.objects.filter(person=person).delete()[0]:
            models.Account.objects.create(person=person, username=f"u{person.pk}", enabled=self.chance.random() < 0.5)

    def demographics(self) -> None:
        self.update(models.Demographics, ended_at=self.chance.choice([None, GONE]), asian=self.chance.random() < 0.5)

    def person(self) -> None:
        """Facts that concern nobody else, and now and then one that does."""
        chosen = self.chance.choice([{"external_lms_exclude": True}, {"ended_at": GONE}, {}, {}])
        self.update(models.Person, given_name="Ada", primary_school=self.any(models.School), **chosen)

    def rename(self) -> None:
        self.update(models.Person, sourced_id=f"renamed-{self.chance.random()}")

    def resource(self) -> None:
        self.update(models.Resource, title="Atlas", ended_at=self.chance.choice([None, GONE]))

    def course(self) -> None:
        self.update(models.Course, active=self.chance.random() < 0.7, title=self.chance.choice(["Algebra", "Art"]))
        self.update(models.CourseMaster, external_lms_exclude=self.chance.random() < 0.3)
        self.update(models.Section, course=self.any(models.Course), room="13")
        self.update(models.Term, title=self.chance.choice(["One", "Two"]))

    def delete(self) -> None:
        model = self.chance.choice([
            models.RosterEntry, models.SectionStaff, models.Relationship, models.Enrollment, models.Section,
            models.DistrictAssignment, models.Person, models.Resource,
        ])  # fmt: skip
        if row := self.any(model):
            row.delete()

    def seat(self) -> None:
        """Somebody sits in another section, or somebody else sits there."""
        self.update(models.RosterEntry, section=self.any(models.Section))
        self.update(models.SectionStaff, person=self.any(models.Person), kind="teacher")

    def family(self) -> None:
        students = list(models.Enrollment.objects.values_list("person", flat=True).distinct())
        contact = self.any(models.Person)
        known = set(models.Relationship.objects.filter(contact=contact).values_list("student", flat=True))
        if free := sorted({*students} - known - {contact.pk}):
            models.Relationship.objects.create(
                sourced_id=f"family-{self.chance.random()}", student_id=self.chance.choice(free), contact=contact,
                guardian=self.chance.random() < 0.6, portal=True,
            )  # fmt: skip

    def arrive(self) -> None:
        """A new student of a school with a seat in one of its sections."""
        section = self.any(models.Section)
        if section is None:
            return
        new = models.Person.objects.create(sourced_id=f"new-{self.chance.random()}", given_name="Eve", family_name="N")
        models.Account.objects.create(person=new, username=f"u{new.pk}")
        models.Enrollment.objects.create(sourced_id=f"e-{new.pk}", person=new, calendar=section.calendar)
        models.RosterEntry.objects.create(sourced_id=f"r-{new.pk}", person=new, section=section)


SOME = MOST // 4 if PROVE else DEAR  # each example publishes seven times


@settings(max_examples=SOME, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
# a student who has left loses the username in a refresh of a group: the tombstone in 1.1 is to say less then
@example(seed=37726630)
def test_what_was_touched_is_enough_to_look_at(db, seed):
    chance = random.Random(seed)  # noqa: S311
    with transaction.atomic():
        district = RandomDistrict(chance)
        office, day = Office(district), chance.choice(BOUNDARIES)
        publish(at(day), force=True)
        for _ in range(2 if district.calendars else 0):
            office.act()
            day += chance.choice([0, 0, 0, 1, 30]) * DAY
            group = chance.choice([None, None, "class", "student"])
            wanted = look_at_everything(day, group)
            publish(at(day), force=True, group=group)
            assert live() == wanted
        publish(at(day), force=True)
        assert not publish(at(day), force=True, scratch=True).changed
        transaction.set_rollback(True)
