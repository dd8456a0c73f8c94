"""Records found by what people type: a word anywhere in their text, or nearly as it is spelled there.

A path with a link (`person__email`) is looked for in the table it leads to, by that table's own index: one condition
over several tables at once would read all of them.
"""

import functools
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from django.contrib.postgres.lookups import TrigramWordSimilar
from django.db import connection
from django.db.models import Expression, Model, Q, QuerySet
from django.db.models.functions import Upper
from django.db.models.lookups import IContains

from roster.models.base import SearchText

SHORTEST = 3
"""Words of fewer signs are in no index; they are compared row by row, and so often found that few rows are read."""
_Test = Callable[[SearchText], Expression]
_Rows: TypeAlias = "QuerySet[Model, dict[str, int]]"


def bearing(model: type[Model], paths: Sequence[str], word: str) -> Q:
    """Return the condition that one of the paths holds the word, capitals aside."""
    if len(word) < SHORTEST:
        return functools.reduce(operator.or_, (Q(**{f"{path}__icontains": word}) for path in paths))
    return _either(_found(model, paths, lambda text: IContains(text, word)))


def like(model: type[Model], paths: Sequence[str], words: Iterable[str]) -> Q:
    """Return the condition that one of the words is spelled nearly like something in one of the paths.

    How nearly is the transaction's own `set_likeness`.
    """
    found = [_found(model, paths, functools.partial(_near, word)) for word in words]
    return _either([rows for each in found for rows in each])


def set_likeness(likeness: float) -> None:
    """Say how like a word must be, from 0 to 1, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(likeness)])


def _near(word: str, text: SearchText) -> Expression:
    return TrigramWordSimilar(Upper(text), word)


def _either(found: Sequence[_Rows]) -> Q:
    """Return the condition that a row is among some that were found."""
    return Q(pk__in=found[0].union(*found[1:], all=True) if len(found) > 1 else found[0])


def _found(model: type[Model], paths: Sequence[str], test: _Test) -> list[_Rows]:
    """Return the numbers of the rows whose text fits, for each of the tables it lies in."""
    of_table: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        link, _, field = path.rpartition("__")
        of_table[link].append(field)
    found = []
    for link, fields in of_table.items():
        owner = _owner(model, link)
        rows = owner._default_manager.order_by().filter(test(SearchText(*fields))).values("pk")
        if link:  # distinct, so that the database finds those first, and does not look at each when it is met
            rows = model._default_manager.order_by().filter(**{f"{link}__in": rows.distinct()}).values("pk")
        found.append(rows)
    return found


def _owner(model: type[Model], link: str) -> type[Model]:
    for step in link.split("__") if link else ():
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    return model
