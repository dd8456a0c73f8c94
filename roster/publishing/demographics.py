"""Facts of demographics, for those whose users are told."""

from collections.abc import Iterable, Iterator
from typing import Any

from roster.models import Demographics
from roster.publishing.draft import Draft, chunks
from roster.publishing.part import narrowed
from roster.publishing.people import CONTACT_ROLES, PIECE, People
from roster.publishing.pieces import Answer

DEMOGRAPHICS = {
    "birth_date": "birthDate",
    "sex": "sex",
    "american_indian_or_alaska_native": "americanIndianOrAlaskaNative",
    "asian": "asian",
    "black_or_african_american": "blackOrAfricanAmerican",
    "native_hawaiian_or_other_pacific_islander": "nativeHawaiianOrOtherPacificIslander",
    "white": "white",
    "two_or_more_races": "demographicRaceTwoOrMoreRaces",
    "hispanic_or_latino": "hispanicOrLatinoEthnicity",
    "country_of_birth": "countryOfBirthCode",
    "state_of_birth": "stateOfBirthAbbreviation",
    "city_of_birth": "cityOfBirth",
    "public_school_residence_status": "publicSchoolResidenceStatus",
}


def rows(people: People) -> Iterator[tuple[list[int], Answer]]:
    """Yield all who are told, some at a time, with person and DEMOGRAPHICS of those who have any."""
    for some in chunks(people.told, PIECE):
        found = narrowed(Demographics.objects.filter(ended_at=None).order_by(), person=some)
        yield some, Answer(found.values_list("person_id", *DEMOGRAPHICS))


def facts(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield person and facts of these demographics."""
    for person, *values in rows:
        yield person, dict(zip(DEMOGRAPHICS.values(), values, strict=True))


def demographics(people: People, rows: Iterable[tuple[Any, ...]]) -> Iterator[Draft]:
    """Yield the demographics of shared students and staff, at the schools where they are that."""
    for person, told in facts(rows):
        own = {role.school for role in people.roles.get(person, ()) if role.name not in CONTACT_ROLES}
        if own:
            yield Draft(people.sourced_ids[person], told, tuple(sorted(own)))
