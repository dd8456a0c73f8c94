"""What the search in the header finds here: applications and connections, each with its state in a word.

A number of queries that does not grow with them. When nothing bears the words that were typed, the nearest spellings of
words that names are made of take their place.
"""

import difflib
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connections import catalogue, overview, usage
from connections.models import VERSIONS, Application, Connection
from interop.admin.find import Found, Group, Hit

MOST = 20
"""So many of each kind are shown."""
KEY = 4
"""So many signs of a key are asked for, lest every connection is found by what all keys begin with."""
LIKE = 0.75
Row = TypeVar("Row", bound=Model)


def found(words: str) -> Found:
    """Return the applications and connections whose names hold all words, or whose key begins with them."""
    usage.roll_up()
    groups, instead = _groups(words), ""
    if not any(group.total for group in groups) and (instead := _nearest(words)):
        groups = _groups(instead)
    return Found(groups, instead)


def _groups(words: str) -> tuple[Group, Group]:
    now = timezone.now()
    applications = named(Application.objects.all(), words, "name")
    connections = named(Connection.objects.all(), words, "name", "application__name") | _keyed(words)
    connections = connections.select_related("application").distinct().order_by("application__name", "name", "pk")
    tiles = overview.tiles(applications[:MOST], catalogue.entries(), now)
    everything = f"{reverse('admin:applications')}?{urlencode({'q': words})}"
    return (
        Group(
            "applications", _("Applications"),
            [Hit(each.application.name, each.connections, "application", (each.application.slug,), each.state)
             for each in tiles],
            applications.count(), everything,
        ),
        Group(
            "connections", _("Connections"),
            [Hit(line.connection.name, _whose(line.connection), "connection", (line.connection.pk,), line.state)
             for line in overview.lines_of(connections[:MOST], now)],
            connections.count(), everything,
        ),
    )  # fmt: skip


def named(rows: QuerySet[Row], words: str, *names: str) -> QuerySet[Row]:
    """Keep those that hold every word in one of these names."""
    for word in words.split():
        test = Q()
        for name in names:
            test |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(test)
    return rows


def _keyed(words: str) -> QuerySet[Connection]:
    """Return the connections a key of which begins with what was typed."""
    if len(words) < KEY or " " in words:
        return Connection.objects.none()
    return Connection.objects.filter(credentials__client_id__startswith=words)


def _whose(connection: Connection) -> str:
    owner = connection.application.name if connection.application else _("Other OneRoster provisioning credentials")
    return f"{owner} · OneRoster {VERSIONS[connection.version]}, OAuth {connection.oauth}"


def _nearest(words: str) -> str:
    """Return the words spelled as names here spell them; blank when that changes nothing."""
    names = Application.objects.order_by().values_list("name").union(Connection.objects.order_by().values_list("name"))
    known = {word for (name,) in names for word in name.casefold().split()}
    said = words.casefold().split()
    meant = [next(iter(difflib.get_close_matches(word, known, 1, LIKE)), word) for word in said]
    return " ".join(meant) if meant != said else ""
