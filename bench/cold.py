"""The first vendor of an edition beside the second: what nobody asked for yet, and what another has just pulled."""

import dataclasses

from bench.installation import Installation
from bench.load import Caller
from bench.reading import Portal, walk

LISTS, LIMIT = ("users", "enrollments"), 1000


def first_and_second(portal: Portal, district: Installation) -> None:
    """Measure two vendors with the same choices who pull whole lists, page by page, one after the other.

    Before them every record is published anew, because the portal has another address.
    """
    vendors = [district.token(portal.port) for _ in range(2)]
    for token in vendors:  # they have pulled the edition before
        for name in LISTS:
            walk(Caller(portal.port, token), name, LIMIT)
    moved = dataclasses.replace(district, environment=district.environment | {"PUBLIC_URL": "http://localhost:8001"})
    moved.manage("refresh_cache", "--yes")
    for name in LISTS:
        first, second = (walk(Caller(portal.port, token), name, LIMIT) for token in vendors)
        cold, warm = (each.records / each.seconds for each in (first, second))
        portal.report.row(
            f"{name}?limit={LIMIT}, all {first.pages} pages, the first vendor of an edition beside the second",
            f"{cold:,.0f} records/s beside {warm:,.0f}, {cold / warm:.0%}",
            "50 %",
        )
