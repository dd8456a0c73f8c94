"""What a check of the district's data is, and for whom it is made: the whole district, or one connection."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from connections.grants import Grant
from interop.dates import district_day
from roster.models import DistrictAssignment, DistrictSettings, Enrollment, Relationship, SchoolYear
from roster.visibility import CONTACT, GUARDIAN, STAFF, STUDENT, Moment, passing


@dataclass(frozen=True)
class Scope:
    """Where a check looks: at what the rules share now; of a connection only at its schools, switches and version."""

    moment: Moment
    settings: DistrictSettings
    grant: Grant | None = None

    @classmethod
    def of(cls, now: dt.datetime, grant: Grant | None = None) -> "Scope | None":
        """Return the scope of a moment; None while no school year is active and nothing can be judged."""
        year = SchoolYear.objects.filter(active=True, ended_at=None).first()
        return cls(Moment(year, district_day(now)), DistrictSettings.load(), grant) if year else None

    def at(self, path: str) -> Q:
        """Return the condition that the school at `path` is one of the connection's."""
        schools = self.grant.schools if self.grant else None
        return Q() if schools is None else Q(**{f"{path}__in": sorted(schools)})

    @property
    def enrollments(self) -> QuerySet[Enrollment]:
        """Return the enrollments that share a student."""
        return passing(STUDENT, self.moment).filter(self.at("calendar__school"))

    @property
    def assignments(self) -> QuerySet[DistrictAssignment]:
        """Return the district assignments that share a member of staff."""
        some = Q(teacher=True) | Q(roles__len__gt=0) | Q(administrative_role__in=DistrictAssignment.ADMINISTRATIVE)
        return passing(STAFF, self.moment).filter(some, self.at("school"))

    @property
    def contacts(self) -> QuerySet[Relationship]:
        """Return the relationships that share a guardian or relative, as far as the connection has them switched on."""
        found = passing(CONTACT, self.moment)
        if self.grant is None:
            return found
        switched = Q(guardian=True) if self.grant.guardians else Q(pk__in=[])
        switched |= Q(guardian=False) if self.grant.relatives else Q(pk__in=[])
        return found.filter(switched, student__in=self.enrollments.values("person"))

    @property
    def guardians(self) -> QuerySet[Relationship]:
        """Return the relationships that share a guardian, whether or not the connection has them switched on."""
        return passing(GUARDIAN, self.moment)

    @cached_property
    def emails(self) -> tuple[str, ...]:
        """Return the fields vendors may get an address from."""
        if self.grant is None:
            return ("email", "secondary_email")
        return ("secondary_email",) if self.grant.secondary_email else ("email",)

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """Return the district's email domains, in small letters."""
        return tuple(self.settings.email_domains.lower().replace(",", " ").replace("@", " ").split())

    @property
    def version(self) -> int | None:
        """Return the connection's version."""
        return self.grant.version if self.grant else None


@dataclass(frozen=True)
class Check:
    """One thing a district should put right: what it is, why vendors notice, how it is put right, and which records.

    `needs` are kinds of data of the catalogue: the check concerns a connection only when its vendor needs one of them.
    `versions` are those it matters to. What `blocks` keeps records from vendors or gives them wrong ones: whoever lets
    a vendor in is asked first.
    """

    name: str
    title: Any
    why: Any
    fix: Any
    records: Callable[[Scope], QuerySet[Any]]
    needs: Sequence[str] = ()
    versions: Sequence[int] = (11, 12)
    blocks: bool = False

    def concerns(self, version: int, needs: Sequence[str]) -> bool:
        """Return whether it says something about a connection of this version whose vendor has these needs."""
        if self.needs and set(self.needs).intersection(needs):
            return True
        return not self.needs and version in self.versions
