"""What PostgreSQL does for a read follows what is asked, not how much the district has."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from connections.grants import Grant
from interop import statements
from interop.oneroster.query import parse_list
from roster.endpoints import ENDPOINTS
from roster.reading import freeze
from roster.reading.pull import read_list, read_single
from tests.reading.published import LINCOLN, grant, user

pytestmark = pytest.mark.usefixtures("district")
BY_OPERATION = {endpoint.operation: endpoint for endpoint in ENDPOINTS}


def asked(who: Grant, operation: str, raw: str = "", **names: str) -> list[int]:
    endpoint = BY_OPERATION[operation]
    return list(read_list(who, endpoint, names, parse_list(raw, endpoint.declaration, 12)).ids)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return a list that gets every scan of records in the plans of lists, in a district that has ten thousand more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO roster_record"
            " (id, version, object, sourced_id, status, modified, school, audience, digest, find)"
            " SELECT 1000000 + n, 12, 'user', 'other' || n, 'active', now(), 1000 + n % 50, '', '\\x00', '{}'"
            " FROM generate_series(1, 10000) n"
        )
        cursor.execute("ANALYZE roster_record")
    found: list[dict[str, Any]] = []

    def walk(node: dict[str, Any]) -> None:
        if node.get("Relation Name") == "roster_record":
            found.append(node)
        for part in node.get("Plans", ()):
            walk(part)

    def told(ask: Callable[[str, Sequence[Any]], Any]) -> Callable[[str, Sequence[Any]], Any]:
        def explained(sql: str, values: Sequence[Any]) -> Any:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
                walk(cursor.fetchone()[0][0]["Plan"])
            return ask(sql, values)

        return explained

    asking = SimpleNamespace(
        rows=told(statements.rows), planned_once=told(statements.planned_once), prepared=statements.prepared
    )
    monkeypatch.setattr(freeze, "statements", asking)
    return found


@pytest.mark.parametrize("schools", [None, frozenset({LINCOLN})], ids=["the district", "one school"])
def test_people_judged_by_what_is_shown_of_them_are_looked_up_not_searched_for(
    schools: frozenset[int] | None, scans: list[dict[str, Any]]
) -> None:
    user("teaches", ("teacher", "lincoln"), ("student", "washington"), schools=(1, 2))
    who = grant(schools=schools)
    assert asked(who, "getStudentsForSchool", school="lincoln")
    assert asked(who, "getAllUsers", "filter=roles.role='student'")
    assert len(scans) >= 2
    assert not [scan for scan in scans if scan["Plan Rows"] > 1000 or "Seq" in scan["Node Type"]]


def planned(part: str) -> tuple[int, int]:
    """Return how often the statements with this in their text were planned, and how often they had a plan already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(custom_plans), 0)::int, coalesce(sum(generic_plans), 0)::int"
            " FROM pg_prepared_statements WHERE strpos(statement, %s) > 0",
            [part],
        )
        found: tuple[int, int] = cursor.fetchone()
    return found


@pytest.mark.parametrize("schools", [None, frozenset({LINCOLN})], ids=["the district", "one school"])
def test_what_finds_little_is_not_planned_anew_each_time(schools: frozenset[int] | None) -> None:
    def ask(times: int) -> list[tuple[int, int]]:
        for _ in range(times):
            read_single(grant(schools=schools), BY_OPERATION["getUser"], {"sourcedId": "two"})
            asked(grant(schools=schools), "getStudentsForClass", **{"class": "c-l"})
            asked(grant(schools=schools), "getAllUsers", "filter=username='amy'")
        return [planned("(r.object, r.sourced_id) = "), planned("string_agg"), planned("unnest")]

    # PostgreSQL plans a statement five times before it decides to keep a plan
    before, after = ask(5), ask(3)
    grown = [(now[0] - then[0], now[1] - then[1]) for then, now in zip(before, after, strict=True)]
    assert grown == [(0, 6), (0, 6), (0, 0 if schools is None else 3)]
