"""All applications at a glance: one tile each, in a number of queries that does not grow with them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Min, Q, QuerySet, Sum
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.catalogue import Entry
from connections.models import Application, Connection, Credential, DailyUse
from connections.state import Facts, State, facts_of, state_of, worst
from connections.tools import Tools
from connections.tools import found as tools_of
from interop.dates import clock, count_words, district_day, near_day_words

DAYS = 14
BAR, GAP, HEIGHT = 5, 3, 20
TICK = 2


@dataclass(frozen=True)
class Bar:
    """One day of a pulse as it is drawn."""

    x: int
    y: float
    height: float
    kind: str


@dataclass(frozen=True)
class Pulse:
    """Fourteen days of calls, scaled to the busiest of them: rhythm, not size."""

    bars: tuple[Bar, ...]
    busy: int
    refused: int
    today: int = 0

    width, height = DAYS * (BAR + GAP) - GAP, HEIGHT

    @property
    def sentence(self) -> str:
        """Return what the drawing says."""
        if not self.busy and not self.refused:
            return _("No calls in the last %d days.") % DAYS
        told = _("Calls on %(busy)d of the last %(days)d days.") % {"busy": self.busy, "days": DAYS}
        return f"{told} {_('Refused on %d.') % self.refused}" if self.refused else told


@dataclass(frozen=True)
class Line:
    """One connection with its state."""

    connection: Connection
    facts: Facts
    state: State


@dataclass
class Tile:
    """One application with the worst state of its connections."""

    application: Application
    entry: Entry | None
    lines: list[Line]
    state: State
    now: dt.datetime
    pulse: Pulse = field(default_factory=lambda: pulse_of({}, dt.date.max))
    tools: Tools = field(default_factory=Tools)

    @property
    def logo(self) -> str:
        """Return the static path of its drawing; blank for one that is no partner."""
        return self.entry.logo if self.entry and self.application.partner else ""

    @property
    def all_off(self) -> bool:
        """Whether it has connections and none is enabled."""
        there = bool(self.lines or self.tools.total)
        return there and not self.tools.on and not any(line.connection.enabled for line in self.lines)

    @property
    def connections(self) -> str:
        """Return its connections in words, those of OneRoster and of learning tools."""
        tools = self.tools
        total, on = len(self.lines) + tools.total, sum(line.connection.enabled for line in self.lines) + tools.on
        if not total:
            return _("No connections yet")
        if not on:
            return ngettext("%d connection, disabled", "%d connections, disabled", total) % total
        if on < total:
            return _("%(on)d of %(total)d connections on") % {"on": on, "total": total}
        return ngettext("%d connection on", "%d connections on", total) % total

    @property
    def fact(self) -> str:
        """Return one more fact: today's records, else the last call."""
        if self.pulse.today:
            return _("%s records today") % count_words(self.pulse.today)
        last = max((line.facts.use.last_call_at for line in self.lines if line.facts.use.last_call_at), default=None)
        if not last:
            return _("No calls yet")
        today = district_day(last) == district_day(self.now)
        return _("Last call %s") % (clock(last) if today else near_day_words(last, self.now))


@dataclass(frozen=True)
class Orphan:
    """A connection of an older system whose vendor is not known."""

    line: Line
    key: str


def tiles(applications: Iterable[Application], entries: Iterable[Entry], now: dt.datetime) -> list[Tile]:
    """Return a tile for each application: those that need someone first, the worst of them first, then by name."""
    found = list(applications)
    lines = lines_of(Connection.objects.filter(application__in=[each.pk for each in found]), now)
    owned = defaultdict(list)
    for line in lines:
        owned[line.connection.application_id].append(line)
    known, tools = {entry.slug: entry for entry in entries}, tools_of(each.pk for each in found)
    made = [_tile(each, known.get(each.catalogue), owned[each.pk], tools.get(each.pk, Tools()), now) for each in found]
    return sorted(
        made,
        key=lambda tile: (tile.state.kind.rank if tile.state.needs_someone else 99, tile.application.name.casefold()),
    )


def _tile(application: Application, entry: Entry | None, lines: list[Line], tools: Tools, now: dt.datetime) -> Tile:
    state = worst([*(line.state for line in lines), *tools.states])
    return Tile(application, entry, lines, state, now, tools=tools)


def lines_of(connections: Iterable[Connection], now: dt.datetime) -> list[Line]:
    """Return each connection with its facts and state."""
    found = list(connections)
    facts = facts_of(found, now)
    return [Line(each, facts[each.pk], state_of(facts[each.pk], now)) for each in found]


def matching(words: str) -> QuerySet[Connection]:
    """Return the connections whose name holds the words or one of whose keys begins with them."""
    return Connection.objects.filter(Q(name__icontains=words) | Q(credentials__client_id__startswith=words.strip()))


def orphans(connections: QuerySet[Connection], now: dt.datetime) -> list[Orphan]:
    """Return those of the connections that have no application, each with the beginning of its key."""
    lines = lines_of(connections.filter(application=None).order_by("name", "id"), now)
    ids = [line.connection.pk for line in lines]
    keys = dict(
        Credential.objects.filter(connection__in=ids)
        .values("connection_id")
        .values_list("connection_id", Min("client_id"))
    )
    return [Orphan(line, keys.get(line.connection.pk, "")[:12]) for line in lines]


def give_pulses(shown: Sequence[Tile], now: dt.datetime) -> None:
    """Read the last fourteen days of the tiles that are shown, by one query."""
    today = district_day(now)
    rows = (
        DailyUse.objects.filter(
            connection__application__in=[tile.application.pk for tile in shown], day__gt=today - dt.timedelta(days=DAYS)
        )
        .values_list("connection__application", "day")
        .annotate(Sum("calls"), Sum("refused"), Sum("records"))
    )
    days: dict[int, dict[dt.date, tuple[int, int, int]]] = defaultdict(dict)
    for pk, day, *numbers in rows:
        days[pk][day] = (numbers[0], numbers[1], numbers[2])
    for tile in shown:
        tile.pulse = pulse_of(days[tile.application.pk], today)


def pulse_of(days: dict[dt.date, tuple[int, int, int]], today: dt.date) -> Pulse:
    """Return the drawing of the days up to today; each day is (calls, refused, records)."""
    most = max((calls for calls, _refused, _records in days.values()), default=0)
    bars = []
    for place in range(DAYS):
        calls, refused, _records = days.get(today - dt.timedelta(days=DAYS - 1 - place), (0, 0, 0))
        height = max(round(calls / most * HEIGHT, 1), TICK) if calls else TICK
        kind = "calls" if calls else "refused" if refused else "none"
        bars.append(Bar(place * (BAR + GAP), round(HEIGHT - height, 1), height, kind))
    return Pulse(
        tuple(bars),
        busy=sum(1 for calls, _refused, _records in days.values() if calls),
        refused=sum(1 for _calls, refused, _records in days.values() if refused),
        today=days.get(today, (0, 0, 0))[2],
    )


def opening(shown: Sequence[Tile]) -> tuple[str, str]:
    """Return the sentence that holds the answer, and the part of it that matters."""
    need = sum(tile.state.needs_someone for tile in shown)
    total = ngettext(
        "%s application is set up in this district.", "%s applications are set up in this district.", len(shown)
    ) % count_words(len(shown))
    if not need:
        return total, _("Nobody is needed.")
    return total, capfirst(ngettext("%s needs someone.", "%s need someone.", need) % _in_words(need))


def _in_words(number: int) -> str:
    words = (_("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine"))
    return words[number - 1] if number <= len(words) else count_words(number)
