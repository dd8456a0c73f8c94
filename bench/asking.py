"""What vendors ask besides whole pages: single objects, filters, orders, parts, packed answers, and what they have."""

import statistics
from urllib.parse import quote

import psycopg

from bench.installation import Installation
from bench.load import Caller
from bench.reading import BASE, Portal, spread

GZIP = "Accept-Encoding: gzip\r\n"


def values(district: Installation, kind: str, what: str = "sourced_id") -> list[str]:
    """Return some values of what is published of a kind, from all over it; `what` is SQL."""
    asked = (
        f"SELECT {what} FROM roster_record WHERE version = 12 AND object = '{kind}' AND status = 'active'"  # noqa: S608
        f" AND retired_at IS NULL AND {what} IS NOT NULL ORDER BY 1"
    )
    with psycopg.connect(district.database_url) as connection:
        found = [str(value) for (value,) in connection.execute(asked.encode())]
    return [found[place] for place in spread(len(found)) if place < len(found)]


def questions(portal: Portal, district: Installation, token: str) -> None:
    """Measure lookups and short lists at full load."""
    users, classes = values(district, "user"), values(district, "class")
    emails, names = (values(district, "user", f"find->>'{field}'") for field in ("email", "username"))
    for measure, paths, goal in (
        ("a single user", [f"/users/{each}" for each in users], ""),
        ("users, filter email=", [_filtered("users", f"email='{each}'") for each in emails], "5 ms"),
        ("users, filter username=", [_filtered("users", f"username='{each}'") for each in names], "5 ms"),
        ("a class's students", [f"/classes/{each}/students" for each in classes], ""),
        ("users?limit=100&fields=…, three of them", ["/users?limit=100&fields=sourcedId,givenName,familyName"], ""),
    ):
        found, costs = portal.rate(token, [BASE + path for path in paths])
        caller = Caller(portal.port, token)
        alone = statistics.median(caller.get(BASE + path).last for path in paths)
        portal.report.row(measure, f"{alone:.2f} ms alone, {found}", goal, processor=costs)


def lists(portal: Portal, token: str, since: str) -> None:
    """Measure the first page of filtered and sorted lists: nobody having asked for it, and after another vendor."""
    students = "roles.role='student' AND givenName!='nobody'"
    for measure, path, goal in (
        ("users, filter role=student", _filtered("users", students), "100 ms, again 5 ms"),
        ("users, filter familyName~", _filtered("users", "familyName~'an'"), ""),
        ("users, sort=familyName", "/users?limit=100&sort=familyName", ""),
        ("users, a delta of 1 %", _filtered("users", f"dateLastModified>'{since}'"), "50 ms"),
    ):
        caller = Caller(portal.port, token)
        cold = caller.get(BASE + path)
        warm = statistics.median(caller.get(BASE + path).last for _ in range(20))
        figure = f"first byte after {cold.first:.1f} ms, again {warm:.2f} ms ({cold.total:,} records)"
        portal.report.row(measure, figure, goal)


def packed_and_known(portal: Portal, token: str) -> None:
    """Measure pages as gzip, and pages the client has already, beside the same pages as they are."""
    for name, limit in (("users", 100), ("enrollments", 1000)):
        url = f"{BASE}/{name}?limit={limit}"
        paths = _pages(portal, token, url, limit)
        plain, _ = portal.rate(token, paths)
        packed, packed_costs = portal.rate(token, paths, GZIP)
        portal.report.row(
            f"{name}?limit={limit} as gzip beside plain",
            f"{packed}, {packed.megabytes:,.0f} MB/s, {packed.answers / plain.answers:.0%} of plain",
            "40 %",
            processor=packed_costs,
        )
        tag = Caller(portal.port, token).get(paths[0]).tag
        known, costs = portal.rate(token, paths[:1], f"If-None-Match: {tag}\r\n")
        portal.report.row(f"{name}?limit={limit}, known already (304)", str(known), processor=costs)


def _pages(portal: Portal, token: str, url: str, limit: int) -> list[str]:
    full = Caller(portal.port, token).get(url).total // limit or 1
    return [f"{url}&offset={page * limit}" for page in spread(full)]


def _filtered(name: str, test: str) -> str:
    return f"/{name}?limit=100&filter={quote(test)}"
