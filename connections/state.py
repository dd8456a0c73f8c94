"""How a connection is, in one word with its reason; the same for an application by the worst of its connections."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from django.db import connection as database
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.grants import stopped_or_held
from connections.guessing import PAIR_LIMIT, WINDOW
from connections.models import Approval, Connection, TokenFailure
from interop.dates import ago_words, clock, count_words, district_day, near_day_words
from interop.models import AuditEvent

SOON = dt.timedelta(days=14)
REFUSALS, ERRORS = 3, 20
"""So many refused sign-ins, or refused calls, without an answered one after them are no slip of the hand."""
QUIET = 30
"""Days of silence that are stale when no habit is known."""
HABIT = 4
"""Days with calls it takes to speak of a habit."""
REMEMBERED = 28
"""How many days before the last call tell the habit."""


class Kind(Enum):
    """The ten words, the worst first. Each has the id of its shape, its word, and the colour family."""

    EXPIRED = ("expired", gettext_lazy("Expired"), "broken")
    FAILING = ("failing", gettext_lazy("Failing"), "broken")
    HELD = ("held", gettext_lazy("Held"), "person")
    EXPIRING = ("expiring", gettext_lazy("Expiring"), "soon")
    THROTTLED = ("throttled", gettext_lazy("Slowed down"), "soon")
    STALE = ("stale", gettext_lazy("Stale"), "soon")
    PAUSED = ("paused", gettext_lazy("Paused"), "person")
    NEVER = ("never-connected", gettext_lazy("Never connected"), "off")
    HEALTHY = ("healthy", gettext_lazy("Healthy"), "good")
    DISABLED = ("disabled", gettext_lazy("Disabled"), "off")

    @property
    def shape(self) -> str:
        """Return the id of the shape, which is also the word in addresses."""
        return self.value[0]

    @property
    def word(self) -> str:
        """Return the word."""
        return str(self.value[1])

    @property
    def family(self) -> str:
        """Return the family of its colour."""
        return self.value[2]

    @property
    def rank(self) -> int:
        """Return its place, the worst first."""
        return list(Kind).index(self)


WAITS = {
    "share_demographics": gettext_lazy("Demographics wait for a second approval, asked for by %(who)s %(day)s."),
}
NEED_SOMEONE = {Kind.EXPIRED, Kind.FAILING, Kind.HELD, Kind.EXPIRING, Kind.STALE}


@dataclass(frozen=True)
class State:
    """A word and its reason, a whole sentence or two."""

    kind: Kind
    reason: str

    @property
    def needs_someone(self) -> bool:
        """Whether a person has to act."""
        return self.kind in NEED_SOMEONE


@dataclass(frozen=True)
class Use:
    """What a connection's days tell. `gap` is the longest way from one day with calls to the next, in days."""

    last_call_at: dt.datetime | None = None
    last_refusal_at: dt.datetime | None = None
    refused: int = 0
    refused_since: dt.date | None = None
    days: int = 0
    gap: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Keys:
    """What a connection's credentials tell. `ends_at` is set when all that live end, `ended_at` when all have ended."""

    made_at: dt.datetime | None = None
    used_at: dt.datetime | None = None
    live: int = 0
    ends_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    removed: bool = False


@dataclass(frozen=True)
class Facts:
    """All that the state of one connection follows from."""

    enabled: bool
    expires_at: dt.datetime | None
    keys: Keys = Keys()
    use: Use = Use()
    waits: str = ""
    disabled: str = ""
    slowed: str = ""
    paused: str = ""

    @property
    def ends_at(self) -> dt.datetime | None:
        """Return when nothing opens any more: the connection's own end or that of its last credential."""
        ends = [end for end in (self.expires_at, self.keys.ends_at or self.keys.ended_at) if end]
        return min(ends, default=None)

    @property
    def last_used_at(self) -> dt.datetime | None:
        """Return the last call, or the last sign-in when that is later."""
        return max((at for at in (self.use.last_call_at, self.keys.used_at) if at), default=None)


def state_of(facts: Facts, now: dt.datetime) -> State:
    """Return a connection's word and reason at this moment: the first that holds, the worst first."""
    if not facts.enabled:
        return State(Kind.DISABLED, facts.disabled or _("No data flows until it is enabled again."))
    return (
        _ended(facts, now)
        or (State(Kind.PAUSED, facts.paused) if facts.paused else None)
        or _failing(facts, now)
        or (State(Kind.HELD, facts.waits) if facts.waits else None)
        or _expiring(facts, now)
        or (State(Kind.THROTTLED, facts.slowed) if facts.slowed else None)
        or _stale(facts, now)
        or _quiet(facts, now)
    )


def worst(states: Iterable[State]) -> State:
    """Return the state of an application: its worst connection, disabled only when all are."""
    found = sorted(states, key=lambda state: state.kind.rank)
    return found[0] if found else State(Kind.NEVER, _("No connection yet. Generate one to share data."))


def _ended(facts: Facts, now: dt.datetime) -> State | None:
    ends = facts.ends_at
    if ends is None or ends > now:
        return None
    reason = _("Ended %s. Renew to let it in.") if facts.expires_at == ends else _("Its key ended %s. Make a new one.")
    return State(Kind.EXPIRED, reason % near_day_words(ends, now))


def _failing(facts: Facts, now: dt.datetime) -> State | None:
    use = facts.use
    if use.errors >= ERRORS:
        told = _("%s calls were refused or failed since it last got data.") % count_words(use.errors)
        return _sign_ins_failing(facts, now) or State(Kind.FAILING, told)
    return _sign_ins_failing(facts, now)


def _sign_ins_failing(facts: Facts, now: dt.datetime) -> State | None:
    use = facts.use
    if use.refused < REFUSALS or use.last_refusal_at is None or use.refused_since is None:
        return None
    if facts.last_used_at and facts.last_used_at >= use.last_refusal_at:
        return None
    said = _("Sign-in refused %(number)s times since %(since)s: wrong secret.")
    if facts.keys.removed:
        said = _("Sign-in refused %(number)s times since %(since)s: wrong or removed secret.")
    return State(Kind.FAILING, said % {"number": count_words(use.refused), "since": _since(use.refused_since, now)})


def _expiring(facts: Facts, now: dt.datetime) -> State | None:
    ends = facts.ends_at
    if ends is None or ends > now + SOON:
        return None
    days = (district_day(ends) - district_day(now)).days
    if days < 2:
        return State(Kind.EXPIRING, _("Key ends %s.") % near_day_words(ends, now))
    return State(Kind.EXPIRING, _("Key ends in %(n)d days, on %(on)s.") % {"n": days, "on": near_day_words(ends, now)})


def _stale(facts: Facts, now: dt.datetime) -> State | None:
    if facts.use.last_call_at is None:
        return None
    silent = (district_day(now) - district_day(facts.use.last_call_at)).days
    known = facts.use.days >= HABIT
    if silent <= (max(2 * facts.use.gap, 2) if known else QUIET):
        return None
    habit = _habit(facts.use.gap) if known else ""
    return State(Kind.STALE, f"{_('No call for %d days.') % silent} {habit}".strip())


def _quiet(facts: Facts, now: dt.datetime) -> State:
    """Return what is left: it calls, or it never did."""
    keys = facts.keys
    if not keys.live:
        kind = Kind.DISABLED if facts.use.last_call_at else Kind.NEVER
        return State(kind, _("It has no credentials. Generate them to let it in."))
    if facts.use.last_call_at:
        return State(Kind.HEALTHY, _("Last call %s.") % ago_words(facts.use.last_call_at, now))
    if keys.used_at:
        return State(Kind.NEVER, _("Signed in %s, but has not asked for data yet.") % ago_words(keys.used_at, now))
    made = near_day_words(keys.made_at, now) if keys.made_at else ""
    return State(Kind.NEVER, _("Credentials made %s. Not used yet.") % made)


def _habit(gap: int) -> str:
    if gap <= 1:
        return _("It usually calls every day.")
    if gap <= 4:
        return _("It usually calls on school days.")
    return _("It usually calls every week.") if gap <= 8 else _("It usually calls every few weeks.")


def _since(day: dt.date, now: dt.datetime) -> str:
    """Return the weekday within a week, else the day."""
    today = district_day(now)
    if 1 < (today - day).days < 7:
        return day.strftime("%A")
    return near_day_words(day, now)


_TOLD = """
    SELECT c.id,
           seen.last_call_at, no.at, coalesce(no.times, 0)::bigint, no.since,
           coalesce(habit.days, 0), coalesce(habit.gap, 0),
           key.made_at, key.used_at, key.live,
           CASE WHEN key.without_end = 0 THEN key.live_until END,
           CASE WHEN key.live = 0 THEN key.until END,
           key.removed > 0, coalesce(wrong.times, 0)::bigint
    FROM unnest(%(ids)s::bigint[]) AS c (id)
    LEFT JOIN LATERAL (
        SELECT d.day, d.last_call_at FROM connections_dailyuse d
        WHERE d.connection_id = c.id AND d.calls > 0 ORDER BY d.day DESC LIMIT 1
    ) seen ON true
    LEFT JOIN LATERAL (
        SELECT max(d.last_refusal_at) AS at, sum(d.refused) AS times, min(d.day) AS since
        FROM connections_dailyuse d
        WHERE d.connection_id = c.id AND d.refused > 0
          AND d.day >= coalesce(seen.day, %(today)s - %(look_back)s)
    ) no ON true
    LEFT JOIN LATERAL (
        SELECT sum(d.errors) AS times FROM connections_dailyuse d
        WHERE d.connection_id = c.id AND d.errors > 0 AND d.day > coalesce(seen.day, %(today)s - %(look_back)s)
    ) wrong ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS days, max(busy.gap) AS gap FROM (
            SELECT d.day - lag(d.day) OVER (ORDER BY d.day) AS gap FROM connections_dailyuse d
            WHERE d.connection_id = c.id AND d.calls > 0 AND d.day > seen.day - %(remembered)s
        ) busy
    ) habit ON seen.day < %(today)s - 2
    CROSS JOIN LATERAL (
        SELECT max(created_at) FILTER (WHERE kept) AS made_at,
               max(last_used_at) FILTER (WHERE kept) AS used_at,
               count(*) FILTER (WHERE lives) AS live,
               count(*) FILTER (WHERE lives AND expires_at IS NULL) AS without_end,
               max(expires_at) FILTER (WHERE lives) AS live_until,
               max(expires_at) FILTER (WHERE kept) AS until,
               count(*) FILTER (WHERE NOT kept) AS removed
        FROM (
            SELECT k.*, k.revoked_at IS NULL AS kept,
                   k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %(now)s) AS lives
            FROM connections_credential k WHERE k.connection_id = c.id
        ) k
    ) key
"""


def facts_of(connections: Iterable[Connection], now: dt.datetime) -> dict[int, Facts]:
    """Return the facts of these connections by primary key, in a fixed number of queries."""
    found = list(connections)
    told = _told([connection.pk for connection in found], now)
    waits = _waits(now)
    disabled = _disabled([connection.pk for connection in found if not connection.enabled], now)
    slowed = _slowed([connection.pk for connection in found], now)
    paused = _paused()
    return {
        connection.pk: Facts(
            connection.enabled,
            connection.expires_at,
            *told[connection.pk],
            waits.get(connection.pk, ""),
            disabled.get(connection.pk, ""),
            slowed.get(connection.pk, ""),
            _frozen(connection, now) or paused,
        )
        for connection in found
    }


def _told(ids: list[int], now: dt.datetime) -> dict[int, tuple[Keys, Use]]:
    """Return what credentials and days of each connection tell; the habit only of those silent for some days."""
    given: dict[str, Any] = {
        "ids": ids,
        "now": now,
        "today": district_day(now),
        "look_back": QUIET,
        "remembered": REMEMBERED,
    }
    with database.cursor() as cursor:
        cursor.execute(_TOLD, given)
        return {row[0]: (Keys(*row[7:13]), replace(Use(*row[1:7]), errors=row[13])) for row in cursor.fetchall()}


_SLOWED = """
    SELECT connection_id, address, max(at) FROM (
        SELECT k.connection_id, f.address, f.at, count(*) OVER (
            PARTITION BY f.client, f.address ORDER BY f.at
            RANGE BETWEEN make_interval(secs => %(window)s) PRECEDING AND CURRENT ROW
        ) AS times
        FROM connections_credential k
        JOIN connections_tokenfailure f ON f.client = sha256(convert_to(k.client_id, 'UTF8'))
        WHERE k.connection_id = ANY (%(ids)s) AND f.at > %(now)s - %(kept)s::interval
    ) refused
    WHERE times >= %(limit)s GROUP BY 1, 2
    UNION ALL
    SELECT connection_id, NULL, max(at) FROM connections_accesslog
    WHERE connection_id = ANY (%(ids)s) AND status = 429 AND at > %(now)s - %(kept)s::interval GROUP BY 1
    ORDER BY 3
"""


def _slowed(ids: list[int], now: dt.datetime) -> dict[int, str]:
    """Return who had to wait within the last hour: calls beyond the limits, or sign-ins and where they came from."""
    given: dict[str, Any] = {
        "ids": ids,
        "now": now,
        "kept": str(TokenFailure.KEPT),
        "window": WINDOW,
        "limit": PAIR_LIMIT,
    }
    often = _("It called more often than it may, last at %s, and was told to wait.")
    said = _("Too many wrong sign-ins from %(address)s, last at %(time)s: it has to wait a minute each time.")
    with database.cursor() as cursor:
        cursor.execute(_SLOWED, given)
        return {
            pk: said % {"address": address, "time": clock(at)} if address else often % clock(at)
            for pk, address, at in cursor.fetchall()
        }


def _frozen(connection: Connection, now: dt.datetime) -> str:
    """Return who froze the connection, when and why; blank when nobody did."""
    if connection.frozen_at is None:
        return ""
    said = _("Frozen by %(who)s, %(when)s.") % {
        "who": connection.frozen_by, "when": ago_words(connection.frozen_at, now),
    }  # fmt: skip
    return f"{said} {connection.frozen_why}".strip()


def _paused() -> str:
    """Return what the district has stopped for all vendors; blank for nothing."""
    stopped, held = stopped_or_held()
    if stopped:
        return _("The district has stopped the whole API.")
    return _("The district holds all vendors until scheduling is final.") if held else ""


def _waits(now: dt.datetime) -> dict[int, str]:
    """Return what waits for a second person, of all connections: that is never much."""
    rows = Approval.objects.order_by("-asked_at")
    return {
        row.connection_id: str(WAITS[row.switch]) % {"who": row.asked_by, "day": near_day_words(row.asked_at, now)}
        for row in rows
        if row.switch in WAITS
    }


def _disabled(ids: list[int], now: dt.datetime) -> dict[int, str]:
    """Return who disabled each connection and when, as the audit trail has it."""
    events = (
        AuditEvent.objects.filter(
            object_type=Connection._meta.label, object_id__in=[str(pk) for pk in ids], after__enabled=False
        )
        .order_by("at", "id")
        .values_list("object_id", "actor", "at")
    )
    return {int(pk): _("By %(who)s, %(day)s.") % {"who": who, "day": near_day_words(at, now)} for pk, who, at in events}
