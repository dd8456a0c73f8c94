"""The whole answer about one record and one connection."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.utils.translation import gettext as _

from connections.grants import Grant, grant_of
from connections.models import VERSIONS, Connection
from interop.dates import district_day
from roster.explaining import conditions
from roster.explaining.lines import Line, lines_of
from roster.explaining.parts import OF_VERSION, Candidate, candidates, person_of, title_of
from roster.models import School, SchoolYear
from roster.visibility import Moment


@dataclass(frozen=True)
class Part:
    """One way the record may be shared: its rules, then what the connection asks of it."""

    candidate: Candidate
    lines: Sequence[Line]

    @property
    def failed(self) -> Sequence[Line]:
        """Return what keeps the record back."""
        return [line for line in self.lines if line.passed is False]

    @property
    def passed(self) -> Sequence[Line]:
        """Return what does not."""
        return [line for line in self.lines if line.passed]

    @property
    def shared(self) -> bool:
        """Whether nothing keeps it back."""
        return not self.failed

    @property
    def published(self) -> bool:
        """Whether the district shares it, with this connection or others."""
        return all(conditions.of_connection(line) for line in self.failed)


@dataclass(frozen=True)
class Judged:
    """One way the record may be shared as the district's rules judge it, and the schools it is shared at then."""

    candidate: Candidate
    lines: Sequence[Line]
    schools: Mapping[int, str]

    def asked_by(self, connection: Connection, grant: Grant) -> Part:
        """Return it with what the connection asks of it."""
        lines = [*self.lines, conditions.school(connection, grant, self.schools)]
        if which := self.candidate.way.switch:
            lines.append(conditions.switch(connection, which, on=getattr(grant, which)))
        return Part(self.candidate, lines)


@dataclass(frozen=True)
class Explanation:
    """Why `record` is shared or not. `whole` holds for all parts: rules of the connection's version.

    `ways` are the parts before the connection was asked.

    `access` is what lets the vendor in at all; `moment` None when no school year is active, and nothing can be shared.
    """

    record: Model
    connection: Connection
    parts: Sequence[Part]
    whole: Sequence[Line]
    access: Sequence[Line]
    moment: Moment | None
    ways: Sequence[Judged] = ()

    @property
    def title(self) -> str:
        """Return what people call the record."""
        return title_of(self.record)

    @property
    def in_scope(self) -> bool:
        """Whether the next refresh leaves the record among what this connection reads."""
        return any(part.shared for part in self.parts) and all(line.passed is not False for line in self.whole)

    @property
    def shared(self) -> bool:
        """Whether the vendor can read it: in scope, and let in."""
        return self.in_scope and all(line.passed is not False for line in self.access)

    @property
    def best(self) -> Part | None:
        """Return the part with the fewest faults: what is worth putting right first."""
        return min(self.parts, key=lambda part: len(part.failed), default=None)

    @property
    def failed(self) -> int:
        """Return how many rules and conditions must be put right, at least."""
        lines = [*self.whole, *self.access, *(self.best.lines if self.best else ())]
        return sum(line.passed is False for line in lines)

    @property
    def asked(self) -> int:
        """Return how many there are beside them and with them."""
        lines = [*self.whole, *self.access, *(self.best.lines if self.best else ())]
        return sum(line.passed is not None for line in lines)


def explain(record: Model, connection: Connection, now: dt.datetime) -> Explanation:
    """Return why the record is shared with the connection, or why not, by the rules as they are at `now`."""
    grant = grant_of(connection)
    access = conditions.access(connection, grant, now)
    year = SchoolYear.objects.filter(active=True, ended_at=None).first()
    if year is None:
        return Explanation(record, connection, (), (), access, None)
    moment = Moment(year, district_day(now))
    ways = [_judged(each, moment) for each in candidates(record, moment)]
    parts = [way.asked_by(connection, grant) for way in ways]
    return Explanation(record, connection, parts, _whole(record, grant, moment), access, moment, ways)


def _judged(candidate: Candidate, moment: Moment) -> Judged:
    way = candidate.way
    numbers = way.schools(candidate.record, moment)
    schools = dict(School.objects.filter(pk__in=numbers).values_list("pk", "name")) if numbers else {}
    return Judged(candidate, lines_of(way.rules, candidate.record, moment), schools)


def of_version(record: Model, version: int, moment: Moment) -> list[Line]:
    """Return what a OneRoster version alone asks of the person a record is about."""
    person, rules = person_of(record), OF_VERSION[version]
    return lines_of(rules, person, moment) if person and rules else []


def _whole(record: Model, grant: Grant, moment: Moment) -> list[Line]:
    """Return what the connection's version asks of the person; what another version asks is told as not asked."""
    person, version = person_of(record), grant.version
    if person is None:
        return []
    lines = of_version(record, version, moment)
    if person is record:
        lines.append(conditions.demographics(on=grant.demographics))
    for other, rules in OF_VERSION.items():
        if other != version:
            told = _("Only asked by OneRoster %s.") % VERSIONS[other]
            lines += [Line(rule.name, rule.sentence, passed=None, remedy=told) for rule in rules]
    return lines
