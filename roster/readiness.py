"""What a district should put right before vendors pull: findings that change nothing about what is shared."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Lower

from roster.models import Account, Enrollment, Person


@dataclass(frozen=True)
class Finding:
    """One thing to put right: the check's name, a sentence for people, and the sourcedIds of the records concerned."""

    check: str
    sentence: str
    sourced_ids: tuple[str, ...]


def findings() -> Iterator[Finding]:
    """Yield what is wrong with the district's data now; nothing when all is well."""
    yield from students_without_email()
    yield from students_without_username()
    yield from usernames_used_twice()


def students_without_email() -> Iterator[Finding]:
    """Yield the students of the active year who have no address in either box."""
    yield from _of_students(
        "student.no_email", Q(email="", secondary_email=""),
        "{} have no email address. Vendors that match people by it would miss them.",
    )  # fmt: skip


def students_without_username() -> Iterator[Finding]:
    """Yield the students of the active year without a username, which every user of OneRoster 1.1 must have."""
    yield from _of_students(
        "student.no_username", Q(account=None) | Q(account__username=""),
        "{} have no username. Vendors that use OneRoster 1.1 need one, and people sign in with it.",
    )  # fmt: skip


def _of_students(check: str, lack: Q, sentence: str) -> Iterator[Finding]:
    enrolled = Enrollment.objects.filter(ended_at=None, no_show=False, calendar__school_year__active=True)
    lacking = Person.objects.filter(lack, ended_at=None, pk__in=enrolled.values("person")).order_by("sourced_id")
    if found := tuple(lacking.values_list("sourced_id", flat=True)):
        told = sentence.format(f"{len(found):,} students")
        yield Finding(check, told if len(found) > 1 else told.replace("1 students have", "1 student has"), found)


def usernames_used_twice() -> Iterator[Finding]:
    """Yield each username that several people have, case aside; vendors sign people in by it, so both stay shared.

    The username itself is left out: findings are shown in lists and logs.
    """
    accounts = Account.objects.filter(person__ended_at=None).exclude(username="").annotate(key=Lower("username"))
    twice = accounts.order_by().values("key").annotate(people=Count("pk")).filter(people__gt=1).values("key")
    people: dict[str, list[str]] = {}
    for key, sourced_id in (
        accounts.filter(key__in=twice).order_by("person__sourced_id").values_list("key", "person__sourced_id")
    ):
        people.setdefault(key, []).append(sourced_id)
    for sourced_ids in people.values():
        sentence = f"{len(sourced_ids)} people have the same username. Give each of them one of their own."
        yield Finding("account.username_twice", sentence, tuple(sourced_ids))
