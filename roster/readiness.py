"""What a district should put right before vendors pull: findings that change nothing about what is shared."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import Upper
from django.utils import timezone

from roster.checks import NAMED, Scope
from roster.models import Account
from roster.publishing.part import Narrowed, narrowed

STUDENTS = {
    "student.no_email": "{} have no email address. Vendors that match people by it would miss them.",
    "student.no_username": (
        "{} have no username. Vendors that use OneRoster 1.1 need one, and people sign in with it."
    ),
}
"""The checks of students that are told at every refresh, in words for a list of findings."""


@dataclass(frozen=True)
class Finding:
    """One thing to put right: the check's name, a sentence for people, and the sourcedIds of the records concerned."""

    check: str
    sentence: str
    sourced_ids: tuple[str, ...]


def findings(people: Narrowed = None) -> Iterator[Finding]:
    """Yield what is wrong with these people, or with the whole district's, now; nothing when all is well."""
    yield from _of_students(people)
    yield from usernames_used_twice(people)


def _of_students(people: Narrowed) -> Iterator[Finding]:
    """Yield what the checks of students find that every vendor notices."""
    scope = Scope.of(timezone.now())
    if scope is None:
        return
    for name, sentence in STUDENTS.items():
        students = narrowed(NAMED[name].records(scope), pk=people).order_by("sourced_id")
        found = tuple(students.values_list("sourced_id", flat=True))
        if found:
            told = sentence.format(f"{len(found):,} students")
            yield Finding(name, told if len(found) > 1 else told.replace("1 students have", "1 student has"), found)


def usernames_used_twice(people: Narrowed = None) -> Iterator[Finding]:
    """Yield each username that one of these people, or of all, shares with others, case aside; both stay shared.

    The username itself is left out: findings are shown in lists and logs.
    """
    accounts = Account.objects.exclude(username="").annotate(
        key=Upper("username")
    )  # as the index of usernames has them
    own = None if people is None else list(narrowed(accounts, person=people).values_list("key", flat=True))
    counted = narrowed(accounts, key=own).order_by().values("key").annotate(people=Count("pk")).filter(people__gt=1)
    # who is gone is told apart afterwards: to ask for everybody's person takes longer than to count all usernames
    rows = narrowed(accounts.filter(person__ended_at=None), key=list(counted.values_list("key", flat=True)))
    found: dict[str, list[str]] = {}
    for key, sourced_id in rows.order_by("person__sourced_id").values_list("key", "person__sourced_id"):
        found.setdefault(key, []).append(sourced_id)
    for sourced_ids in found.values():
        if len(sourced_ids) == 1:
            continue
        sentence = f"{len(sourced_ids)} people have the same username. Give each of them one of their own."
        yield Finding("account.username_twice", sentence, tuple(sourced_ids))
