"""Checks of people: what vendors match them by, and what some vendors need of them."""

import functools
import operator
from collections.abc import Callable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from roster.checks.core import Check, Scope
from roster.models import Account, Demographics, Person
from roster.visibility import USER_11, passing

OLDEST = 120
"""Nobody is older than this."""
IN_THE_SIS = _("Put it right in the student information system and import again.")
People = Callable[[Scope], QuerySet[Person]]


def students(scope: Scope) -> QuerySet[Person]:
    """Return the students who are shared."""
    return Person.objects.filter(pk__in=scope.enrollments.values("person"))


def staff(scope: Scope) -> QuerySet[Person]:
    """Return the teachers and other staff who are shared."""
    return Person.objects.filter(pk__in=scope.assignments.values("person"))


def contacts(scope: Scope) -> QuerySet[Person]:
    """Return the guardians and relatives who are shared."""
    return Person.objects.filter(pk__in=scope.contacts.values("contact"))


def without_email(people: People) -> People:
    """Return the check's records: those of the people who have no address where vendors get it from."""
    return lambda scope: people(scope).filter(**dict.fromkeys(scope.emails, ""))


def without_username(people: People) -> People:
    """Return the check's records: those whom the publisher's own rules keep from OneRoster 1.1."""
    return lambda scope: people(scope).filter(~Exists(passing(USER_11, scope.moment).filter(pk=OuterRef("pk"))))


def _same_username(scope: Scope) -> QuerySet[Person]:
    living = Account.objects.filter(person__ended_at=None).exclude(username="").annotate(key=Lower("username"))
    twice = living.order_by().values("key").annotate(people=Count("pk")).filter(people__gt=1).values("key")
    everybody = students(scope) | staff(scope) | contacts(scope)
    return everybody.filter(pk__in=living.filter(key__in=twice).values("person"))


def _elsewhere(scope: Scope) -> QuerySet[Person]:
    """Return students and staff with an address outside the district's domains; none while it names no domain."""
    if not scope.domains:
        return Person.objects.none()
    ours = functools.reduce(
        operator.or_,
        (Q(**{f"{field}__iendswith": f"@{domain}"}) for domain in scope.domains for field in scope.emails),
    )
    some = functools.reduce(operator.or_, (~Q(**{field: ""}) for field in scope.emails))
    return (students(scope) | staff(scope)).filter(some).exclude(ours)


def _without_grade(scope: Scope) -> QuerySet[Person]:
    graded = scope.enrollments.filter(grade_level__isnull=False, person=OuterRef("pk"))
    return students(scope).filter(~Exists(graded))


def _without_number(scope: Scope) -> QuerySet[Person]:
    return students(scope).filter(local_id="")


def _without_guardian(scope: Scope) -> QuerySet[Person]:
    return students(scope).exclude(pk__in=scope.guardians.values("student"))


def _without_phone(scope: Scope) -> QuerySet[Person]:
    return contacts(scope).filter(other_phone="", cell_phone="")


def _without_birth_date(scope: Scope) -> QuerySet[Person]:
    told = Demographics.objects.filter(ended_at=None, birth_date__isnull=False)
    return students(scope).exclude(pk__in=told.values("person"))


def _wrong_birth_date(scope: Scope) -> QuerySet[Person]:
    today = scope.moment.today
    wrong = Q(birth_date__gt=today) | Q(birth_date__year__lt=today.year - OLDEST)
    return students(scope).filter(pk__in=Demographics.objects.filter(wrong, ended_at=None).values("person"))


_EMAIL = _("Vendors that match people by email miss them, or make them twice.")
_USERNAME = _("OneRoster 1.1 leaves out whoever has no username, and everything that names them.")
_ACCOUNTS = _("Make accounts in the student information system, or in batch here. They may stay disabled.")
CHECKS = (
    Check("student.no_email", _("Students without an email address"), _EMAIL, IN_THE_SIS, without_email(students)),
    Check("staff.no_email", _("Staff without an email address"), _EMAIL, IN_THE_SIS, without_email(staff)),
    Check(
        "contact.no_email", _("Guardians and relatives without an email address"), _EMAIL, IN_THE_SIS,
        without_email(contacts), needs=("email",),
    ),
    Check(
        "person.foreign_email", _("Email addresses outside the district’s domains"),
        _("A private address is nobody’s sign-in at a vendor, and may not be the person’s own."),
        _("Correct the address, or add the domain in Settings."), _elsewhere,
    ),
    Check(
        "student.no_username", _("Students without a username"), _USERNAME, _ACCOUNTS, without_username(students),
        versions=(11,), blocks=True,
    ),
    Check(
        "staff.no_username", _("Staff without a username"), _USERNAME, _ACCOUNTS, without_username(staff),
        versions=(11,), blocks=True,
    ),
    Check(
        "contact.no_username", _("Guardians and relatives without a username"), _USERNAME, _ACCOUNTS,
        without_username(contacts), versions=(11,),
    ),
    Check(
        "user.no_username", _("Students and staff without a username, which the vendor needs"),
        _("The vendor finds people by their username."), _ACCOUNTS,
        lambda scope: without_username(students)(scope) | without_username(staff)(scope), needs=("username",),
    ),
    Check(
        "person.username_twice", _("People who share a username"),
        _("Vendors sign people in by it, so one of them may get the other’s work."),
        _("Give each of them a username of their own."), _same_username, blocks=True,
    ),
    Check(
        "student.no_grade", _("Students without a grade level"), _("The vendor sorts students by grade level."),
        IN_THE_SIS, _without_grade, needs=("grade levels",),
    ),
    Check(
        "student.no_number", _("Students without a student number"), _("The vendor finds students by their number."),
        IN_THE_SIS, _without_number, needs=("student number",),
    ),
    Check(
        "student.no_guardian", _("Students without a guardian who is shared"),
        _("The vendor writes to families. A guardian needs both Guardian and Portal on the relationship."),
        IN_THE_SIS, _without_guardian, needs=("guardians",),
    ),
    Check(
        "contact.no_phone", _("Guardians and relatives without a phone number"), _("The vendor calls or texts them."),
        IN_THE_SIS, _without_phone, needs=("phone",),
    ),
    Check(
        "student.no_birth_date", _("Students without a date of birth"), _("The vendor needs demographics."),
        IN_THE_SIS, _without_birth_date, needs=("demographics",),
    ),
    Check(
        "student.wrong_birth_date", _("Dates of birth that cannot be right"),
        _("They lie in the future, or more than 120 years back."), IN_THE_SIS, _wrong_birth_date,
        needs=("demographics",),
    ),
)  # fmt: skip
