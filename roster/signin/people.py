"""Who of the roster is what: staff, student or family of which schools, for lists of the office and their own page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from interop import dates
from roster.models import Account, Person, School, SchoolYear
from roster.signin import accounts
from roster.visibility import CONTACT, STAFF, STUDENT, Moment, passing

KINDS = {"staff": _("Teachers and staff"), "student": _("Students"), "family": _("Parents and guardians")}
NEW, WITHOUT, ALL = "new", "without", "all"
STATES = {
    NEW: _("No sign-in and no code"),
    WITHOUT: _("No sign-in"),
    ALL: _("Everybody, for new passwords"),
}


@dataclass(frozen=True)
class Part:
    """One part somebody plays: what it is called, for whom (a parent's child), and at which schools."""

    title: Any
    schools: tuple[str, ...]
    child: str = ""


def moment(now: datetime) -> Moment | None:
    """Return what the rules depend on now; None before a school year is active."""
    year = SchoolYear.objects.filter(active=True).first()
    return Moment(year, now.astimezone(dates.zone()).date()) if year else None


def chosen(kind: str, *, school: int | None, state: str, words: str, now: datetime) -> QuerySet[Account]:
    """Return the open accounts of this kind, at this school, whose people are called so, in order of their names."""
    today = moment(now)
    if today is None:
        return Account.objects.none()
    found = accounts.open_accounts().filter(_plays(kind, today, school))
    if state != ALL:
        found = found.filter(person__sign_in=None)
    if state == NEW:
        found = found.exclude(person__activation_code__expires_at__gt=now)
    for word in words.split():
        found = found.filter(
            Q(person__given_name__icontains=word) | Q(person__family_name__icontains=word)
            | Q(person__preferred_given_name__icontains=word) | Q(person__preferred_family_name__icontains=word)
            | Q(person__local_id__iexact=word) | Q(username__icontains=word)
        )  # fmt: skip
    joined = found.select_related("person__sign_in__user", "person__activation_code")
    return joined.order_by("person__family_name", "person__given_name", "pk")


def schools() -> QuerySet[School]:
    """Return the schools there are."""
    return School.objects.filter(ended_at=None, external_lms_exclude=False).order_by("name", "pk")


def parts(person: Person, now: datetime) -> list[Part]:
    """Return what this person is in the district today."""
    today = moment(now)
    if today is None:
        return []
    works = passing(STAFF, today).filter(person=person).values_list("school__name", flat=True)
    learns = passing(STUDENT, today).filter(person=person).values_list("calendar__school__name", flat=True)
    found = [Part(title, _each(names)) for title, names in ((_("Staff"), works), (_("Student"), learns)) if names]
    for relation in passing(CONTACT, today).filter(contact=person).select_related("student"):
        there = passing(STUDENT, today).filter(person=relation.student)
        names = there.values_list("calendar__school__name", flat=True)
        child = relation.student.preferred_given_name or relation.student.given_name
        found.append(Part(_("Parent or guardian"), _each(names), child))
    return found


def _plays(kind: str, today: Moment, school: int | None) -> Exists:
    if kind == "staff":
        works = passing(STAFF, today).filter(person=OuterRef("person"))
        return Exists(works.filter(school=school) if school else works)
    learns = passing(STUDENT, today)
    if school:
        learns = learns.filter(calendar__school=school)
    if kind == "student":
        return Exists(learns.filter(person=OuterRef("person")))
    contacts = passing(CONTACT, today).filter(contact=OuterRef("person"))
    return Exists(contacts.filter(Exists(learns.filter(person=OuterRef("student")))) if school else contacts)


def _each(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
