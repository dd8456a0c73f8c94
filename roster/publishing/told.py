"""What each version tells of people and of who is in which class, a piece at a time, from rows read once for all."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import TypeVar

from interop.oneroster.resource import V1P1, V1P2
from roster.publishing import classes, older, people
from roster.publishing import demographics as facts_of
from roster.publishing.classes import Structure
from roster.publishing.draft import Draft
from roster.publishing.people import People
from roster.publishing.pieces import Piece, Pieces

T = TypeVar("T")


def users(shared: People) -> Iterator[Pieces]:
    """Yield every shared person, and the students whose last enrollment of the active year has ended."""
    resources = people.resources(shared)
    for some, answer in people.rows(shared):
        rows = _once(partial(people.in_order, some, answer))
        yield {
            V1P2: Piece(len(some), _from(rows, partial(people.users, shared, resources))),
            V1P1: Piece(_most(shared, some), _from(rows, partial(older.users, shared))),
        }


def demographics(shared: People) -> Iterator[Pieces]:
    """Yield the demographics of all whose users are told, except of those who are told as family."""
    for some, rows in facts_of.rows(shared):
        yield {
            V1P2: Piece(len(rows), partial(facts_of.demographics, shared, rows)),
            V1P1: Piece(_most(shared, some), partial(older.demographics, shared, rows)),
        }


def enrollments(structure: Structure, shared: People) -> Iterator[Pieces]:
    """Yield students and teachers of shared sections."""
    for most, make in classes.seats(structure, shared.sourced_ids):
        seats = _once(make)
        yield {
            V1P2: Piece(most, _from(seats, classes.enrollments)),
            V1P1: Piece(most, _from(seats, partial(older.enrollments, shared.ids))),
        }


def _most(shared: People, some: Iterable[int]) -> int:
    """Return how many users of 1.1 these people are."""
    return sum(shared.users_in_11[person] for person in some)


def _once(make: Callable[[], Iterable[T]]) -> Callable[[], list[T]]:
    """Return what makes these values when it is asked first, and has them from then on."""
    return cache(lambda: list(make()))


def _from(rows: Callable[[], list[T]], make: Callable[[list[T]], Iterator[Draft]]) -> Callable[[], Iterator[Draft]]:
    """Return what makes drafts of these rows when it is asked."""
    return lambda: make(rows())
