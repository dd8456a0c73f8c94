"""Accounts in batch: who has no username, which one each gets by a pattern, and making them (seeds/002).

A username that exists is never overwritten, and never given to somebody else: vendors keep what they know by it.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from interop import audit, dates
from roster.editing import usernames
from roster.editing.usernames import Named
from roster.models import Account, AccountRule, Enrollment, Person, SchoolYear
from roster.visibility import CONTACT, STAFF, STUDENT, Moment, passing

MADE, AUTOMATIC = "made an account", "the portal"
STUDENTS, WORKERS, FAMILY = "student", "staff", "family"
KINDS = {STUDENTS: _("Students"), WORKERS: _("Teachers and staff"), FAMILY: _("Parents and guardians")}
_EARLY = {"KG": 0, "TK": -1, "PK": -1, "PR": -1, "IT": -2}
"""Grades before the first, as numbers; who is in grade 12 leaves at the end of the school year."""


@dataclass(frozen=True)
class Proposal:
    """What somebody without a username gets: `wanted` by the pattern, `username` when that was free or with a number.

    `lacks` names the parts of the pattern that are blank; then there is no username.
    """

    person: Person
    wanted: str = ""
    username: str = ""
    lacks: Sequence[str] = ()

    @property
    def collides(self) -> bool:
        """Return whether the username got a number because another has it."""
        return self.username != self.wanted


@dataclass(frozen=True)
class Plan:
    """What a batch would make, in order of the people's names; `digest` stands for all of it."""

    made: Sequence[Proposal]
    left_out: Sequence[Proposal]

    @property
    def digest(self) -> str:
        """Return what changes when anybody would get another username."""
        told = "\n".join(f"{each.person.pk} {each.username}" for each in self.made)
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()

    @property
    def collisions(self) -> list[Proposal]:
        """Return those whose username got a number."""
        return [each for each in self.made if each.collides]


def people(kind: str, school: int | None, now: dt.datetime) -> QuerySet[Person]:
    """Return the people of this kind, at this school, who have no username."""
    year = SchoolYear.objects.filter(active=True, ended_at=None).first()
    if year is None:
        return Person.objects.none()
    today = Moment(year, now.astimezone(dates.zone()).date())
    learns, works = passing(STUDENT, today), passing(STAFF, today)
    if school is not None:
        learns, works = learns.filter(calendar__school=school), works.filter(school=school)
    theirs = {
        STUDENTS: lambda: learns.values("person"),
        WORKERS: lambda: works.values("person"),
        FAMILY: lambda: passing(CONTACT, today).filter(student__in=learns.values("person")).values("contact"),
    }[kind]()
    without = Person.objects.filter(Q(account=None) | Q(account__username=""), ended_at=None, pk__in=theirs)
    return without.order_by("family_name", "given_name", "pk")


def plan(kind: str, pattern: str, *, school: int | None = None, now: dt.datetime) -> Plan:
    """Return which usernames a batch would give: four statements, and nothing is changed."""
    found = list(people(kind, school, now))
    years = _graduations(found) if kind == STUDENTS and "{year" in pattern else {}
    taken = {name.casefold() for name in _taken()}
    made, left_out = [], []
    for person in found:
        named = Named(
            person.given_name, person.middle_name, person.family_name, person.local_id, years.get(person.pk, "")
        )
        if lacks := usernames.missing(pattern, named):
            left_out.append(Proposal(person, lacks=lacks))
            continue
        wanted = usernames.make(pattern, named)
        username = next(name for name in usernames.numbered(wanted) if name not in taken)
        taken.add(username)
        made.append(Proposal(person, wanted, username))
    return Plan(made, left_out)


@transaction.atomic
def make(wanted: Plan, *, enabled: bool, actor: str) -> int:
    """Make the accounts of a plan; return how many. Who has got a username meanwhile keeps it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('roster import'))")
    proposed = {each.person.pk: each.username for each in wanted.made}
    there = {each.person_id: each for each in Account.objects.select_for_update().filter(person__in=proposed)}
    taken = {name.casefold() for name in _taken()}
    fresh: list[Account] = []
    filled: list[Account] = []
    for person, username in proposed.items():
        account = there.get(person)
        if username in taken or (account and account.username):
            continue
        chosen = account or Account(person_id=person)
        chosen.username, chosen.enabled, chosen.made_here = username, enabled, True
        (filled if account else fresh).append(chosen)
    Account.objects.bulk_create(fresh, batch_size=2000)
    Account.objects.bulk_update(filled, ["username", "enabled", "made_here"], batch_size=2000)
    told = [(each, None, {"username": each.username, "enabled": enabled}) for each in (*fresh, *filled)]
    audit.record_each(actor, MADE, told)
    return len(told)


def rules() -> dict[str, AccountRule]:
    """Return how accounts come into being by themselves, by kind; off and with our pattern where nobody chose."""
    begin = {AccountRule.Kind.STUDENT: usernames.STUDENT, AccountRule.Kind.STAFF: usernames.STAFF}
    known = {each.kind: each for each in AccountRule.objects.all()}
    return {kind: known.get(kind) or AccountRule(kind=kind, pattern=pattern) for kind, pattern in begin.items()}


def give_automatic(now: dt.datetime) -> int:
    """Make the accounts that come by themselves; for the end of an import, inside its transaction."""
    number = 0
    for rule in AccountRule.objects.filter(automatic=True).order_by("kind"):
        number += make(plan(rule.kind, rule.pattern, now=now), enabled=rule.enabled, actor=AUTOMATIC)
    return number


@transaction.atomic
def set_rule(kind: str, *, automatic: bool, pattern: str, enabled: bool, actor: str) -> bool:
    """Choose how accounts of a kind come into being; return whether anything is different now."""
    AccountRule.objects.bulk_create([AccountRule(kind=kind)], ignore_conflicts=True)
    rule = AccountRule.objects.select_for_update().get(kind=kind)
    values = {"automatic": automatic, "pattern": pattern, "enabled": enabled}
    before = {name: getattr(rule, name) for name in values}
    if before == values:
        return False
    for name, value in values.items():
        setattr(rule, name, value)
    rule.save()
    audit.record(actor, "changed automatic accounts", rule, before=before, after=values)
    return True


def _taken() -> Iterator[str]:
    """Yield every username somebody has or had, of the data office too."""
    yield from Account.objects.exclude(username="").values_list("username", flat=True).iterator(chunk_size=10_000)
    yield from User.objects.filter(is_staff=True).values_list("username", flat=True)


def _graduations(found: Iterable[Person]) -> dict[int, str]:
    """Return the year in which each student leaves school, by the NCES grade of the primary enrollment."""
    enrolled = Enrollment.objects.filter(
        person__in=[person.pk for person in found], ended_at=None, calendar__school_year__active=True
    ).exclude(grade_level=None)
    ordered = enrolled.order_by("service_type", "sourced_id")
    told: dict[int, str] = {}
    for person, grade, end in ordered.values_list(
        "person", "grade_level__nces_grade", "calendar__school_year__end_year"
    ):
        number = int(grade) if grade.isdecimal() else _EARLY.get(grade)
        if number is not None:
            told.setdefault(person, str(end + 12 - number))
    return told
