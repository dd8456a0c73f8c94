"""The first vendor of an edition beside the second: what nobody asked for yet, and what another has just pulled."""

import statistics

from bench.feeding import new_address, touch
from bench.installation import Installation
from bench.load import Caller
from bench.reading import Portal, Walk, walk

LISTS, LIMIT, ROUNDS = ("users", "enrollments"), 1000, 3
FORGET = "from roster.reading.mirror import renew; renew()"


def first_and_second(portal: Portal, district: Installation) -> None:
    """Measure two vendors with the same choices who pull whole lists, page by page, one after the other.

    Before each round a new edition is published and every copy of a body beside the web server is forgotten.
    """
    vendors = [district.token(portal.port) for _ in range(2)]
    walks: dict[str, list[list[Walk]]] = {name: [[], []] for name in LISTS}
    for number in range(ROUNDS):
        touch(district, new_address(f"round-{number}@example.org"))
        district.shell(FORGET)
        for name in LISTS:
            for token, pulled in zip(vendors, walks[name], strict=True):
                pulled.append(walk(Caller(portal.port, token), name, LIMIT))
    for name, (first, second) in walks.items():
        cold, warm = (statistics.median(each.records / each.seconds for each in pulled) for pulled in (first, second))
        portal.report.row(
            f"{name}?limit={LIMIT}, all {first[0].pages} pages, the first vendor of an edition beside the second",
            f"{cold:,.0f} records/s beside {warm:,.0f}, {cold / warm:.0%}",
            "50 %",
        )
