"""Who is whom in OneRoster 1.1: one user for each role of a person, under an id that is chosen once for good."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, count, islice

from django.db import connection

from roster.models import Person, RoleId
from roster.publishing.part import Narrowed, narrowed

LONGEST = 255

Names = Mapping[int, tuple[str, str]]
"""sourcedId and local id of people, by their key."""
Key = tuple[int, str]
Ids = dict[Key, str]
"""sourcedIds in 1.1 by person and role of 1.1."""
LIKELY = 2
"""Candidates that are looked up at once: hardly anybody needs another."""


def identities(wanted: Mapping[int, Sequence[str]], names: Names, *, prefixed: bool, people: Narrowed = None) -> Ids:
    """Return the 1.1 ids of people's roles (the main one first), choosing those that nobody has yet.

    Ids that are known already are read of these people, or of all.

    The main role keeps the person's sourcedId and further ones get a suffix; or, when the district prefixes ids, each
    is the role's letter and the local id. Both forms are kept apart, so going back finds the ids of then.
    """
    known = _known(prefixed=prefixed, people=people)
    if chosen := _choose(wanted, known, names, prefixed=prefixed, whole=people is None):
        _keep(chosen, prefixed=prefixed)
        known.update(chosen)
    return known


def foreseen(wanted: Mapping[int, Sequence[str]], names: Names, *, prefixed: bool) -> Ids:
    """Return the ids that `identities` would, and keep none of them."""
    known = _known(prefixed=prefixed)
    return known | _choose(wanted, known, names, prefixed=prefixed, whole=True)


def spellings(people: Collection[int]) -> list[str]:
    """Return every id in 1.1 these people ever had."""
    return list(narrowed(RoleId.objects.order_by(), person=people).values_list("sourced_id", flat=True))


def _known(*, prefixed: bool, people: Narrowed = None) -> Ids:
    rows = narrowed(RoleId.objects.filter(prefixed=prefixed).order_by(), person=people)
    return {(person, role): name for person, role, name in rows.values_list("person_id", "role", "sourced_id")}


def _choose(wanted: Mapping[int, Sequence[str]], known: Ids, names: Names, *, prefixed: bool, whole: bool) -> Ids:
    """Return ids for those that are not known yet; `known` and `names` are those of the whole district or of some."""
    missing = [(person, role) for person, roles in wanted.items() for role in roles if (person, role) not in known]
    if not missing:
        return {}
    if whole:
        return _first_free(missing, names, set(known.values()), {name for name, _ in names.values()}, prefixed=prefixed)
    likely = {name for key in missing for name in islice(_candidates(key, names, prefixed=prefixed), LIKELY)}
    chosen = _first_free(missing, names, *_given(likely, prefixed=prefixed), prefixed=prefixed)
    if likely.issuperset(chosen.values()):
        return chosen
    return _first_free(missing, names, *_given(None, prefixed=prefixed), prefixed=prefixed)


def _given(among: Narrowed, *, prefixed: bool) -> tuple[set[str], set[str]]:
    """Return which of these names, or of all there are, are somebody's id in 1.1, and which somebody's sourcedId."""
    ids = narrowed(RoleId.objects.filter(prefixed=prefixed).order_by(), sourced_id=among)
    people = narrowed(Person.objects.order_by(), sourced_id=among)
    return set(ids.values_list("sourced_id", flat=True)), set(people.values_list("sourced_id", flat=True))


def _first_free(missing: list[Key], names: Names, taken: set[str], own: set[str], *, prefixed: bool) -> Ids:
    """Return for each the first candidate that is nobody's yet: not `taken`, nor, without a prefix, one's `own`."""
    chosen: Ids = {}
    for key in missing:
        sourced_id = names[key[0]][0]
        name = next(
            name
            for name in _candidates(key, names, prefixed=prefixed)
            if name not in taken and (prefixed or name not in own or name == sourced_id)
        )
        chosen[key] = name
        taken.add(name)
    return chosen


def _candidates(key: Key, names: Names, *, prefixed: bool) -> Iterator[str]:
    """Yield the ids somebody may have in a role, the best first."""
    person, role = key
    sourced_id, local_id = names[person]
    if prefixed:
        return _spelled(f"{role[0]}{local_id or sourced_id}")
    return chain([sourced_id], _spelled(f"{sourced_id}-{role}"))


def _spelled(name: str) -> Iterator[str]:
    """Yield the name, then the name with a number, for the rare case that somebody has it."""
    yield name[:LONGEST]
    for number in count(2):
        ending = f"-{number}"
        yield name[: LONGEST - len(ending)] + ending


def _keep(chosen: Ids, *, prefixed: bool) -> None:
    copied = "COPY roster_roleid (person_id, role, prefixed, sourced_id) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        for (person, role), name in chosen.items():
            copy.write_row((person, role, prefixed, name))
