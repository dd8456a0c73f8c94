"""What somebody chose for themselves: mail about grades and missing work."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language

from gradebook.family.access import Family
from gradebook.models import FamilyChoice
from interop import audit
from roster.models import DistrictSettings, Person


@dataclass(frozen=True)
class Offer:
    """Whether mail can be had: the district sends it, and to which address; blank: none is known."""

    sends: bool
    address: str


def choice(person: Person) -> FamilyChoice:
    """Return what this person chose; everything off before they choose."""
    return FamilyChoice.objects.filter(person=person).first() or FamilyChoice(person=person)


def offer(family: Family) -> Offer:
    """Return whether this person can have mail: only families do, and only where server and district send it."""
    sends = bool(family.students) and settings.MAIL and DistrictSettings.load().family_mail
    return Offer(sends, family.person.email)


def save(family: Family, *, grades: bool, missing: bool) -> bool:
    """Save the choices with the language of the moment; return whether anything changed. Mail tells of what is new."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=family.person.pk)
        row = choice(family.person)
        before = _facts(row)
        row.mail_grades, row.mail_missing, row.language = grades, missing, (get_language() or "en")[:2]
        if before == _facts(row):
            return False
        if not (before["mail_grades"] or before["mail_missing"]):
            row.told_until = family.now
        row.save()
        audit.record(family.person.sourced_id, "chose mail", family.person, before=before, after=_facts(row))
    return True


def _facts(row: FamilyChoice) -> dict[str, object]:
    return {"mail_grades": row.mail_grades, "mail_missing": row.mail_missing, "language": row.language}
